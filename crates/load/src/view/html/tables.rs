//! Rows, latencies, errors and outages of a page as tables.

use lab::report;
use maud::{Markup, html};

use crate::stats::{LeafStats, Stats, TableStats};
use crate::view::units;

/// Where rows went and how long that took: a table for the tables, and one for each table's
/// partitions.
pub fn partitions(stats: &Stats) -> Markup {
    let most = |rows: &mut dyn Iterator<Item = u64>| rows.max().unwrap_or(0).max(1);
    let of_tables = most(&mut stats.tables.iter().map(|table| table.inserted));
    let leaves = || stats.tables.iter().flat_map(|table| &table.leaves);
    let of_leaves = most(&mut leaves().map(|leaf| leaf.inserted));
    html! {
        section {
            h2 { "Rows and latency by table" }
            (rows("table", stats.tables.iter().map(|table| Row::of_table(table, of_tables))))
        }
        @if leaves().next().is_some() {
            section {
                h2 { "Rows and latency by partition" }
                div.tables {
                    @for table in stats.tables.iter().filter(|table| !table.leaves.is_empty()) {
                        div {
                            h3 { (table.name) }
                            (rows("partition", table.leaves.iter().map(|leaf| Row::of_leaf(leaf, of_leaves))))
                        }
                    }
                }
            }
        }
    }
}

/// What the server refused, and when connections were away.
pub fn troubles(stats: &Stats) -> Markup {
    html! {
        @if stats.errors.total() > 0 {
            section {
                h2 { "Refused statements" }
                div.scroll { table {
                    thead { tr { th { "SQLSTATE" } th.number { "times" } th { "message of the first" } } }
                    tbody { @for refused in stats.errors.iter() {
                        tr {
                            td { code { (refused.sqlstate) } }
                            td.number { (report::count(refused.count)) }
                            td.words { (refused.message) }
                        }
                    } }
                } }
            }
        }
        @if !stats.outages.is_empty() {
            section {
                h2 { "Outages" }
                div.scroll { table {
                    thead { tr {
                        th.number { "at" } th.number { "lasted" } th.number { "connections" } th { "cause" }
                    } }
                    tbody { @for outage in &stats.outages {
                        tr {
                            td.number { (units::clock(outage.at_s)) @if outage.at_s < 0.0 { " (warm-up)" } }
                            td.number { (lasted(outage.lasted_s)) }
                            td.number { (report::count(outage.connections)) }
                            td.words { (outage.cause) }
                        }
                    } }
                } }
            }
        }
    }
}

fn lasted(seconds: Option<f64>) -> String {
    seconds.map_or("to the end".to_owned(), |seconds| units::latency(seconds * 1e3))
}

/// One table or partition.
struct Row<'a> {
    name: &'a str,
    rows: u64,
    /// Of the longest bar, in percent.
    share: f64,
    latencies: [String; 4],
}

impl<'a> Row<'a> {
    fn of_table(table: &'a TableStats, most: u64) -> Self {
        Self::new(&table.name, table.inserted, most, Some(&table.latency))
    }

    fn of_leaf(leaf: &'a LeafStats, most: u64) -> Self {
        Self::new(&leaf.name, leaf.inserted, most, leaf.latency.as_ref())
    }

    #[allow(clippy::cast_precision_loss)] // the width of a bar
    fn new(name: &'a str, rows: u64, most: u64, latency: Option<&crate::stats::Latencies>) -> Self {
        let latency = latency.map(crate::stats::Latencies::percentiles).unwrap_or_default();
        let latencies = [latency.p50, latency.p99, latency.p999, latency.max].map(units::measured);
        Self { name, rows, share: rows as f64 / most as f64 * 100.0, latencies }
    }
}

fn rows<'a>(what: &str, rows: impl Iterator<Item = Row<'a>>) -> Markup {
    html! {
        div.scroll { table.bars {
            thead { tr {
                th { (what) } th.number { "rows" } th.number.roomy { "p50" } th.number { "p99" }
                th.number.roomy { "p99.9" } th.number { "max" }
            } }
            tbody { @for row in rows {
                tr {
                    th scope="row" {
                        span { (row.name) }
                        i.bar { @if row.rows > 0 { i style=(format!("width:{:.2}%", row.share)) {} } }
                    }
                    td.number { (report::count(row.rows)) }
                    td.number.roomy { (row.latencies[0]) }
                    td.number { (row.latencies[1]) }
                    td.number.roomy { (row.latencies[2]) }
                    td.number { (row.latencies[3]) }
                }
            } }
        } }
    }
}
