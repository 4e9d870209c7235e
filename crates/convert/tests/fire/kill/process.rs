//! The command itself, killed by SIGKILL after each line that it prints.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use testbed::{process, ran, server};

use super::kills;
use crate::equal::assert_equal;
use crate::fire::Fire;
use crate::table::Table;

/// Runs `command` and kills it as soon as it has printed `lines` lines. `None` when it was killed,
/// else what it printed; it must have succeeded then.
pub async fn killed_after(mut command: Command, lines: usize) -> Option<Vec<String>> {
    let (done, ended) = tokio::sync::oneshot::channel();
    thread::spawn(move || {
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = started.spawn().unwrap();
        let (lines_of, printed) = channel();
        forward(child.stdout.take().unwrap(), lines_of.clone());
        forward(child.stderr.take().unwrap(), lines_of);
        let mut seen = Vec::new();
        while seen.len() < lines {
            match printed.recv() {
                Ok(line) => seen.push(line),
                Err(_) => break,
            }
        }
        let _ = done.send(if seen.len() < lines {
            let status = child.wait().unwrap();
            assert!(status.success(), "{status}: {seen:#?}");
            Some(seen)
        } else {
            kill(&mut child);
            None
        });
    });
    ended.await.expect("the command failed: see above")
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            let Ok(line) = line else { return };
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

#[tokio::test]
async fn the_command_killed_after_each_line_goes_on_the_next_time() {
    let mut left = kills(6);
    let mut seed = 3000;
    while left > 0 {
        seed += 1;
        let table = Table::invent(seed);
        // What a person would type.
        if !["t", "orders"].contains(&&*table.name.name) {
            continue;
        }
        let done = campaign(&table).await;
        println!("seed {seed}: {done} kills");
        left = left.saturating_sub(done);
    }
}

/// A conversion there and back by the command; how often it was killed.
async fn campaign(table: &Arc<Table>) -> usize {
    let database = server().database();
    database.batch(&table.script());
    let server = database.config();
    let fire = Fire::open(server, table).await;
    let mut done = 0;
    let command = |verb: &str| {
        let mut command = process("convert");
        command.env("DATABASE_URL", database.url()).args(table.arguments(verb));
        command
    };
    for verb in ["run", "swap", "rollback"] {
        let mut lines = 1;
        while killed_after(command(verb), lines).await.is_none() {
            done += 1;
            lines += 1;
            fire.commits(3).await;
        }
        assert_equal(server, table, &format!("after {verb}")).await;
        let status = ran(command("status").args(["--format", "json"])).ok();
        assert!(status.out.contains(&table.name.name), "{status:#?}");
    }
    fire.cease(server).await;
    done
}
