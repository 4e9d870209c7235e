//! The line of a text at which the server points, with a caret beneath the place.

use tokio_postgres::error::{DbError, ErrorPosition};

use crate::report::visible;

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
    /// The line, or of a long one what stands round the place; a newline; and the caret behind as many
    /// columns as the characters before it take up in a terminal.
    pub text: String,
}

/// How many characters of a line are shown before the place, and from it on: together with the label before them they
/// fit a terminal of 80 columns.
const BEFORE: usize = 40;
const FROM: usize = 24;

/// Points at character `position` of `sql`, counted from 1; the one behind the last stands for the
/// end of the text.
pub(crate) fn at(sql: &str, position: usize) -> Excerpt {
    let offset = sql.char_indices().nth(position.saturating_sub(1)).map(|(offset, _)| offset);
    let (before, after) = sql.split_at(offset.unwrap_or(sql.len()));
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    // How wide a tab is depends on where the line is printed; and what a terminal would obey has to count as it is shown.
    let line = |text: &str| visible(text).replace('\t', " ");
    let (shown, rest) = (&before[start..], after.lines().next().unwrap_or_default());
    let (shown, rest) = match (shown.chars().count(), rest.chars().count()) {
        (left, right) if left + right <= BEFORE + FROM => (line(shown), line(rest)),
        (left, right) => {
            let (left, right) = window(left, right);
            (line(&last(shown, left)), line(&first(rest, right)))
        }
    };
    let column = console::measure_text_width(&shown);
    Excerpt { row: before.matches('\n').count(), text: format!("{shown}{rest}\n{:column$}^", "") }
}

/// How many characters of `left` and of `right` are shown: where one side is short, the other has its room.
fn window(left: usize, right: usize) -> (usize, usize) {
    let spare_left = BEFORE.saturating_sub(left);
    let spare_right = FROM.saturating_sub(right);
    (left.min(BEFORE + spare_right), right.min(FROM + spare_left))
}

/// The last `count` characters of `text`; an ellipsis stands for what is left out.
fn last(text: &str, count: usize) -> String {
    let left_out = text.chars().count().saturating_sub(count);
    let end = text.chars().skip(left_out);
    if left_out == 0 { end.collect() } else { format!("…{}", end.skip(1).collect::<String>()) }
}

/// The first `count` characters of `text`; an ellipsis stands for what is left out.
pub(crate) fn first(text: &str, count: usize) -> String {
    if text.chars().count() <= count {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(count.saturating_sub(1)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_round_the_place() {
        let many = "a, ".repeat(6000);
        let sql = format!("SELECT {many}wrong, {many}1");
        let place = 8 + many.chars().count();
        let Excerpt { row, text } = at(&sql, place);
        let (line, caret) = text.split_once('\n').unwrap();
        assert_eq!((row, line.chars().count()), (0, BEFORE + FROM), "{text}");
        assert!(line.starts_with('…') && line.ends_with('…'), "{text}");
        assert!(
            line[line.char_indices().nth(caret.len() - 1).unwrap().0..].starts_with("wrong"),
            "{text}"
        );
        for (sql, position) in [(format!("wrong {many}"), 1), (format!("{many}wrong"), place - 7)] {
            let text = at(&sql, position).text;
            let (line, caret) = text.split_once('\n').unwrap();
            assert_eq!(line.chars().count(), BEFORE + FROM, "{text}");
            assert!(
                line.chars().skip(caret.len() - 1).collect::<String>().starts_with("wrong"),
                "{text}"
            );
        }
        // A character of control is as wide as it is shown.
        assert_eq!(at("SELECT '\x1b', wrong", 13).text, "SELECT '\\x1b', wrong\n               ^");
    }

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
