//! Rows per partition as bars, grouped by table.

use lab::report;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame::Table;
use crate::view::leaves;

/// Tables stand side by side as soon as each has this many columns.
const NARROWEST: u16 = 36;

/// Between two tables that stand side by side.
const GAP: u16 = 3;

/// `█` less some eighths, from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Longer bars than such a width allows are harder to compare, not easier.
const WIDEST: u16 = 110;

/// How tables stand side by side and below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrangement {
    /// Tables below each other.
    stacked: usize,
    /// Lines that all their partitions need.
    pub lines: usize,
}

impl Arrangement {
    /// The fewest tables side by side with which all partitions fit into `lines`; the most that
    /// `width` allows where they never do.
    pub fn of(tables: &[Table], width: u16, lines: u16) -> Self {
        let fit = (width + GAP) / (NARROWEST + GAP);
        let arrange = |side_by_side: u16| {
            let stacked = tables.len().div_ceil(usize::from(side_by_side)).max(1);
            let lines = |tables: &[Table]| tables.iter().map(|table| 1 + table.leaves.len()).sum();
            Self { stacked, lines: tables.chunks(stacked).map(lines).max().unwrap_or(0) }
        };
        let first = width.div_ceil(WIDEST).max(1);
        let mut tried = (first..=fit.max(first)).map(arrange);
        let widest = arrange(fit.max(first));
        tried.find(|arrangement| arrangement.lines <= usize::from(lines)).unwrap_or(widest)
    }
}

/// Draws as many partitions as `area` can show, and says how many more there are. Where there is
/// hardly room for the tables, they get the bars.
pub fn draw(tables: &[Table], area: Rect, buffer: &mut Buffer) {
    if tables.is_empty() || area.is_empty() {
        return;
    }
    let Arrangement { stacked, lines } = Arrangement::of(tables, area.width, area.height);
    let height = usize::from(area.height);
    if lines > height && height < 3 * stacked {
        let bare = |table: &Table| Table { leaves: Vec::new(), ..table.clone() };
        let bare: Vec<_> = tables.iter().map(bare).collect();
        return columns(&bare, stacked, area, buffer);
    }
    columns(tables, stacked, area, buffer);
}

/// Tables side by side.
fn columns(tables: &[Table], stacked: usize, area: Rect, buffer: &mut Buffer) {
    let side_by_side = u16::try_from(tables.len().div_ceil(stacked)).unwrap_or(1);
    let width = (area.width + GAP) / side_by_side - GAP.min(area.width);
    let most = most(tables);
    for (tables, n) in tables.chunks(stacked).zip(0..) {
        let place = Rect { x: area.x + n * (width + GAP), width, ..area };
        column(tables, most, place, buffer);
    }
}

/// What the longest bar stands for: the most rows of a leaf, or of a table where leaves are not
/// counted.
fn most(tables: &[Table]) -> u64 {
    let leaves = tables.iter().flat_map(|table| &table.leaves).map(|(_, rows)| *rows);
    let bare = tables.iter().filter(|table| table.leaves.is_empty()).map(|table| table.rows);
    leaves.chain(bare).max().unwrap_or(0).max(1)
}

/// Tables below each other.
fn column(tables: &[Table], most: u64, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.height).saturating_sub(tables.len());
    let wanted: Vec<_> = tables.iter().map(|table| table.leaves.len()).collect();
    let widths = Widths::of(tables, area.width);
    let mut lines = (area.y..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    for (table, room) in tables.iter().zip(leaves::share(&wanted, room)) {
        let Some(line) = lines.next() else { return };
        let bar = if table.leaves.is_empty() { table.rows } else { 0 };
        widths.line(line, (&table.name, table.rows, bar, most), Style::new().bold(), buffer);
        let rows: Vec<_> = table.leaves.iter().map(|(_, rows)| *rows).collect();
        let shown = leaves::busiest(&rows, room);
        for (n, line) in shown.iter().zip(&mut lines) {
            let (name, rows) = &table.leaves[*n];
            let text = (format!(" {name}"), *rows, *rows, most);
            widths.line(line, (&text.0, text.1, text.2, text.3), Style::new(), buffer);
        }
        if shown.len() < rows.len() && room > 0 {
            let Some(line) = lines.next() else { return };
            let rest = rows.iter().sum::<u64>() - shown.iter().map(|n| rows[*n]).sum::<u64>();
            let more = format!(" … {} more", rows.len() - shown.len());
            widths.line(line, (&more, rest, 0, most), Style::new().dim(), buffer);
        }
    }
}

