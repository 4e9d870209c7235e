//! What would be done and what was, for programs; people see a table made from it.

use convert::layout::unquoted;
use convert::premake::{Done, New, Node, Wish};
use lab::Result;
use lab::catalog::Name;
use serde::Serialize;
use tokio_postgres::Client;

/// What JSON shows.
#[derive(Serialize)]
pub(super) struct Document {
    /// Whether it was done, or only said.
    pub(super) run: bool,
    pub(super) tables: Vec<TableReport>,
}

#[derive(Serialize)]
pub(super) struct TableReport {
    pub(super) table: String,
    /// The tables below it that are partitioned by range, or it alone.
    pub(super) ranges: Vec<RangeReport>,
    /// Why it was not done, or not to its end.
    pub(super) error: Option<String>,
    /// SQL for `pg_partman`, which keeps this database's partitions.
    pub(super) pg_partman: Option<String>,
}

#[derive(Serialize)]
pub(super) struct RangeReport {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) every: String,
    pub(super) time_zone: Option<String>,
    /// As a bound says it.
    pub(super) present: Option<String>,
    pub(super) made: Vec<MadeReport>,
    pub(super) retired: Vec<RetiredReport>,
    pub(super) notes: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct MadeReport {
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Rows that DEFAULT holds of it: they are moved.
    pub(super) rows_in_default: i64,
    pub(super) done: bool,
}

#[derive(Serialize)]
pub(super) struct RetiredReport {
    pub(super) name: String,
    pub(super) bound: String,
    pub(super) dropped: bool,
    pub(super) done: bool,
}

/// What would be done below one table.
pub(super) async fn range(client: &Client, node: &Node, wish: &Wish) -> Result<RangeReport> {
    let mut made = Vec::new();
    for New { name, from, to, .. } in &node.make {
        made.push(MadeReport {
            name: name.to_string(),
            from: unquoted(from),
            to: unquoted(to),
            rows_in_default: 0,
            done: false,
        });
    }
    for (made, new) in made.iter_mut().zip(&node.make) {
        made.rows_in_default = node.rows_in_default(client, new).await?;
    }
    let retired = node.retire.iter().map(|old| RetiredReport {
        name: old.name.to_string(),
        bound: old.bound.clone(),
        dropped: wish.drop,
        done: false,
    });
    Ok(RangeReport {
        table: node.name.to_string(),
        column: node.column.clone(),
        every: node.width.to_string(),
        time_zone: wish.time_zone.clone().filter(|_| node.is_time),
        present: node.present.clone(),
        made,
        retired: retired.collect(),
        notes: node.notes.clone(),
    })
}

/// Marks in the report what was done.
pub(super) fn note_done(report: &mut TableReport, done: &Done) {
    let is = |own: &str, name: &Name| own == name.to_string();
    for range in &mut report.ranges {
        match done {
            Done::Made { name, moved } => {
                for made in range.made.iter_mut().filter(|made| is(&made.name, name)) {
                    made.done = true;
                    made.rows_in_default = i64::try_from(*moved).unwrap_or(i64::MAX);
                }
            }
            Done::Detached(name) | Done::Dropped(name) => {
                for old in range.retired.iter_mut().filter(|old| is(&old.name, name)) {
                    old.done = true;
                }
            }
        }
    }
}
