//! Databases that setup has filled, the command on them, and what it must agree with.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use testbed::{Database, Ran, Running, eventually, ran};

/// The tables of the mix.
pub const TABLES: [&str; 4] = ["event_logs", "orders_by_region", "sales_data", "users_distributed"];

/// Makes every insert wait until `COMMIT`.
pub const LOCK_ALL: &str =
    "BEGIN; LOCK TABLE event_logs, users_distributed, orders_by_region, sales_data IN SHARE MODE";

/// Long enough for anything to begin on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A database that setup has filled: a copy of one.
pub fn after_setup() -> Database {
    static MADE: OnceLock<Database> = OnceLock::new();
    MADE.get_or_init(|| made(&[])).copy()
}

/// The same before partitioning.
pub fn after_base() -> Database {
    static MADE: OnceLock<Database> = OnceLock::new();
    MADE.get_or_init(|| made(&["--until", "base"])).copy()
}

fn made(arguments: &[&str]) -> Database {
    let database = testbed::server().database();
    let _ = ran(database.process("setup").args(arguments)).ok();
    database
}

/// `load` on `database` with these arguments and `--format json`.
pub fn load(database: &Database, arguments: &[&str]) -> Command {
    let mut command = database.process("load");
    command.args(arguments).args(["--format", "json"]);
    command
}

/// Rows by leaf of the four tables.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows(BTreeMap<String, (String, i64)>);

impl Rows {
    pub fn count(database: &Database) -> Self {
        let mut rows = BTreeMap::new();
        for table in TABLES {
            let leaves = format!(
                "SELECT relid::regclass::text FROM pg_partition_tree('{table}') WHERE isleaf
                 UNION SELECT relname FROM pg_class WHERE oid = '{table}'::regclass AND relkind = 'r'"
            );
            for leaf in database.texts(&leaves) {
                let count = database.count(&format!("SELECT count(*) FROM {leaf}"));
                rows.insert(leaf, (table.to_owned(), count));
            }
        }
        Self(rows)
    }

    /// Asserts that the document counts exactly the rows that have come since.
    pub fn assert_grown_by(&self, document: &Value, database: &Database) {
        let now = Self::count(database);
        let mut tables: BTreeMap<&str, i64> = TABLES.into_iter().map(|table| (table, 0)).collect();
        let mut partitions = BTreeMap::new();
        for (leaf, (table, rows)) in &now.0 {
            let more = rows - self.0[leaf].1;
            partitions.insert(leaf.as_str(), more);
            *tables.get_mut(table.as_str()).unwrap() += more;
        }
        // Those that the mix left out have got nothing, and nothing is said of them.
        let named = document["tables"].as_object().unwrap();
        tables.retain(|table, more| named.contains_key(*table) || *more > 0);
        partitions.retain(|leaf, more| named.contains_key(&now.0[*leaf].0) || *more > 0);
        assert_eq!(numbers(&document["partitions"]), partitions, "{document:#}");
        assert_eq!(numbers(&document["tables"]), tables, "{document:#}");
        assert_eq!(document["inserted"], tables.values().sum::<i64>(), "{document:#}");
    }
}

fn numbers(object: &Value) -> BTreeMap<&str, i64> {
    let object = object.as_object().unwrap().iter();
    object.map(|(name, number)| (name.as_str(), number.as_i64().unwrap())).collect()
}

/// Starts `load` and waits until it has inserted at least `rows` rows.
pub fn loading(database: &Database, arguments: &[&str], rows: i64) -> Running {
    let before = total(database);
    let running = Running::start(&mut load(database, arguments));
    eventually(LIMIT, "rows arrive", || total(database) >= before + rows);
    running
}

/// Rows of all four tables.
pub fn total(database: &Database) -> i64 {
    let counts = TABLES.map(|table| format!("(SELECT count(*) FROM {table})"));
    database.count(&format!("SELECT {}", counts.join(" + ")))
}

/// Interrupts it and asserts that it ended gracefully.
pub fn interrupted(running: Running) -> Ran {
    running.interrupt();
    running.finish().exited(130).says(&["interrupted", "are in the tables"])
}
