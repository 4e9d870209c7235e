//! What the specification says of the partitions: an independent account of what should be there.

use std::collections::BTreeMap;

use serde_json::Value;
use testbed::Database;

/// The scenarios in the order of their scripts.
pub const SCENARIOS: [&str; 5] = ["add", "split", "detach", "migrate", "cleanup"];

/// What has been done since setup or the last cleanup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the four are independent of each other")]
pub struct State {
    pub april: bool,
    pub weeks: bool,
    pub archive: bool,
    pub by_date: bool,
}

impl State {
    /// Carries a scenario out, and says what its status must be.
    pub fn run(&mut self, scenario: &str) -> &'static str {
        let before = *self;
        match scenario {
            "add" => self.april = true,
            "split" => self.weeks = true,
            "detach" => self.archive = true,
            "migrate" => self.by_date = true,
            "cleanup" => *self = Self::default(),
            other => panic!("{other} is no scenario"),
        }
        if *self == before { "already" } else { "done" }
    }

    /// Leaves of `event_logs` with their bounds, by name.
    pub fn events(self) -> BTreeMap<String, String> {
        let mut leaves = BTreeMap::from([("event_logs_default".to_owned(), "DEFAULT".to_owned())]);
        let mut range = |name: &str, from: &str, to: &str| {
            let bounds = format!("FOR VALUES FROM ('{from} 00:00:00') TO ('{to} 00:00:00')");
            leaves.insert(format!("event_logs_2024_{name}"), bounds);
        };
        if !self.archive {
            range("01", "2024-01-01", "2024-02-01");
        }
        if self.weeks {
            range("02_week1", "2024-02-01", "2024-02-08");
            range("02_week2", "2024-02-08", "2024-02-15");
            range("02_week3", "2024-02-15", "2024-02-22");
            range("02_week4", "2024-02-22", "2024-03-01");
        } else {
            range("02", "2024-02-01", "2024-03-01");
        }
        range("03", "2024-03-01", "2024-04-01");
        if self.april {
            range("04", "2024-04-01", "2024-05-01");
        }
        leaves
    }

    /// The partition for an event of that month and day of 2024.
    pub fn home_of(self, month: u8, day: u8) -> String {
        let leaf = match (month, day) {
            (1, _) if !self.archive => "2024_01",
            (2, 1..=7) if self.weeks => "2024_02_week1",
            (2, 8..=14) if self.weeks => "2024_02_week2",
            (2, 15..=21) if self.weeks => "2024_02_week3",
            (2, _) if self.weeks => "2024_02_week4",
            (2, _) => "2024_02",
            (3, _) => "2024_03",
            (4, _) if self.april => "2024_04",
            _ => "default",
        };
        format!("event_logs_{leaf}")
    }

    /// Asserts that the catalog shows this state, and nothing else that a scenario could leave.
    pub fn assert_in(self, database: &Database) {
        assert_eq!(leaves(database, "event_logs"), self.events(), "{self:?}");
        let quarters = if self.by_date { quarters() } else { BTreeMap::new() };
        assert_eq!(leaves(database, "users_by_date"), quarters, "{self:?}");
        let mut tables: Vec<String> =
            self.events().into_keys().chain(quarters.into_keys()).collect();
        tables.extend(["event_logs".to_owned(), "event_logs_old".to_owned()]);
        tables.extend(self.archive.then(|| "event_logs_archive".to_owned()));
        tables.extend(self.by_date.then(|| "users_by_date".to_owned()));
        tables.sort();
        let found = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p')
            AND relname ~ '^(event_logs|users_by_date)' ORDER BY relname COLLATE \"C\"";
        assert_eq!(database.texts(found), tables, "{self:?}");
        let unmarked = "SELECT relname::text FROM pg_class
            WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
              AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'Partition Lab: %'";
        assert_eq!(database.texts(unmarked), [""; 0], "tables without our comment");
        let broken = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid";
        assert_eq!(database.texts(broken), [""; 0], "an index lacks a partition's part");
    }
}

/// `users_by_date`: the eight quarters of two years, and DEFAULT.
fn quarters() -> BTreeMap<String, String> {
    let starts = ["2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01", "2024-01-01"];
    let starts = starts.into_iter().chain(["2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01"]);
    let starts: Vec<&str> = starts.collect();
    let mut leaves = BTreeMap::from([("users_by_date_default".to_owned(), "DEFAULT".to_owned())]);
    for (n, pair) in starts.windows(2).enumerate() {
        let name = format!("users_by_date_{}_q{}", 2023 + n / 4, 1 + n % 4);
        leaves.insert(name, format!("FOR VALUES FROM ('{}') TO ('{}')", pair[0], pair[1]));
    }
    leaves
}

/// Leaves of `table` with their bounds, from the catalog; none when it does not exist.
fn leaves(database: &Database, table: &str) -> BTreeMap<String, String> {
    let sql = format!(
        "SELECT relid::regclass || '=' || pg_get_expr(relpartbound, relid)
         FROM pg_partition_tree(to_regclass('{table}')) JOIN pg_class ON pg_class.oid = relid
         WHERE isleaf"
    );
    let pairs = database.texts(&sql);
    let pair = |text: &String| text.split_once('=').map(|(n, b)| (n.to_owned(), b.to_owned()));
    pairs.iter().filter_map(pair).collect()
}

/// Asserts that a document has the fields, that its parts add up, and that it agrees with
/// what is in the database now.
pub fn assert_document(document: &Value, scenario: &str, status: &str, database: &Database) {
    let fields: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted =
        ["after", "before", "elapsed_ms", "rows_after", "rows_before", "scenario", "status"];
    assert_eq!(fields, wanted);
    assert_eq!((&document["scenario"], &document["status"]), (&scenario.into(), &status.into()));
    assert!(document["elapsed_ms"].as_f64().unwrap() > 0.0);
    for side in ["before", "after"] {
        let rows: u64 =
            listed(document, side).iter().map(|row| row["rows"].as_u64().unwrap()).sum();
        assert_eq!(document[format!("rows_{side}")], rows, "{side} of {document:#}");
    }
    if status == "done" {
        assert_eq!(document["rows_before"], document["rows_after"], "{document:#}");
    }
    for row in listed(document, "after") {
        let name = row["partition"].as_str().unwrap();
        let bounds = row["bounds"].as_str().unwrap_or("");
        let found = "coalesce(pg_get_expr(relpartbound, oid), '')";
        let sql = format!("SELECT {found} FROM pg_class WHERE oid = '{name}'::regclass");
        assert_eq!(database.text(&sql), bounds);
        let rows = database.count(&format!("SELECT count(*) FROM ONLY {name}"));
        assert_eq!(row["rows"], rows, "{name}");
    }
}

fn listed<'a>(document: &'a Value, side: &str) -> &'a Vec<Value> {
    document[side].as_array().unwrap()
}
