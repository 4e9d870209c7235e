//! A workload in a terminal.

use std::time::Duration;

use lab::report::{self, Align, Table, count, duration, plural};

use super::workload::{Ranked, Workload};

/// Statements that are shown.
const MOST: usize = 20;

/// Statements without a plan that are shown.
const REFUSED: usize = 5;

/// Columns beside the statement's text.
const OTHERS: usize = 40;

/// Those that reach several partitions; the others by their number.
pub fn shown(workload: &Workload) -> String {
    let (partitioned, others): (Vec<&Ranked>, Vec<&Ranked>) =
        workload.statements.iter().partition(|one| one.total > 0);
    let (several, few): (Vec<&Ranked>, Vec<&Ranked>) =
        partitioned.into_iter().partition(|one| one.partitions > 1);
    let mut table = Table::new(&[
        ("partitions", Align::Right),
        ("calls", Align::Right),
        ("time", Align::Right),
        ("statement", Align::Left),
    ]);
    for one in several.iter().take(MOST) {
        table.row([
            format!("{} of {}", count(one.partitions as u64), count(one.total as u64)),
            one.calls.map_or(String::new(), |calls| count(calls.unsigned_abs())),
            one.ms.map_or("not run".to_owned(), |ms| duration(Duration::from_secs_f64(ms / 1e3))),
            in_a_line(&one.sql),
        ]);
    }
    let mut lines = Vec::new();
    if several.is_empty() {
        lines.push("No statement reaches more than one partition of a table.".to_owned());
    } else {
        lines.push(format!("{table}\n"));
    }
    let mut tell = |number: usize, what: &str| {
        if number > 0 {
            lines.push(format!("  {} {what}", plural(number as u64, "statement")));
        }
    };
    tell(several.len().saturating_sub(MOST), "more like these: --format json has all");
    tell(few.len(), "on partitioned tables, of which at most one partition each is read");
    tell(others.len(), "that read no partitioned table");
    tell(workload.refused.len(), "without a plan:");
    for refused in workload.refused.iter().take(REFUSED) {
        lines.push(format!("    {}: {}", in_a_line(&refused.sql), refused.why));
    }
    if workload.refused.len() > REFUSED {
        lines.push(format!("    … and {} more", workload.refused.len() - REFUSED));
    }
    if !several.is_empty() {
        lines.push("\n  next: cargo run -p demo -- query STATEMENT\n        (where it has parameters: --generic --param 1=VALUE)".to_owned());
    }
    lines.join("\n")
}

fn in_a_line(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    report::cut(&line, report::width().saturating_sub(OTHERS))
}
