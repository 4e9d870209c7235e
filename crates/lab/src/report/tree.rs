//! Trees of any depth, as partitions are shown.

use console::{Alignment, measure_text_width};

use super::visible::{Colors, shown};

/// Between two cells.
const GAP: &str = "  ";

/// What is left of the second cells in the narrowest terminal.
const MIN_SECOND: usize = 12;

/// A line of a tree with the branches below it; its cells stand in columns across the whole tree.
#[derive(Debug, Clone, Default)]
pub struct Branch {
    /// The first cell is the name; the others follow in columns.
    pub cells: Vec<String>,
    /// What hangs below.
    pub children: Vec<Branch>,
}

impl Branch {
    /// A line with nothing below it yet.
    pub fn new<T: ToString>(cells: impl IntoIterator<Item = T>) -> Self {
        // As wide as they will be printed, and on one line.
        let cells = cells.into_iter();
        let cell = |text: String| shown(&text, Colors::on_stdout()).replace('\n', "\\x0a");
        let cells = cells.map(|text| cell(text.to_string())).collect();
        Self { cells, children: Vec::new() }
    }

    /// The tree as text of at most `width` columns: where it is wider, the second cells are cut.
    /// Cells named in `right` (from 0) are aligned to the right.
    #[must_use]
    pub fn render(&self, right: &[usize], width: usize) -> String {
        let mut lines = Vec::new();
        self.collect("", "", &mut lines);
        let mut widths = widths(&lines);
        let excess = (widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1))
            .saturating_sub(width);
        if let Some(second) = widths.get_mut(1) {
            *second = second.saturating_sub(excess).max(MIN_SECOND.min(*second));
        }
        let line = |cells: &Vec<String>| {
            let cells = cells.iter().zip(&widths).enumerate().map(|(n, (cell, width))| {
                let alignment = if right.contains(&n) { Alignment::Right } else { Alignment::Left };
                console::pad_str_with(cell, *width, alignment, Some("…"), ' ').into_owned()
            });
            cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn collect(&self, first: &str, rest: &str, lines: &mut Vec<Vec<String>>) {
        let mut cells = self.cells.clone();
        if let Some(name) = cells.first_mut() {
            name.insert_str(0, first);
        }
        lines.push(cells);
        for (n, child) in self.children.iter().enumerate() {
            let is_last = n + 1 == self.children.len();
            let (branch, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            child.collect(&format!("{rest}{branch}"), &format!("{rest}{below}"), lines);
        }
    }
}

/// The width of each column.
fn widths(lines: &[Vec<String>]) -> Vec<usize> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let cells = |n: usize| lines.iter().filter_map(move |line| line.get(n));
    (0..columns).map(|n| cells(n).map(|cell| measure_text_width(cell)).max().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_branches_and_aligns_columns_across_levels() {
        let mut root = Branch::new(["sales", "10"]);
        let mut q1 = Branch::new(["q1", "7"]);
        q1.children.push(Branch::new(["q1_other", "7"]));
        root.children = vec![q1, Branch::new(["default", "3"])];
        let wanted =
            "sales           10\n├─ q1            7\n│  └─ q1_other   7\n└─ default       3";
        assert_eq!(root.render(&[1], 80), wanted);
    }

    #[test]
    fn cuts_the_second_cells_of_a_tree_that_is_too_wide() {
        let root = Branch::new(["sales", "IN ('clothing', 'shoes', 'accessories')", "92 rows"]);
        assert_eq!(root.render(&[2], 40), "sales  IN ('clothing', 'shoes'…  92 rows");
        assert_eq!(root.render(&[2], 20), "sales  IN ('clothi…  92 rows");
    }
}
