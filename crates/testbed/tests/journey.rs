//! The whole sequence that the system was asked for, on a local server that nobody had made.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

use std::process::Command;

use serde_json::Value;
use testbed::{TestHome, process, ran};

const SCENARIOS: [&str; 5] = ["add", "split", "detach", "migrate", "cleanup"];

/// The commands of one home.
struct Lab(TestHome);

impl Lab {
    fn command(&self, line: &str) -> Command {
        let mut words = line.split_whitespace();
        let mut command = process(words.next().unwrap());
        command.args(words).env("PARTITION_LAB_HOME", self.0.path().join("home"));
        command
    }

    /// Runs a command that must succeed, and say nothing else than its document.
    fn run(&self, line: &str) -> Value {
        let ran = ran(self.command(line).args(["--format", "json"])).ok();
        // A load tells each second how it goes.
        let said =
            ran.err.lines().filter(|said| !(line.starts_with("load") && said.contains("p99")));
        assert_eq!(said.collect::<Vec<_>>(), [""; 0], "{line}");
        ran.document()
    }

    /// Rows of each of the four tables, as a second setup counts them.
    fn rows(&self) -> Vec<(String, u64)> {
        let document = self.run("setup");
        let row = |table: &Value| {
            (table["table"].as_str().unwrap().to_owned(), table["rows_new"].as_u64().unwrap())
        };
        document["tables"].as_array().unwrap().iter().map(row).collect()
    }
}

#[test]
fn setup_load_demo_repartition_all_load_demo() {
    let lab = Lab(TestHome::new());
    let setup = lab.run("setup");
    assert_eq!(setup["server"]["kind"], "local");
    assert!(setup["tables"].as_array().unwrap().iter().all(|table| table["match"] == true));

    for turn in 0..2 {
        let before = lab.rows();
        let load = lab.run("load 10 2");
        assert_eq!(load["failed"], 0);
        for ((table, now), (_, then)) in lab.rows().iter().zip(&before) {
            let inserted = load["tables"][table].as_u64().unwrap();
            assert!(inserted > 0, "{load:#}");
            assert_eq!(*now, then + inserted, "{table}");
        }
        let demo = lab.run("demo");
        assert_eq!(demo["ok"], true);
        let lessons = demo["lessons"].as_array().unwrap();
        for (topic, at_least) in
            [("range", 5), ("hash", 5), ("list", 5), ("composite", 5), ("traps", 8)]
                .into_iter()
                .chain(["joins", "prepared", "indexes", "dml"].map(|topic| (topic, 4)))
        {
            let of_topic = lessons.iter().filter(|lesson| lesson["topic"] == topic).count();
            assert!(of_topic >= at_least, "{topic}: {of_topic} lessons");
        }
        if turn == 0 {
            let before = lab.rows();
            let all = lab.run("repartition all");
            assert_eq!((&all["status"], &all["rows_before"]), (&"done".into(), &all["rows_after"]));
            let steps = all["steps"].as_array().unwrap();
            let done: Vec<_> =
                steps.iter().map(|step| (&step["scenario"], &step["status"])).collect();
            assert_eq!(
                done,
                SCENARIOS.map(Value::from).each_ref().map(|name| (name, &all["status"]))
            );
            assert_eq!(lab.rows(), before);
        }
    }
}
