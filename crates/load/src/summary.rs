//! The end of a run, for people and for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use console::style;
use lab::report::{self, Branch};
use serde::Serialize;

use crate::insert::Partition;
use crate::stats::{Latency, Stats};

/// What `--format json` prints.
#[derive(Serialize)]
pub struct Document<'a> {
    elapsed_s: f64,
    inserted: u64,
    failed: u64,
    rate_per_s: f64,
    tables: BTreeMap<&'static str, u64>,
    partitions: &'a BTreeMap<String, u64>,
    latency_ms: Latency,
}

/// The document of `--format json`.
pub fn document(stats: &Stats) -> Document<'_> {
    Document {
        elapsed_s: stats.elapsed.as_secs_f64(),
        inserted: stats.total(),
        failed: stats.failed(),
        rate_per_s: stats.rate(),
        tables: stats.tables().map(|(table, rows)| (table.name(), rows)).collect(),
        partitions: stats.partitions(),
        latency_ms: stats.latency(),
    }
}

/// The same for people: a tree a table with a bar a partition, then rate and latency.
pub fn render<'a>(stats: &Stats, partitions: impl Iterator<Item = &'a Partition>) -> String {
    let mut partitions: Vec<_> = partitions.collect();
    partitions.sort_by_key(|partition| (partition.position, &partition.name));
    let most = stats.partitions().values().max().copied().unwrap_or(0);
    let mut root =
        Branch::new(["inserted".to_owned(), report::count(stats.total()), String::new()]);
    for (table, rows) in stats.tables() {
        let mut branch = Branch::new([
            style(table.name()).bold().to_string(),
            report::count(rows),
            String::new(),
        ]);
        for partition in partitions.iter().filter(|partition| partition.table == table) {
            let rows = stats.partitions().get(&partition.name).copied().unwrap_or(0);
            branch.children.push(Branch::new([
                partition.name.clone(),
                report::count(rows),
                style(bar(rows, most)).cyan().to_string(),
            ]));
        }
        root.children.push(branch);
    }
    format!("\n{}\n\n{}", root.render(&[1], report::width()), pace(stats))
}

/// A bar of at most 24 columns; any row at all shows.
fn bar(rows: u64, most: u64) -> String {
    const COLUMNS: u64 = 24;
    let columns = (rows * COLUMNS).div_ceil(most.max(1));
    "█".repeat(usize::try_from(columns).unwrap_or(0))
}

fn pace(stats: &Stats) -> String {
    let Latency { p50, p90, p99, p999, max } = stats.latency();
    let ms = |ms: f64| report::duration(Duration::from_secs_f64(ms / 1e3));
    let failed = match stats.failed() {
        0 => String::new(),
        failed => format!(", {} failed", report::count(failed)),
    };
    format!(
        "{} in {}, {:.1} a second{failed}\nlatency  p50 {}  p90 {}  p99 {}  p99.9 {}  max {}",
        report::plural(stats.total(), "row"),
        report::duration(stats.elapsed),
        stats.rate(),
        ms(p50),
        ms(p90),
        ms(p99),
        ms(p999),
        ms(max),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_every_row_and_is_never_too_long() {
        assert_eq!(bar(0, 1_000), "");
        assert_eq!(bar(1, 1_000), "█");
        assert_eq!(bar(1_000, 1_000).chars().count(), 24);
        assert_eq!(bar(0, 0), "");
    }
}
