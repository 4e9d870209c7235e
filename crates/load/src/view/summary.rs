//! The end of a run, for people.

use console::style;
use lab::report::{self, Align, Branch, Table};

use super::{leaves, units};
use crate::stats::{LeafStats, Stats};

/// A list of more partitions than this is shortened.
const MOST_LEAVES: usize = 40;

/// A list of more outages than this is shortened.
const MOST_OUTAGES: usize = 10;

/// What is printed at the end: a tree with a bar a partition, rate and latency, and what went
/// wrong.
pub fn summary(stats: &Stats) -> String {
    let width = report::width();
    let mut blocks = vec![
        tree(stats).render(&[1], width),
        format!("{}\n{}", pace(stats), latency(stats)).trim_end().to_owned(),
    ];
    if stats.tables.len() > 1 {
        blocks.push(by_table(stats).to_string());
    }
    if stats.errors.total() > 0 {
        blocks.push(errors(stats).to_string());
    }
    if !stats.outages.is_empty() {
        blocks.push(outages(stats));
    }
    format!("\n{}", blocks.join("\n\n"))
}

fn tree(stats: &Stats) -> Branch {
    let all = stats.tables.iter().flat_map(|table| &table.leaves);
    let most = all.map(|leaf| leaf.inserted).max().unwrap_or(0);
    let wanted: Vec<_> = stats.tables.iter().map(|table| table.leaves.len()).collect();
    let lines = leaves::share(&wanted, MOST_LEAVES);
    let mut root = Branch::new(["inserted".to_owned(), report::count(stats.inserted())]);
    for (table, lines) in stats.tables.iter().zip(lines) {
        let name = style(&table.name).bold().to_string();
        let mut branch = Branch::new([name, report::count(table.inserted)]);
        branch.children = branches(&table.leaves, lines, most);
        root.children.push(branch);
    }
    root
}

fn branches(all: &[LeafStats], lines: usize, most: u64) -> Vec<Branch> {
    let rows: Vec<_> = all.iter().map(|leaf| leaf.inserted).collect();
    let shown = leaves::busiest(&rows, lines);
    let branch = |n: &usize| {
        let bar = style(bar(rows[*n], most)).cyan().to_string();
        Branch::new([all[*n].name.clone(), report::count(rows[*n]), bar])
    };
    let mut branches: Vec<_> = shown.iter().map(branch).collect();
    let hidden = all.len() - shown.len();
    if hidden > 0 {
        let rest = rows.iter().sum::<u64>() - shown.iter().map(|n| rows[*n]).sum::<u64>();
        let more = format!("… and {} more", report::count(hidden as u64));
        branches.push(Branch::new([style(more).dim().to_string(), report::count(rest)]));
    }
    branches
}

/// A bar of at most 24 columns; any row at all shows.
fn bar(rows: u64, most: u64) -> String {
    const COLUMNS: u128 = 24;
    let columns = (u128::from(rows) * COLUMNS).div_ceil(u128::from(most.max(1)));
    "█".repeat(usize::try_from(columns).unwrap_or(0))
}

fn pace(stats: &Stats) -> String {
    let mut pace = vec![format!(
        "{} in {}, {} a second",
        report::plural(stats.inserted(), "row"),
        report::duration(stats.elapsed),
        units::rate(stats.rate()),
    )];
    for (count, what) in [
        (stats.errors.total(), "failed"),
        (stats.in_doubt, "in doubt"),
        (stats.never_sent, "never sent"),
        (stats.cancelled, "cancelled at the end"),
    ] {
        if count > 0 {
            pace.push(format!("{} {what}", report::count(count)));
        }
    }
    pace.join(", ")
}

/// Percentiles on two lines; empty when nothing was measured.
fn latency(stats: &Stats) -> String {
    let latency = stats.latency.percentiles();
    if latency.max <= 0.0 {
        return String::new();
    }
    let item = |(name, ms)| format!("{name} {}", units::latency(ms));
    let usual = [("p50", latency.p50), ("p90", latency.p90), ("p99", latency.p99)].map(item);
    let rare = [("p99.9", latency.p999), ("p99.99", latency.p9999), ("max", latency.max)].map(item);
    format!("latency  {}\n         {}", usual.join("  "), rare.join("  "))
}

fn by_table(stats: &Stats) -> Table {
    let mut table = Table::new(&[
        ("table", Align::Left),
        ("rows", Align::Right),
        ("p50", Align::Right),
        ("p99", Align::Right),
        ("max", Align::Right),
    ]);
    for each in &stats.tables {
        let latency = each.latency.percentiles();
        let times = [latency.p50, latency.p99, latency.max].map(units::measured);
        table.row([each.name.clone(), report::count(each.inserted)].into_iter().chain(times));
    }
    table
}

