//! A server that a test may kill.

use std::process::Command;

use serde_json::Value;
use testbed::{Ran, Running, TestHome, eventually, process, ran};

use crate::bench::LIMIT;

/// A local server of its own, with the tables of setup.
pub struct OwnServer(TestHome);

impl OwnServer {
    pub fn after_setup() -> Self {
        let server = Self(TestHome::new());
        let _ = ran(&mut server.process("setup")).ok();
        server
    }

    /// A command of ours that will work on this server.
    pub fn process(&self, name: &str) -> Command {
        let mut command = process(name);
        command.env("PARTITION_LAB_HOME", self.0.path().join("home"));
        command
    }

    /// Starts it (again) and waits until it takes connections.
    pub fn start(&self) {
        let _ = ran(self.process("server").arg("start")).ok();
    }

    /// Kills it, as the loss of power would end it.
    pub fn kill(&self) {
        let file = self.0.path().join("home/data/postmaster.pid");
        let pid = std::fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
        let signal = |signal: &str| {
            let mut kill = Command::new("sh");
            kill.args(["-c", &format!("kill -{signal} {pid} 2>/dev/null")]).status().unwrap()
        };
        assert!(signal("KILL").success(), "{pid} did not run");
        eventually(LIMIT, "the postmaster is gone", || !signal("0").success());
    }

    /// Runs statements by psql, each a transaction; what they print.
    pub fn sql(&self, statements: &[&str]) -> String {
        let mut psql = self.process("server");
        psql.args(["psql", "--", "-qAt"]);
        for statement in statements {
            psql.args(["-c", statement]);
        }
        ran(&mut psql).ok().out.trim().to_owned()
    }

    /// Starts `load` with these arguments and `--format json`.
    pub fn loading(&self, arguments: &[&str]) -> Running {
        Running::start(self.process("load").args(arguments).args(["--format", "json"]))
    }

    /// A number.
    pub fn number(&self, sql: &str) -> i64 {
        self.sql(&[sql]).parse().unwrap()
    }

    /// Waits until so many connections of `load` insert.
    pub fn all_insert(&self, connections: i64) {
        let inserting = "SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'partition-lab load'
                AND (query LIKE 'INSERT%' OR query LIKE 'COPY%')";
        eventually(LIMIT, "all insert", || self.number(inserting) == connections);
    }

    /// Waits until another `rows` rows of events have come.
    pub fn events_come(&self, rows: i64) {
        let count = || self.number("SELECT count(*) FROM event_logs");
        let before = count();
        eventually(LIMIT, "events come", || count() >= before + rows);
    }
}

/// What a finished load says of itself, which must be true: every acknowledged row is there.
pub fn verified(ran: &Ran) -> Value {
    let document = ran.document();
    let verified = document["verify"].as_array().unwrap();
    assert_eq!(verified.len(), 4, "{document:#}");
    for table in verified {
        assert_eq!((&table["missing"], &table["invented"]), (&0.into(), &0.into()), "{ran:#?}");
    }
    document
}
