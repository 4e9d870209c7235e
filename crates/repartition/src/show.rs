//! What people see.

use console::style;
use lab::catalog::Tree;
use lab::report::{self, Align, Branch, Table};
use lab::script::{Outcome, Script, Statement};

use crate::layout::Layout;
use crate::scenario::Scenario;

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
pub fn title(scenario: Scenario, script: &Script) -> String {
    let field = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("\n  {} {}", style(format!("{name:<7}")).dim(), report::wrap(text, 10)),
    };
    format!(
        "{}{}{}",
        report::heading(&format!("{} · {}", scenario.name(), script.header.title)),
        field("locks", &script.header.locks),
        field("expect", &script.header.expect),
    )
}

/// The tables `names` as trees with rows.
pub fn layout(label: &str, layout: &Layout, names: &[&str]) -> String {
    let trees: Vec<_> =
        layout.tables(names).map(|tree| branch(tree).render(&[2], report::width())).collect();
    format!("\n{}\n{}", style(label).bold(), trees.join("\n"))
}

fn branch(tree: &Tree) -> Branch {
    let what = match (&tree.partitioning, &tree.bounds) {
        (Some(partitioning), None) => partitioning.key.clone(),
        (Some(partitioning), Some(bounds)) => format!("{}, {}", short(bounds), partitioning.key),
        (None, Some(bounds)) => short(bounds),
        (None, None) => "a table by itself".to_owned(),
    };
    let rows = tree.total_rows().map_or("?".to_owned(), |rows| report::plural(rows, "row"));
    let mut branch = Branch::new([tree.name.name.clone(), style(what).dim().to_string(), rows]);
    branch.children = tree.children.iter().map(self::branch).collect();
    branch
}

/// PostgreSQL's bounds without what every line would repeat: `'2024-01-01' … '2024-02-01'`.
fn short(bounds: &str) -> String {
    let bounds = bounds.trim_start_matches("FOR VALUES ").replace(" 00:00:00'", "'");
    match bounds.strip_prefix("FROM (").and_then(|rest| rest.strip_suffix(')')) {
        Some(range) => range.replace(") TO (", " … "),
        None => bounds,
    }
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
    let comment =
        statement.comment.iter().map(|line| style(format!("-- {line}")).dim().to_string());
    let lines: Vec<String> = [String::new(), place].into_iter().chain(comment).collect();
    format!("{}\n{};", lines.join("\n"), statement.sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_short_enough_for_a_projector() {
        for (bounds, text) in [
            (
                "FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')",
                "'2024-01-01' … '2024-02-01'",
            ),
            ("FOR VALUES IN ('US', 'CA')", "IN ('US', 'CA')"),
            ("FOR VALUES WITH (modulus 4, remainder 0)", "WITH (modulus 4, remainder 0)"),
            (
                "FOR VALUES FROM (MINVALUE) TO ('2024-01-01 12:30:00')",
                "MINVALUE … '2024-01-01 12:30:00'",
            ),
            ("DEFAULT", "DEFAULT"),
        ] {
            assert_eq!(short(bounds), text);
        }
    }
}
