//! The x-ray in a terminal.

use console::style;
use lab::plan::{Fate, Reads};
use lab::report::{self, Branch, plural};

use super::read::Xray;
use super::view::{self, Shown};
use super::why::{self, Said};
use crate::show;

/// Query, trees, measurements.
pub fn xray(xray: &Xray) -> String {
    let mut lines = vec![String::new(), show::indented(xray.sql.trim()), String::new()];
    for touched in &xray.explained.touched {
        let shown = view::shown(&xray.explained, touched);
        let key = touched.tree.partitioning.as_ref().map_or("", |partitioning| &partitioning.key);
        let fates = shown.fates;
        let read = if xray.explained.analyzed {
            fates.scanned
        } else {
            fates.scanned + fates.never_executed
        };
        lines.push(format!(
            "{}  {}  {read} of {} {}",
            style(&shown.name).bold(),
            style(key).dim(),
            plural(fates.total() as u64, "partition"),
            if xray.explained.analyzed { "scanned" } else { "in the plan" }
        ));
        let children = shown.children.iter().map(|child| branch(child, xray.explained.analyzed));
        let root = Branch { cells: Vec::new(), children: children.collect() };
        lines.extend(root.render(&[3, 4, 5], report::width()).lines().skip(1).map(str::to_owned));
        lines.push(String::new());
        lines.extend(block(&why::of_table(xray, touched.oid)));
    }
    lines.extend(block(&why::partitionwise(xray)));
    if xray.explained.touched.is_empty() {
        lines.push("  It reads no partitioned table.\n".to_owned());
    }
    if xray.explained.analyzed {
        lines.push(show::measured(&xray.explained.plan));
    }
    lines.join("\n")
}

/// With an empty line behind it, if it says anything.
fn block(said: &[Said]) -> Vec<String> {
    let mut lines = why::lines(said);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn branch(shown: &Shown, analyzed: bool) -> Branch {
    let name = match shown.fates.only() {
        Some(Fate::Scanned) => style(format!("● {}", shown.name)).green().bold(),
        Some(Fate::NeverExecuted) => style(format!("◌ {}", shown.name)).yellow(),
        Some(_) => style(format!("○ {}", shown.name)).dim(),
        None => style(format!("◐ {}", shown.name)),
    };
    let bounds = shown.bounds.as_deref().map(report::short_bounds).unwrap_or_default();
    let mut cells = vec![name.to_string(), style(bounds).dim().to_string(), fate(shown, analyzed)];
    if shown.fates.scanned > 0 {
        cells.extend(reads(shown.reads));
    }
    let mut branch = Branch::new(cells);
    branch.children = shown.children.iter().map(|child| self::branch(child, analyzed)).collect();
    branch
}

/// What became of a leaf, or of how many.
fn fate(shown: &Shown, analyzed: bool) -> String {
    let words = |fate| match fate {
        Fate::NeverExecuted if !analyzed => "in the plan",
        fate => show::words(fate),
    };
    let total = shown.fates.total();
    match shown.fates.only() {
        Some(fate) if total == 1 => words(fate).to_owned(),
        Some(fate) => format!("{} {}", report::count(total as u64), words(fate)),
        None => format!("{} of {} scanned", shown.fates.scanned, total),
    }
}

/// Of a width that seldom changes, so that what is left for the bounds does not either.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn reads(reads: Reads) -> [String; 3] {
    let time = report::duration(std::time::Duration::from_secs_f64(reads.ms / 1e3));
    [
        format!("{:>8}", plural(reads.rows as u64, "row")),
        format!("{time:>8}"),
        format!("{:>10}", plural(reads.buffers, "buffer")),
    ]
}
