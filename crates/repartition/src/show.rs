//! What people see.

use std::time::Duration;

use console::style;
use lab::report::{self, Align, Table};
use lab::script::{Outcome, Script, Statement};

use crate::document::Document;
use crate::layout::Layout;
use crate::scenario::Scenario;
use crate::way::Way;

/// The scenarios with what each teaches.
pub fn list() -> String {
    let mut table = Table::new(&[("scenario", Align::Left), ("teaches", Align::Wrap)]);
    for scenario in Scenario::ALL {
        table.row([style(scenario.name()).bold().to_string(), scenario.teaches().to_owned()]);
    }
    table.row([style("all").bold().to_string(), "the five in order".to_owned()]);
    format!("{table}\n\nnext: cargo run -p repartition -- add --step")
}

/// What is about to run.
pub fn title(scenario: Scenario, script: &Script, way: Way) -> String {
    let field = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("\n  {} {}", style(format!("{name:<7}")).dim(), report::wrap(text, 10)),
    };
    let (name, locks) = match way {
        Way::Classic => (scenario.name().to_owned(), script.header.locks.as_str()),
        Way::Online => (format!("{} online", scenario.name()), scenario.locks_online()),
    };
    format!(
        "{}{}{}",
        report::heading(&format!("{name} · {}", script.header.title)),
        field("locks", locks),
        field("expect", &script.header.expect),
    )
}

/// The tables `names` as trees with rows.
pub fn layout(label: &str, layout: &Layout, names: &[&str]) -> String {
    let trees = layout.tables(names).map(|tree| report::partitions(tree, false));
    format!("\n{}\n{}", style(label).bold(), trees.collect::<Vec<_>>().join("\n"))
}

/// How a scenario ended. Its script compared the counts, or it would not have ended well; where
/// they differ here, others were writing before it took its lock or after it let go.
pub fn done(what: &str, document: &Document) -> String {
    let elapsed = report::duration(Duration::from_secs_f64(document.elapsed_ms / 1e3));
    let before = report::plural(document.rows_before, "row");
    let rows = if document.rows_before == document.rows_after {
        format!("{before} before and after")
    } else {
        let after = report::count(document.rows_after);
        format!("{before} before, {after} after, for others were writing meanwhile")
    };
    format!("\n{} {what} in {elapsed}: {rows}", report::mark(true))
}

/// A statement that was run: its first line, rows, time.
pub fn statement(number: usize, statement: &Statement, outcome: &Outcome) -> String {
    const NUMBERS: usize = 30;
    let room = report::width().saturating_sub(NUMBERS);
    let first = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = console::truncate_str(&first, room, "…");
    let pad = " ".repeat(room - console::measure_text_width(&text));
    let rows = match outcome.rows {
        0 => String::new(),
        rows => report::plural(rows, "row"),
    };
    format!(
        "{} {number:>2}  {text}{pad}  {rows:>11}  {:>8}",
        report::mark(true),
        report::duration(outcome.elapsed)
    )
}

/// A statement as it stands in the file, with what its author says of it.
pub fn source(number: usize, statement: &Statement) -> String {
    let place = format!(
        "{} {}",
        style(format!("{number}.")).bold(),
        style(format!("line {}", statement.line)).dim()
    );
    let comment = match statement.comment.join(" ") {
        none if none.is_empty() => None,
        text => Some(style(format!("-- {}", report::wrap(&text, 3).replace("\n  ", "\n--"))).dim()),
    };
    let comment = comment.map(|comment| format!("{comment}\n")).unwrap_or_default();
    format!("\n{place}\n{comment}{};", statement.sql)
}

/// A step of the engine: what it did and how long that took.
pub fn step(name: &str, what: &str, elapsed: Duration) -> String {
    const NUMBERS: usize = 24;
    let room = report::width().saturating_sub(NUMBERS);
    let text = console::truncate_str(what, room, "…");
    let pad = " ".repeat(room - console::measure_text_width(&text));
    format!("{} {name:<10}  {text}{pad}  {:>8}", report::mark(true), report::duration(elapsed))
}

/// A remark of the engine.
pub fn note(text: &str) -> String {
    style(format!("  {}", report::wrap(text, 2))).dim().to_string()
}
