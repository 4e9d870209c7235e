//! What people see.

use std::time::Duration;

use console::style;
use lab::catalog::Tree;
use lab::plan::{Fate, Leaf, Plan, Touched};
use lab::report::{self, mark};

use crate::check::CheckDocument;
use crate::document::Document;
use crate::lesson::Lesson;
use crate::outcome::{Outcome, Seen};
use crate::topic::{Subject, Topic};

/// Partitions of a table that are shown each on its own line; of more, only those in the plan.
const LINES: usize = 16;

/// The title of a topic, with the partitions of its table.
pub fn topic(topic: Topic, tree: Option<&Tree>) -> String {
    let title = match topic.subject() {
        Subject::Table(_) => topic.name().to_owned(),
        Subject::Words(about) => format!("{}: {about}", topic.name()),
    };
    let title = report::heading(&title);
    tree.map_or(title.clone(), |tree| format!("{title}\n{}", report::partitions(tree, true)))
}

/// A lesson: query, partitions, measurements, reason, verdict.
pub fn lesson(topic: &str, lesson: &Lesson, outcome: &Outcome) -> String {
    let name = style(format!("{topic} · {}", lesson.slug)).cyan();
    let mut lines =
        vec![String::new(), format!("{name}  {}", style(&lesson.title).bold()), String::new()];
    lines.push(indented(&lesson.sql()));
    lines.push(String::new());
    if let Ok(seen) = &outcome.seen {
        lines.extend(run(lesson, outcome, seen));
        lines.push(String::new());
    }
    lines.push(format!("  {}", report::wrap(&lesson.why, 2)));
    lines.push(format!("  {}", verdict(outcome)));
    for (versions, expected) in outcome.elsewhere.iter().filter(|_| outcome.partitioned) {
        let line = report::wrap(&format!("{versions}: {expected}"), 4);
        lines.push(format!("    {}", style(line).dim()));
    }
    lines.join("\n")
}

/// What became of the partitions, and the measurements.
fn run(lesson: &Lesson, outcome: &Outcome, seen: &Seen) -> Vec<String> {
    let mut lines = Vec::new();
    let explained = &seen.measured.explained;
    // The lesson's own table first.
    let (own, others): (Vec<_>, Vec<_>) =
        explained.touched.iter().partition(|touched| touched.table.name == lesson.table);
    for touched in own.into_iter().chain(others) {
        if explained.touched.len() > 1 {
            lines.push(format!("  {}", style(&touched.table.name).bold()));
        }
        lines.extend(partitions(touched));
    }
    if !outcome.partitioned {
        lines.push(format!("  {} {}  single table", style("●").green(), lesson.table));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(measured(&explained.plan));
    if let Some(baseline) = &seen.baseline {
        lines.push(format!("{}  {}", measured(baseline), style("before partitioning").dim()));
    }
    lines
}

fn verdict(outcome: &Outcome) -> String {
    let expected = &outcome.expected;
    if !outcome.partitioned {
        let text = match outcome.seen {
            Ok(_) => "single table: nothing can be pruned",
            Err(_) => "single table: this lesson needs partitions",
        };
        return style(text).dim().to_string();
    }
    if outcome.ok {
        return format!("{} {}", mark(true), report::wrap(&expected.to_string(), 4));
    }
    let verdict = format!(
        "{} expected: {}\n    found:    {}",
        mark(false),
        report::wrap(&expected.to_string(), 14),
        report::wrap(&outcome.found(), 14)
    );
    if expected.total == outcome.total {
        return verdict;
    }
    format!(
        "{verdict}\n    the partitions are not those of setup: repartition cleanup brings them back"
    )
}

/// A line a partition with its fate: scanned ones lit, pruned ones dim.
fn partitions(touched: &Touched) -> Vec<String> {
    let many = touched.total() > LINES;
    let shown = |leaf: &&Leaf| !many || matches!(leaf.fate, Fate::Scanned | Fate::NeverExecuted);
    let leaves: Vec<&Leaf> = touched.leaves.iter().filter(shown).collect();
    let width =
        leaves.iter().map(|leaf| report::measure_text_width(&leaf.name.name)).max().unwrap_or(0);
    let mut lines: Vec<String> = leaves.iter().map(|leaf| partition(leaf, width)).collect();
    for fate in [Fate::PrunedAtPlan, Fate::PrunedAtStart] {
        if many && touched.count(fate) > 0 {
            let line = format!("  ○ {} {}", report::count(touched.count(fate) as u64), words(fate));
            lines.push(style(line).dim().to_string());
        }
    }
    lines
}

fn partition(leaf: &Leaf, width: usize) -> String {
    let pad = " ".repeat(width - report::measure_text_width(&leaf.name.name));
    let line = format!("{}{pad}  {}", leaf.name.name, words(leaf.fate));
    match leaf.fate {
        Fate::Scanned => format!("  {} {}", style("●").green(), style(line).green().bold()),
        Fate::NeverExecuted => format!("  {} {}", style("◌").yellow(), style(line).dim()),
        Fate::PrunedAtPlan | Fate::PrunedAtStart => style(format!("  ○ {line}")).dim().to_string(),
    }
}

pub fn words(fate: Fate) -> &'static str {
    match fate {
        Fate::Scanned => "scanned",
        Fate::NeverExecuted => "in the plan, never executed",
        Fate::PrunedAtPlan => "pruned at plan time",
        Fate::PrunedAtStart => "pruned at executor start",
    }
}

/// Rows, time and buffers, in columns.
pub fn measured(plan: &Plan) -> String {
    let [rows, time, buffers] = figures(plan);
    let written = if plan.writes() { "  written" } else { "" };
    format!("{rows:>14}  {time:>9}  {buffers:>12}{written}")
}

/// Rows, time and buffers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
pub fn figures(plan: &Plan) -> [String; 3] {
    [
        report::plural(plan.rows_affected() as u64, "row"),
        report::duration(Duration::from_secs_f64(plan.execution_ms / 1e3)),
        report::plural(plan.root.blocks_hit() + plan.root.blocks_read(), "buffer"),
    ]
}

pub fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// How the lessons ended. On single tables nothing was checked, so nothing is said to hold.
pub fn closing(document: &Document) -> String {
    let failed = document.lessons.iter().filter(|lesson| !lesson.ok);
    failed.fold(held(document, document.ok), |text, lesson| {
        format!("{text}\n  {} {}", mark(false), lesson.name())
    })
}

/// How a check ended, with what was expected and found where a lesson does not hold.
pub fn checked(check: &CheckDocument, document: &Document) -> String {
    check.failed.iter().fold(held(document, check.ok), |text, failed| {
        format!(
            "{text}\n  {} {}\n    expected: {}\n    found:    {}",
            mark(false),
            failed.name(),
            report::wrap(&failed.expected, 14),
            report::wrap(&failed.found, 14)
        )
    })
}

fn held(document: &Document, ok: bool) -> String {
    let checked = document.checked();
    let unchecked = document.lessons.len() - checked;
    let on_single = report::plural(unchecked as u64, "lesson");
    if checked == 0 {
        return format!(
            "\n{on_single} on single tables: nothing to check.  next: cargo run -p setup"
        );
    }
    let hold = checked - document.failed();
    let all = report::plural(checked as u64, "lesson");
    let rest =
        if unchecked > 0 { format!(", {on_single} on single tables") } else { String::new() };
    format!("\n{} {hold} of {all} hold{rest}", mark(ok))
}
