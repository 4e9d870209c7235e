//! What people see.

use std::time::Duration;

use console::style;
use lab::catalog::Tree;
use lab::plan::{Explained, Fate, Leaf, Plan, Touched};
use lab::report::{self, Branch, mark};

use crate::document::Document;
use crate::lesson::Lesson;
use crate::run::Outcome;
use crate::topic::Topic;

/// Partitions of a table that are shown each on its own line; of more, only those in the plan.
const LINES: usize = 16;

/// The title of a topic, with the partitions of its table.
pub fn topic(topic: Topic, tree: Option<&Tree>) -> String {
    match tree {
        None => report::heading(&format!("{}: what keeps PostgreSQL from pruning", topic.name())),
        Some(tree) => {
            format!(
                "{}\n{}",
                report::heading(topic.name()),
                branch(tree).render(&[2, 3], report::width())
            )
        }
    }
}

fn branch(tree: &Tree) -> Branch {
    let what = match (&tree.partitioning, &tree.bounds) {
        (Some(partitioning), _) => &partitioning.key,
        (None, Some(bounds)) => bounds,
        (None, None) => "single table",
    };
    let rows = tree.total_rows().map_or("?".to_owned(), |rows| report::plural(rows, "row"));
    let size = report::bytes(tree.total_bytes());
    let what = what.trim_start_matches("FOR VALUES ").replace(" 00:00:00'", "'");
    let mut branch =
        Branch::new([tree.name.name.clone(), style(what).dim().to_string(), rows, size]);
    branch.children = tree.children.iter().map(self::branch).collect();
    branch
}

/// A lesson: query, partitions, measurements, reason, verdict.
pub fn lesson(topic: &str, lesson: &Lesson, outcome: &Outcome) -> String {
    let name = style(format!("{topic} · {}", lesson.slug)).cyan();
    let mut lines =
        vec![String::new(), format!("{name}  {}", style(&lesson.title).bold()), String::new()];
    lines.push(indented(&lesson.sql()));
    lines.push(String::new());
    lines.extend(outcome.touched.iter().flat_map(partitions));
    if !outcome.partitioned {
        lines.push(format!("  {} {}  single table", style("●").green(), lesson.table));
    }
    lines.push(String::new());
    lines.push(measured(&outcome.plan));
    if let Some(baseline) = &outcome.baseline {
        lines.push(format!("{}  {}", measured(baseline), style("before partitioning").dim()));
    }
    lines.push(String::new());
    lines.push(format!("  {}", report::wrap(&lesson.why, 2)));
    lines.push(format!("  {}", verdict(lesson, outcome)));
    lines.join("\n")
}

fn verdict(lesson: &Lesson, outcome: &Outcome) -> String {
    let expected = &lesson.expectation;
    if !outcome.partitioned {
        return style("single table: nothing can be pruned").dim().to_string();
    }
    if outcome.ok {
        return format!("{} {expected}", mark(true));
    }
    let found = expected.answer(&outcome.finding);
    format!("{} expected: {expected}\n    found:    {found}", mark(false))
}

/// What a query touched, without any expectation.
pub fn query(sql: &str, explained: &Explained) -> String {
    let mut lines = vec![String::new(), indented(sql.trim()), String::new()];
    for touched in &explained.touched {
        lines.push(format!(
            "  {}  {} of {} scanned",
            style(&touched.table.name).bold(),
            touched.count(Fate::Scanned),
            report::plural(touched.total() as u64, "partition")
        ));
        lines.extend(partitions(touched));
        lines.push(String::new());
    }
    if explained.touched.is_empty() {
        lines.push("  It reads no partitioned table.\n".to_owned());
    }
    lines.push(measured(&explained.plan));
    lines.join("\n")
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

fn words(fate: Fate) -> &'static str {
    match fate {
        Fate::Scanned => "scanned",
        Fate::NeverExecuted => "in the plan, never executed",
        Fate::PrunedAtPlan => "pruned at plan time",
        Fate::PrunedAtStart => "pruned at executor start",
    }
}

/// Rows, time and buffers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn measured(plan: &Plan) -> String {
    let time = report::duration(Duration::from_secs_f64(plan.execution_ms / 1e3));
    let buffers = report::plural(plan.root.blocks_hit() + plan.root.blocks_read(), "buffer");
    format!("{:>14}  {time:>9}  {buffers:>12}", report::plural(plan.rows() as u64, "row"))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// How the lessons ended.
pub fn closing(document: &Document) -> String {
    let all = document.lessons.len();
    let hold = all - document.failed();
    let text =
        format!("\n{} {hold} of {} hold", mark(document.ok), report::plural(all as u64, "lesson"));
    let failed = document.lessons.iter().filter(|lesson| !lesson.ok);
    failed.fold(text, |text, lesson| format!("{text}\n  {} {}", mark(false), lesson.name()))
}
