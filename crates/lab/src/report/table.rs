//! Tables that fit the terminal.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle,
};
use console::style;

use super::visible::{Colors, shown};
use super::width;

/// How a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Names: to the left, never broken.
    Left,
    /// Words: to the left, on several lines where the terminal is narrow.
    Wrap,
    /// Numbers: to the right, never broken.
    Right,
}

/// One line below the header and none besides: on a projector, fewer lines read better.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// A table with a header; cells may be coloured.
#[derive(Debug)]
pub struct Table {
    inner: comfy_table::Table,
    alignments: Vec<CellAlignment>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let mut inner = comfy_table::Table::new();
        let width = u16::try_from(width()).unwrap_or(u16::MAX);
        inner
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
        let alignments: Vec<_> = columns
            .iter()
            .map(|(_, align)| match align {
                Align::Left | Align::Wrap => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            })
            .collect();
        let names = columns.iter().map(|(name, _)| style(*name).dim().to_string());
        inner.set_header(cells(names, &alignments));
        for (column, (_, align)) in inner.column_iter_mut().zip(columns) {
            column.set_padding((0, 2));
            if *align != Align::Wrap {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        Self { inner, alignments }
    }

    /// Adds a row, one text a column.
    pub fn row<T: ToString>(&mut self, texts: impl IntoIterator<Item = T>) {
        // As wide as they will be printed.
        let texts = texts.into_iter();
        let texts = texts.map(|text| shown(&text.to_string(), Colors::on_stdout()).into_owned());
        self.inner.add_row(cells(texts, &self.alignments));
    }
}

fn cells(texts: impl Iterator<Item = String>, alignments: &[CellAlignment]) -> Vec<Cell> {
    texts.zip(alignments).map(|(text, align)| Cell::new(text).set_alignment(*align)).collect()
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.inner.trim_fmt())
    }
}
