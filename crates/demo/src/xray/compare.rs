//! Two queries side by side.

use std::time::Duration;

use lab::plan::{Fate, Touched};
use lab::report::{self, Align, Table, count, duration};

use super::read::Xray;

/// Said when two queries are not the same question.
pub const DIFFER: &str =
    "They do not return the same number of rows: they are not the same question.";

/// A measure, and what it is of each of the two.
pub type Line = (&'static str, [String; 2]);

/// What is compared. Only partitions where one of them was not run.
pub fn lines(both: [&Xray; 2]) -> Vec<Line> {
    let mut lines = vec![("partitions", both.map(partitions))];
    if both.iter().all(|xray| xray.explained.analyzed) {
        lines.push(("rows", both.map(|xray| count(rows(xray)))));
        lines.push(("time", both.map(|xray| took(xray.explained.plan.execution_ms))));
        lines.push(("planning", both.map(|xray| took(xray.explained.plan.planning_ms))));
        lines.push(("buffers", both.map(buffers)));
    }
    lines
}

/// Whether both return the same number of rows, as far as that is known.
pub fn same_rows(both: [&Xray; 2]) -> bool {
    !both.iter().all(|xray| xray.explained.analyzed) || rows(both[0]) == rows(both[1])
}

/// A column for each; `names` are their headings.
pub fn side_by_side(names: [&str; 2], both: [&Xray; 2]) -> String {
    let mut table =
        Table::new(&[("", Align::Left), (names[0], Align::Right), (names[1], Align::Right)]);
    for (measure, [first, second]) in lines(both) {
        table.row([measure.to_owned(), first, second]);
    }
    if same_rows(both) {
        return table.to_string();
    }
    format!("{table}\n  {}", report::wrap(DIFFER, 2))
}

fn partitions(xray: &Xray) -> String {
    let scanned = each(xray, Fate::Scanned)
        + if xray.explained.analyzed { 0 } else { each(xray, Fate::NeverExecuted) };
    match xray.explained.touched.iter().map(Touched::total).sum() {
        0 => "not partitioned".to_owned(),
        total => format!("{} of {}", count(scanned as u64), count(total as u64)),
    }
}

fn each(xray: &Xray, fate: Fate) -> usize {
    xray.explained.touched.iter().map(|touched| touched.count(fate)).sum()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn rows(xray: &Xray) -> u64 {
    xray.explained.plan.rows() as u64
}

fn took(ms: f64) -> String {
    duration(Duration::from_secs_f64(ms / 1e3))
}

fn buffers(xray: &Xray) -> String {
    let root = &xray.explained.plan.root;
    count(root.blocks_hit() + root.blocks_read())
}
