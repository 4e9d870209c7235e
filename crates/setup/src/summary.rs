//! What stands in the database after setup: a row a table.

use std::time::Duration;

use lab::catalog::{self, Name, RowCount, Tree};
use lab::connect::{Server, Session};
use lab::report::{self, Align, Table};
use lab::{Context, Result};
use serde::Serialize;

use crate::steps::{CHAT_TABLES, TABLES};

/// All four tables, and those of the chat where they were asked for.
pub struct Summary(Vec<State>);

/// One table, as programs read it.
#[derive(Debug, Serialize)]
struct State {
    table: &'static str,
    /// `range`, `hash`, `list`, `composite` (two levels); null before partitioning.
    strategy: Option<String>,
    /// For people: each level's key.
    #[serde(skip)]
    keys: String,
    /// Leaves.
    partitions: usize,
    /// Rows of the table that was not partitioned; null when it is gone.
    rows_old: Option<u64>,
    /// Rows of the partitioned table; null before partitioning.
    rows_new: Option<u64>,
    /// On disk, with indexes and TOAST.
    bytes: u64,
    /// Whether every row of the old table is in the new one; null before partitioning, and for the
    /// chat's tables, whose conversion compares for itself.
    #[serde(rename = "match")]
    matches: Option<bool>,
}

/// What `--format json` prints.
#[derive(Serialize)]
pub struct Document<'a> {
    server: ServerDocument<'a>,
    tables: &'a [State],
    elapsed_ms: f64,
}

#[derive(Serialize)]
struct ServerDocument<'a> {
    kind: lab::config::Kind,
    version: &'a str,
}

impl Summary {
    /// Reads all tables, counting every row.
    pub async fn read(session: &Session, chat: bool) -> Result<Self> {
        let mut states = Vec::new();
        for table in TABLES {
            states.push(State::read(session, table).await?);
        }
        for table in CHAT_TABLES.into_iter().filter(|_| chat) {
            states.push(State { matches: None, ..State::read(session, table).await? });
        }
        Ok(Self(states))
    }

    /// Whether nothing is missing and no row was lost.
    pub fn is_complete(&self) -> bool {
        self.0.iter().all(|state| {
            let there = state.rows_old.or(state.rows_new).is_some();
            there && state.matches != Some(false)
        })
    }

    /// The document of `--format json`.
    pub fn document<'a>(&'a self, server: &'a Server, elapsed: Duration) -> Document<'a> {
        Document {
            server: ServerDocument { kind: server.kind, version: &server.version.text },
            tables: &self.0,
            elapsed_ms: report::milliseconds(elapsed),
        }
    }

    /// The table for people.
    pub fn render(&self) -> String {
        let mut table = Table::new(&[
            ("table", Align::Left),
            ("strategy", Align::Wrap),
            ("leaves", Align::Right),
            ("rows old", Align::Right),
            ("rows new", Align::Right),
            ("size", Align::Right),
            ("", Align::Left),
        ]);
        for state in &self.0 {
            let rows = |rows: Option<u64>| rows.map_or("–".to_owned(), report::count);
            table.row([
                state.table.to_owned(),
                state.keys.clone(),
                state.partitions.to_string(),
                rows(state.rows_old),
                rows(state.rows_new),
                report::bytes(state.bytes),
                state.matches.map_or(String::new(), |ok| report::mark(ok).to_string()),
            ]);
        }
        format!("\n{table}")
    }
}

impl State {
    async fn read(session: &Session, table: &'static str) -> Result<Self> {
        let client = session.client();
        let tree = catalog::tree(client, &format!("public.{table}"), RowCount::Exact).await?;
        let old = catalog::tree(client, &format!("public.{table}_old"), RowCount::Exact).await?;
        let partitioned = tree.as_ref().filter(|tree| !tree.is_leaf());
        let rows_new = partitioned.and_then(Tree::total_rows);
        // Before partitioning, the table is what will become the old one.
        let before = old.as_ref().or(tree.as_ref().filter(|tree| tree.is_leaf()));
        let rows_old = before.and_then(Tree::total_rows);
        let matches = match (&old, partitioned) {
            (Some(old), Some(new)) => Some(missing(session, &old.name, &new.name).await? == 0),
            (None, Some(_)) => Some(false),
            (_, None) => None,
        };
        Ok(Self {
            table,
            strategy: partitioned.map(strategy),
            keys: partitioned.map_or("single table".to_owned(), keys),
            partitions: partitioned.map_or(0, Tree::leaf_count),
            rows_old,
            rows_new,
            bytes: tree.as_ref().map_or(0, Tree::total_bytes),
            matches,
        })
    }
}

/// Rows of the old table that the new one lacks: since `load` adds rows, counts alone say little.
/// What `repartition detach` took to the archive is not lost.
async fn missing(session: &Session, old: &Name, new: &Name) -> Result<i64> {
    let client = session.client();
    let archive = Name::new(&new.schema, format!("{}_archive", new.name));
    let archived = match catalog::find_table(client, &archive.to_string()).await? {
        Some(_) => format!("AND NOT EXISTS (SELECT FROM {archive} a WHERE a.id = o.id)"),
        None => String::new(),
    };
    let sql = format!(
        "SELECT count(*) FROM {old} o
         WHERE NOT EXISTS (SELECT FROM {new} n WHERE n.id = o.id) {archived}"
    );
    let row =
        client.query_one(&sql, &[]).await.context(|| format!("cannot compare {old} with {new}"))?;
    Ok(row.get(0))
}

fn strategy(tree: &Tree) -> String {
    match &tree.partitioning {
        Some(_) if tree.depth() > 1 => "composite".to_owned(),
        Some(partitioning) => partitioning.strategy.to_string().to_lowercase(),
        None => String::new(),
    }
}

/// `RANGE (sale_date),⏎LIST (product_category)`: the key of each level.
fn keys(tree: &Tree) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for key in tree.walk().filter_map(|table| table.partitioning.as_ref()).map(|p| p.key.as_str()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.join(",\n")
}
