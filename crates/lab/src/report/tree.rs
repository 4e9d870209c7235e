//! Trees of any depth, as partitions are shown.

use super::measure_text_width;

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
        let cells = cells.into_iter().map(|cell| cell.to_string()).collect();
        Self { cells, children: Vec::new() }
    }

    /// The tree as text; columns named in `right` (from 0) are aligned to the right.
    #[must_use]
    pub fn render(&self, right: &[usize]) -> String {
        let mut lines = Vec::new();
        self.collect("", "", &mut lines);
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|n| {
                lines
                    .iter()
                    .filter_map(|line| line.get(n))
                    .map(|cell| measure_text_width(cell))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let line = |cells: &Vec<String>| {
            let cells = cells.iter().zip(&widths).enumerate().map(|(n, (cell, width))| {
                let pad = " ".repeat(width - measure_text_width(cell));
                if right.contains(&n) { format!("{pad}{cell}") } else { format!("{cell}{pad}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
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
            "sales            10\n├─ q1            7\n│  └─ q1_other   7\n└─ default       3";
        assert_eq!(root.render(&[1]), wanted);
    }
}
