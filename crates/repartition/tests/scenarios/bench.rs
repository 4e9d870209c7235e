//! Databases that setup has filled, and the command on them.

use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use testbed::{Database, Ran, ran};

/// A database as `setup` leaves it: a copy, since setting up each would take most of the time.
pub fn after_setup() -> Database {
    static MADE: OnceLock<Database> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let database = testbed::server().database();
        let _ = ran(&mut database.process("setup")).ok();
        database
    });
    made.copy()
}

/// `repartition` on `database` with these arguments.
pub fn repartition(database: &Database, arguments: &[&str]) -> Command {
    let mut command = database.process("repartition");
    command.args(arguments);
    command
}

/// Runs a scenario that must succeed; returns its document.
pub fn run(database: &Database, scenario: &str) -> Value {
    json(database, &[scenario]).ok().document()
}

/// Runs it with `--format json`.
pub fn json(database: &Database, arguments: &[&str]) -> Ran {
    ran(repartition(database, arguments).args(["--format", "json"]))
}

/// The document's status.
pub fn status(document: &Value) -> &str {
    document["status"].as_str().unwrap()
}

/// A digest of every event, wherever it is: in the table or in the archive.
pub fn events(database: &Database) -> String {
    const COLUMNS: &str = "id, event_type, user_id, event_data, ip_address, created_at";
    let archive = "SELECT to_regclass('event_logs_archive') IS NOT NULL AS there";
    let mut rows = format!("SELECT {COLUMNS} FROM event_logs");
    if database.text(&format!("SELECT there::text FROM ({archive}) AS archive")) == "true" {
        rows = format!("{rows} UNION ALL SELECT {COLUMNS} FROM event_logs_archive");
    }
    digest(database, &rows)
}

/// A digest of every user in `table`.
pub fn users(database: &Database, table: &str) -> String {
    const COLUMNS: &str = "id, username, email, country_code, registration_date, status";
    digest(database, &format!("SELECT {COLUMNS} FROM {table}"))
}

/// How many rows, and a hash over all of them in order.
fn digest(database: &Database, rows: &str) -> String {
    let sql = "SELECT count(*) || ' ' || md5(string_agg(r::text, E'\\n' ORDER BY r::text))";
    database.text(&format!("{sql} FROM ({rows}) AS r"))
}
