//! The line of a text at which the server points, with a caret beneath the place.

use tokio_postgres::error::{DbError, ErrorPosition};

/// Where in the text that was sent the server sees the error: in characters, from 1. `None` too
/// when it is in a function's body.
pub(crate) fn position(error: &DbError) -> Option<usize> {
    match error.position()? {
        ErrorPosition::Original(at) => usize::try_from(*at).ok(),
        ErrorPosition::Internal { .. } => None,
    }
}

/// A line, and a caret beneath one of its characters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// How many lines stand above it.
    pub row: usize,
    /// The line, a newline, and the caret behind as many columns as the characters before it take
    /// up in a terminal.
    pub text: String,
}

/// Points at character `position` of `sql`, counted from 1; the one behind the last stands for the
/// end of the text.
pub(crate) fn at(sql: &str, position: usize) -> Excerpt {
    let offset = sql.char_indices().nth(position.saturating_sub(1)).map(|(offset, _)| offset);
    let (before, after) = sql.split_at(offset.unwrap_or(sql.len()));
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    // How wide a tab is depends on where the line is printed.
    let shown = before[start..].replace('\t', " ");
    let rest = after.lines().next().unwrap_or_default().replace('\t', " ");
    let column = console::measure_text_width(&shown);
    Excerpt { row: before.matches('\n').count(), text: format!("{shown}{rest}\n{:column$}^", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_character_that_the_server_names() {
        for (sql, position, row, text) in [
            ("SELECT größe,\n  wrong\nFROM t", 17, 1, "  wrong\n  ^"),
            ("SELECT 'ü', wrong", 13, 0, "SELECT 'ü', wrong\n            ^"),
            // Two columns a character, in every terminal.
            ("SELECT '東京', wrong", 14, 0, "SELECT '東京', wrong\n               ^"),
            ("SELECT\t\twrong", 9, 0, "SELECT  wrong\n        ^"),
            ("SELECT 1\r\nFRM\r\nt", 11, 1, "FRM\n^"),
            ("SELECT (", 9, 0, "SELECT (\n        ^"),
        ] {
            assert_eq!(at(sql, position), Excerpt { row, text: text.to_owned() }, "{sql}");
        }
    }
}