fn errors(stats: &Stats) -> Table {
    let mut table = Table::new(&[
        ("SQLSTATE", Align::Left),
        ("failed", Align::Right),
        ("message of the first", Align::Wrap),
    ]);
    for refused in stats.errors.iter() {
        table.row([&refused.sqlstate, &report::count(refused.count), &refused.message]);
    }
    table
}

fn outages(stats: &Stats) -> String {
    let mut table = Table::new(&[
        ("outage at", Align::Right),
        ("lasted", Align::Right),
        ("connections", Align::Right),
        ("cause", Align::Wrap),
    ]);
    for outage in stats.outages.iter().take(MOST_OUTAGES) {
        let lasted = outage.lasted_s.map(|seconds| units::latency(seconds * 1e3));
        table.row([
            units::clock(outage.at_s),
            lasted.unwrap_or_else(|| "to the end".to_owned()),
            report::count(outage.connections),
            outage.cause.clone(),
        ]);
    }
    match stats.outages.len().saturating_sub(MOST_OUTAGES) {
        0 => table.to_string(),
        more => format!("{table}\n… and {} more", report::count(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Errors, LeafStats};
    use crate::view::example;

    fn plain(stats: &Stats) -> String {
        console::strip_ansi_codes(&summary(stats)).into_owned()
    }

    #[test]
    fn shows_where_rows_went_how_fast_and_what_went_wrong() {
        let text = plain(&example::small());
        let wanted = "
inserted                    60
├─ event_logs               21
│  ├─ event_logs_2024_01    21  █████████████████
│  └─ event_logs_2024_02     0
└─ users_distributed        39
   ├─ users_distributed_p0  30  ████████████████████████
   └─ users_distributed_p1   9  ████████

60 rows in 5.00 s, 12.0 a second, 3 failed, 2 in doubt, 7 never sent
latency  p50 ";
        assert!(text.starts_with(wanted), "{text}");
        for what in [
            "p99.99 ",
            "users_distributed    39  ",
            "23505          3  duplicate key value",
            "0:05  to the end            1  57P01 terminating connection",
        ] {
            assert!(text.contains(what), "no {what:?} in\n{text}");
        }
        assert!(text.lines().all(|line| report::measure_text_width(line) <= 80), "{text}");
    }

    #[test]
    fn says_nothing_about_what_did_not_happen() {
        let mut stats = example::small();
        stats.tables.truncate(1);
        (stats.errors, stats.in_doubt, stats.never_sent) = (Errors::default(), 0, 0);
        stats.outages.clear();
        let text = plain(&stats);
        assert!(text.contains("\n21 rows in 5.00 s, 4.2 a second\nlatency "), "{text}");
        assert!(text.lines().last().is_some_and(|line| line.contains(" max ")), "{text}");
    }

    #[test]
    fn a_long_list_is_shortened_and_still_adds_up() {
        let mut stats = example::small();
        let leaf = |n: u32| LeafStats {
            oid: n,
            name: format!("leaf_{n:03}"),
            inserted: u64::from(n),
            latency: None,
        };
        stats.tables[0].leaves = (0..100).map(leaf).collect();
        stats.tables[0].inserted = (0..100).sum();
        let text = plain(&stats);
        let leaves = text.lines().filter(|line| line.contains("leaf_")).count();
        assert_eq!(leaves, 37, "{text}"); // 40 lines less 2 users' leaves and the line about the rest
        assert!(text.contains("leaf_099") && !text.contains("leaf_062"), "{text}");
        let rest: u32 = (0..63).sum();
        let more = text.lines().find(|line| line.contains("… and 63 more"));
        assert!(more.is_some_and(|line| line.contains(&report::count(rest.into()))), "{text}");
    }

    #[test]
    fn without_counts_of_leaves_the_tree_stops_at_tables() {
        let mut stats = example::small();
        stats.tables.iter_mut().for_each(|table| table.leaves.clear());
        let tree = "
inserted              60
├─ event_logs         21
└─ users_distributed  39

60 rows";
        assert!(plain(&stats).starts_with(tree), "{}", plain(&stats));
    }

    #[test]
    fn a_run_that_did_nothing_has_no_latency() {
        let text = plain(&example::nothing());
        assert!(text.ends_with("\n\n0 rows in 0.000 ms, 0.0 a second"), "{text}");
    }

    #[test]
    fn a_bar_shows_every_row_and_is_never_too_long() {
        assert_eq!(bar(0, 1_000), "");
        assert_eq!(bar(1, 1_000), "█");
        assert_eq!(bar(1_000, 1_000).chars().count(), 24);
        assert_eq!(bar(u64::MAX, u64::MAX).chars().count(), 24);
        assert_eq!(bar(0, 0), "");
    }
}
