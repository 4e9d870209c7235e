//! Databases, and the command on them.

use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use testbed::{Database, Ran, ran};

/// The four tables with their rows at scale 1 and the leaves that each gets.
pub const TABLES: [(&str, u64, u64); 4] = [
    ("event_logs", 500, 4),
    ("users_distributed", 200, 4),
    ("orders_by_region", 300, 4),
    ("sales_data", 400, 7),
];

/// `setup` on `database` with these arguments.
pub fn setup(database: &Database, arguments: &[&str]) -> Command {
    let mut command = database.process("setup");
    command.args(arguments);
    command
}

/// Runs it with `--format json`.
pub fn json(database: &Database, arguments: &[&str]) -> Ran {
    ran(setup(database, arguments).args(["--format", "json"]))
}

/// A database that setup has filled: a copy of one.
pub fn after_setup() -> Database {
    static MADE: OnceLock<Database> = OnceLock::new();
    MADE.get_or_init(|| made(&[])).copy()
}

/// A database that `setup --until base` has filled: a copy of one.
pub fn after_base() -> Database {
    static MADE: OnceLock<Database> = OnceLock::new();
    MADE.get_or_init(|| made(&["--until", "base"])).copy()
}

fn made(arguments: &[&str]) -> Database {
    let database = testbed::server().database();
    let _ = ran(&mut setup(&database, arguments)).ok();
    database
}

/// Asserts that a document shows all four tables partitioned, with `scale` times the rows.
pub fn assert_complete(document: &Value, scale: u64) {
    let tables = document["tables"].as_array().unwrap();
    let strategies = ["range", "hash", "list", "composite"];
    assert_eq!(tables.len(), TABLES.len());
    for ((found, (table, rows, leaves)), strategy) in tables.iter().zip(TABLES).zip(strategies) {
        assert_eq!(found["table"], table);
        assert_eq!(found["strategy"], strategy, "{table}");
        assert_eq!(found["partitions"], leaves, "{table}");
        assert_eq!(found["rows_old"], rows * scale, "{table}");
        assert_eq!(found["rows_new"], rows * scale, "{table}");
        assert_eq!(found["match"], true, "{table}");
        assert!(found["bytes"].as_u64().unwrap() > 0, "{table}");
    }
}
