//! Two queries side by side.

use std::time::Duration;

use lab::plan::Fate;
use lab::report::{self, Align, Table, count, duration};

use super::read::Xray;

/// A column for each; `names` are their headings.
pub fn side_by_side(names: [&str; 2], both: [&Xray; 2]) -> String {
    let mut table =
        Table::new(&[("", Align::Left), (names[0], Align::Right), (names[1], Align::Right)]);
    let mut line = |name: &str, of: &dyn Fn(&Xray) -> String| {
        table.row([name.to_owned(), of(both[0]), of(both[1])]);
    };
    line("partitions", &|xray| {
        let scanned: usize = each(xray, Fate::Scanned)
            + if xray.explained.analyzed { 0 } else { each(xray, Fate::NeverExecuted) };
        match xray.tables.iter().map(|(touched, _)| touched.total()).sum() {
            0 => "not partitioned".to_owned(),
            total => format!("{} of {}", count(scanned as u64), count(total as u64)),
        }
    });
    if both.iter().all(|xray| xray.explained.analyzed) {
        line("rows", &|xray| count(rows(xray)));
        line("time", &|xray| {
            duration(Duration::from_secs_f64(xray.explained.plan.execution_ms / 1e3))
        });
        line("planning", &|xray| {
            duration(Duration::from_secs_f64(xray.explained.plan.planning_ms / 1e3))
        });
        line("buffers", &|xray| {
            count(xray.explained.plan.root.blocks_hit() + xray.explained.plan.root.blocks_read())
        });
        if rows(both[0]) != rows(both[1]) {
            let differ =
                "  They do not return the same number of rows: they are not the same question.";
            return format!("{table}\n{}", report::wrap(differ, 2));
        }
    }
    table.to_string()
}

fn each(xray: &Xray, fate: Fate) -> usize {
    xray.tables.iter().map(|(touched, _)| touched.count(fate)).sum()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn rows(xray: &Xray) -> u64 {
    xray.explained.plan.rows() as u64
}
