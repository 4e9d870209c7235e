//! The x-ray in a terminal.

use console::style;
use lab::plan::{Fate, Reads, Touched};
use lab::report::{self, Branch, plural};

use super::read::Xray;
use super::view::{self, Shown};
use super::why::{self, Said};
use crate::show;

/// Query, trees, measurements.
pub fn xray(xray: &Xray) -> String {
    let mut lines =
        vec![String::new(), show::indented(&report::visible(xray.sql.trim())), String::new()];
    for touched in &xray.explained.touched {
        let shown = view::shown(&xray.explained, touched);
        let key = touched.tree.partitioning.as_ref().map_or("", |partitioning| &partitioning.key);
        let fates = shown.fates;
        // Of two tables of the same name, the schema tells which is which.
        let same = |other: &&Touched| other.table.name == touched.table.name;
        let title = match xray.explained.touched.iter().filter(same).count() {
            1 => shown.name.clone(),
            _ => format!("{}.{}", touched.table.schema, shown.name),
        };
        let read = if xray.explained.analyzed {
            fates.scanned
        } else {
            fates.scanned + fates.never_executed
        };
        lines.push(format!(
            "{}  {}  {read} of {} {}",
            style(report::visible(&title)).bold(),
            style(key).dim(),
            plural(fates.total() as u64, "partition"),
            if xray.explained.analyzed { "scanned" } else { "in the plan" }
        ));
        let analyzed = xray.explained.analyzed;
        let widths = shown.children.iter().map(|child| widths(child, analyzed));
        let widths =
            widths.fold([0; 4], |most, other| std::array::from_fn(|n| most[n].max(other[n])));
        let children = shown.children.iter().map(|child| branch(child, analyzed, widths));
        let mut root = Branch { cells: Vec::new(), children: children.collect() };
        let mut text = root.render(&[], report::width());
        if text.lines().any(|line| report::measure_text_width(line) > report::width()) {
            // Names and figures matter more.
            without_bounds(&mut root);
            text = root.render(&[], usize::MAX);
        }
        lines.extend(text.lines().skip(1).map(str::to_owned));
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

fn without_bounds(branch: &mut Branch) {
    if branch.cells.len() > 1 {
        branch.cells.remove(1);
    }
    branch.children.iter_mut().for_each(without_bounds);
}

/// With an empty line behind it, if it says anything.
fn block(said: &[Said]) -> Vec<String> {
    let mut lines = why::lines(said);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn branch(shown: &Shown, analyzed: bool, widths: [usize; 4]) -> Branch {
    // What is not ours is made visible before it is coloured: a name may hold a colour, too.
    let mark = |sign: &str| style(format!("{sign} {}", report::visible(&shown.name)));
    let name = match shown.fates.only() {
        Some(Fate::Scanned) if shown.fates.total() > 0 => mark("●").green().bold(),
        Some(Fate::NeverExecuted) => mark("◌").yellow(),
        None if shown.fates.scanned > 0 => mark("◐"),
        _ => mark("○").dim(),
    };
    let bounds = shown.bounds.as_deref().map(report::short_bounds).unwrap_or_default();
    let bounds = style(report::visible(&bounds)).dim().to_string();
    let mut branch = Branch::new([name.to_string(), bounds, tail(shown, analyzed, widths)]);
    let children = shown.children.iter();
    branch.children = children.map(|child| self::branch(child, analyzed, widths)).collect();
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
        _ if total == 0 => "no partitions".to_owned(),
        Some(fate) if total == 1 => words(fate).to_owned(),
        Some(fate) => format!("{} {}", report::count(total as u64), words(fate)),
        None => format!("{} of {} scanned", shown.fates.scanned, total),
    }
}

/// The fate and, of what was read, rows, time and buffers: in columns of their own, so that the long words for what was not read
/// take no room beside them.
fn tail(shown: &Shown, analyzed: bool, widths: [usize; 4]) -> String {
    let fate = fate(shown, analyzed);
    if shown.fates.scanned == 0 {
        return fate;
    }
    let [rows, time, buffers] = reads(shown.reads);
    let [first, second, third, fourth] = widths;
    format!("{fate:first$}  {rows:>second$}  {time:>third$}  {buffers:>fourth$}")
}

/// How wide the columns of all that was read must be.
fn widths(shown: &Shown, analyzed: bool) -> [usize; 4] {
    let below = shown.children.iter().map(|child| widths(child, analyzed));
    let [rows, time, buffers] = reads(shown.reads);
    let own = match shown.fates.scanned {
        0 => [0; 4],
        _ => [fate(shown, analyzed), rows, time, buffers].map(|text| text.chars().count()),
    };
    below.fold(own, |most, other| std::array::from_fn(|n| most[n].max(other[n])))
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
