//! A table with its partitions as a tree: name, bounds, rows, and sizes where wanted.

use console::style;

use super::{Branch, bytes, plural, width};
use crate::catalog::Tree;

/// The tree as text, within the terminal's width.
#[must_use]
pub fn partitions(tree: &Tree, with_sizes: bool) -> String {
    branch(tree, with_sizes).render(&[2, 3], width())
}

fn branch(tree: &Tree, with_sizes: bool) -> Branch {
    let what = match (&tree.partitioning, &tree.bounds) {
        (Some(partitioning), None) => partitioning.key.clone(),
        (Some(partitioning), Some(bounds)) => {
            format!("{}, {}", short_bounds(bounds), partitioning.key)
        }
        (None, Some(bounds)) => short_bounds(bounds),
        (None, None) => "a single table".to_owned(),
    };
    let rows = tree.total_rows().map_or("?".to_owned(), |rows| plural(rows, "row"));
    let size = with_sizes.then(|| bytes(tree.total_bytes()));
    let cells = [tree.name.name.clone(), style(what).dim().to_string(), rows];
    let mut branch = Branch::new(cells.into_iter().chain(size));
    branch.children = tree.children.iter().map(|child| self::branch(child, with_sizes)).collect();
    branch
}

/// PostgreSQL's bounds without what every line would repeat: `'2024-01-01' … '2024-02-01'`.
#[must_use]
pub fn short_bounds(bounds: &str) -> String {
    let bounds = bounds.trim_start_matches("FOR VALUES ").replace(" 00:00:00'", "'");
    match bounds.strip_prefix("FROM (").and_then(|rest| rest.strip_suffix(')')) {
        Some(range) => range.replace(") TO (", " … "),
        None => bounds,
    }
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
            assert_eq!(short_bounds(bounds), text);
        }
    }
}