/// Columns for ` … 1000 more`.
const MORE: usize = 12;

/// Of names, counts and bars.
struct Widths {
    name: usize,
    count: usize,
    bar: usize,
}

impl Widths {
    fn of(tables: &[Table], width: u16) -> Self {
        let width = usize::from(width);
        let leaves = || tables.iter().flat_map(|table| &table.leaves);
        let names = leaves().map(|(name, _)| name.chars().count() + 1);
        let name = names.chain(tables.iter().map(|table| table.name.chars().count())).max();
        let name = name.map(|name| name.max(MORE));
        let count = tables.iter().map(|table| report::count(table.rows).len()).max().unwrap_or(1);
        // Bars keep a quarter of the width, whatever names are like.
        let name = name.unwrap_or(0).min((width * 3 / 4).saturating_sub(count + 2));
        Self { name, count, bar: width.saturating_sub(name + count + 2) }
    }

    fn line(
        &self,
        line: Rect,
        (name, rows, bar, most): (&str, u64, u64, u64),
        style: Style,
        buffer: &mut Buffer,
    ) {
        let text = format!("{} {:>2$} ", cut(name, self.name), report::count(rows), self.count);
        let width = usize::from(line.width);
        let (x, _) = buffer.set_stringn(line.x, line.y, text, width, style);
        let left = usize::from(line.right().saturating_sub(x));
        buffer.set_stringn(x, line.y, self::bar(bar, most, self.bar), left, Style::new().green());
    }
}

/// `name` in `width` columns; of one that is too long the end is kept, which is where the names of
/// a table's partitions differ.
fn cut(name: &str, width: usize) -> String {
    let excess = console::measure_text_width(name).saturating_sub(width);
    if excess == 0 {
        return console::pad_str(name, width, console::Alignment::Left, None).into_owned();
    }
    let indent = name.len() - name.trim_start().len();
    let end: String = name.chars().skip(indent + excess + 1).collect();
    format!("{:indent$}…{end}", "")
}

/// A bar of at most `columns`, an eighth of one fine; any row at all shows.
fn bar(rows: u64, most: u64, columns: usize) -> String {
    let eighths = (u128::from(rows) * columns as u128 * 8).div_ceil(u128::from(most));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_row_shows_and_the_longest_bar_fits() {
        assert_eq!(bar(0, 1_000, 20), "");
        assert_eq!(bar(1, 1_000, 20), "▏");
        assert_eq!(bar(500, 1_000, 3), "█▌");
        assert_eq!(bar(u64::MAX, u64::MAX, 20).chars().count(), 20);
    }

    #[test]
    fn says_how_many_more_there_are_and_how_many_rows_they_hold() {
        let leaves = (0..9).map(|n| (format!("leaf_{n}"), n)).collect();
        let tables = [Table { name: "table".to_owned(), rows: 36, leaves }];
        let area = Rect::new(0, 0, 30, 4);
        let mut buffer = Buffer::empty(area);
        draw(&tables, area, &mut buffer);
        let lines: Vec<String> = buffer
            .content
            .chunks(30)
            .map(|line| line.iter().map(ratatui::buffer::Cell::symbol).collect::<String>())
            .map(|line| line.trim_end().to_owned())
            .collect();
        assert_eq!(lines[0], "table        36");
        assert!(lines[1].starts_with(" leaf_7       7 █"), "{lines:?}");
        assert!(lines[2].starts_with(" leaf_8       8 █"), "{lines:?}");
        assert_eq!(lines[3], " … 7 more    21");
    }

    #[test]
    fn long_names_keep_the_end_in_which_they_differ() {
        assert_eq!(cut(" users_distributed_p0", 12), " …ributed_p0");
        assert_eq!(cut(" p0", 5), " p0  ");
    }

    #[test]
    fn tables_stand_side_by_side_only_where_they_must_or_may() {
        let leaves: Vec<_> = (0..5).map(|n| (format!("leaf_{n}"), n)).collect();
        let table = Table { name: "table".to_owned(), rows: 10, leaves };
        let tables = vec![table; 4];
        let arrangement = |width, lines| {
            let Arrangement { stacked, lines } = Arrangement::of(&tables, width, lines);
            (stacked, lines)
        };
        assert_eq!(arrangement(80, 30), (4, 24));
        assert_eq!(arrangement(80, 12), (2, 12));
        assert_eq!(arrangement(80, 3), (2, 12));
        assert_eq!(arrangement(200, 50), (2, 12));
        assert_eq!(arrangement(20, 3), (4, 24));
    }
}
