//! A server that a test may stop.

use std::process::Command;

use testbed::{TestHome, eventually, process, ran};
use tokio_postgres::Config;

use crate::fire::LIMIT;

/// A local server of its own.
pub struct OwnServer(TestHome);

impl OwnServer {
    pub fn start_new() -> Self {
        let server = Self(TestHome::new());
        server.start();
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

    /// For connections of the test's own.
    pub fn config(&self) -> Config {
        let url = ran(self.process("server").arg("url")).ok().out;
        url.trim().parse().expect("a URL")
    }

    /// Stops it as `pg_ctl stop -m immediate` does: SIGQUIT, without a checkpoint.
    pub fn stop_immediately(&self) {
        let file = self.0.path().join("home/data/postmaster.pid");
        let pid = std::fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
        let signal = |signal: &str| {
            let mut kill = Command::new("sh");
            kill.args(["-c", &format!("kill -{signal} {pid} 2>/dev/null")]).status().unwrap()
        };
        assert!(signal("QUIT").success(), "{pid} did not run");
        eventually(LIMIT, "the postmaster is gone", || !signal("0").success());
    }
}
