//! Commands started at once.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::thread;

use crate::bench::{Bench, is_root, pid};

/// Each in a thread and a runtime of its own: the lock is one of open files, so that threads stand
/// to each other as processes do.
fn four_commands_make_one_server(bench: &Bench) {
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let server = bench.server.clone();
            thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let attached = runtime.block_on(server.attach_or_start(None)).unwrap();
                (attached.created, attached.started, pid(&attached.data))
            })
        })
        .collect();
    let seen: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    assert_eq!(seen.iter().filter(|(created, ..)| *created).count(), 1, "{seen:?}");
    assert_eq!(seen.iter().filter(|(_, started, _)| *started).count(), 1, "{seen:?}");
    assert!(seen.iter().all(|(.., pid)| *pid == seen[0].2), "{seen:?}");
}

#[test]
fn four_commands_at_once_make_one_server() {
    four_commands_make_one_server(&Bench::new());
}

#[test]
fn four_commands_at_once_agree_on_a_substitute() {
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let bench = Bench::at("closed/home");
    DirBuilder::new().mode(0o700).create(bench.home.parent().unwrap()).unwrap();
    four_commands_make_one_server(&bench);
    assert!(bench.home.join("moved-to").is_file());
}

/// Within one thread, a task that waits for the lock must let the one that holds it go on.
#[tokio::test]
async fn two_tasks_of_one_thread_do_not_block_each_other() {
    let bench = Bench::new();
    let (one, other) =
        tokio::join!(bench.server.attach_or_start(None), bench.server.attach_or_start(None));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.created != other.created, "{} and {}", one.created, other.created);
}

#[tokio::test]
async fn a_start_waits_for_a_destroy_and_then_makes_a_new_server() {
    let (bench, _) = Bench::running().await;
    let (destroyed, started) =
        tokio::join!(bench.server.destroy(), bench.server.attach_or_start(None));
    assert!(!destroyed.unwrap().removed.is_empty());
    // It attached before, or made a new one afterwards: never something in between.
    if started.unwrap().created {
        assert!(bench.server.attach().await.unwrap().is_some());
    }
}
