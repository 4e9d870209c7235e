//! What a terminal would obey is shown instead: names, queries and server messages come from others.
//!
//! All that is printed passes here, so no caller has to think of it. A character that is shown is written as in Rust and in
//! PostgreSQL's `E''`: `\x1b` for a control character, `\u202e` for one that turns the direction of writing. JSON keeps the value, for
//! both are escaped there as `\u001b`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal does something else with `c` than show it, or shows what follows elsewhere: the control characters of
/// ASCII and of Latin 1 but for newline and tab, and Unicode's bidirectional overrides and isolates.
pub(super) fn is_obeyed(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` without anything that a terminal would obey, colours included; lines and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    shown(text, Colors::Shown).into_owned()
}

/// What happens to the colours and weights that we give to text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// They stay: the stream has colours.
    Kept,
    /// They go: the text was coloured for the other stream.
    Removed,
    /// Nothing of it is ours, so it is shown.
    Shown,
}

impl Colors {
    /// What to do on stdout.
    pub(super) fn on_stdout() -> Self {
        Self::by(console::colors_enabled(), console::colors_enabled_stderr())
    }

    /// What to do on stderr.
    pub(super) fn on_stderr() -> Self {
        Self::by(console::colors_enabled_stderr(), console::colors_enabled())
    }

    fn by(here: bool, elsewhere: bool) -> Self {
        match (here, elsewhere) {
            (true, _) => Self::Kept,
            (false, true) => Self::Removed,
            (false, false) => Self::Shown,
        }
    }
}

/// `text` without anything that a terminal would obey, but for our own colours where they are kept.
pub(super) fn shown(text: &str, colors: Colors) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match (color(rest), colors) {
            (Some(sequence), Colors::Kept) => {
                out.push_str(sequence);
                sequence.len()
            }
            (Some(sequence), Colors::Removed) => sequence.len(),
            // The end of a line in a text from Windows.
            _ if rest.starts_with("\r\n") => 1,
            _ => {
                push(&mut out, c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

fn push(out: &mut String, c: char) {
    // Writing to a String does not fail.
    let _ = match u32::from(c) {
        _ if !is_obeyed(c) => {
            out.push(c);
            Ok(())
        }
        code @ ..=0xff => write!(out, "\\x{code:02x}"),
        code => write!(out, "\\u{code:04x}"),
    };
}

/// The sequence at the start of `text`, where it is one that we use: bold, dim, italic, underlined, reverse and the
/// colours of the foreground. Never one that hides text or moves the cursor.
fn color(text: &str) -> Option<&str> {
    let end = text.strip_prefix("\x1b[")?.find(|c: char| !c.is_ascii_digit())? + 2;
    let number = &text[2..end];
    let ours = matches!(number, "0" | "1" | "2" | "3" | "4" | "7")
        || matches!(number.as_bytes(), [b'3' | b'9', b'0'..=b'7']);
    (ours && text[end..].starts_with('m')).then(|| &text[..=end])
}

/// A JSON document in which a terminal obeys nothing: the same values, written otherwise. (The control characters of ASCII are
/// escaped already.)
pub(super) fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if is_obeyed(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        for (text, seen) in [
            ("größe\tand\nlines 東京 ✓", "größe\tand\nlines 東京 ✓"),
            ("a\x1b[2J\x07b", "a\\x1b[2J\\x07b"),
            ("overwritten\rby this", "overwritten\\x0dby this"),
            ("from\r\nWindows", "from\nWindows"),
            ("\u{7f}\u{9b}31m\u{85}", "\\x7f\\x9b31m\\x85"),
            ("user\u{202e}nimda\u{2066}", "user\\u202enimda\\u2066"),
            ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
            ("\x1b[31mred", "\\x1b[31mred"),
        ] {
            assert_eq!(visible(text), seen);
        }
    }

    #[test]
    fn only_our_own_colours_stay_and_only_where_there_are_some() {
        let styled = console::style("ok").green().bold().force_styling(true).to_string();
        assert_eq!(shown(&styled, Colors::Kept), styled);
        assert_eq!(shown(&styled, Colors::Removed), "ok");
        assert!(!shown(&styled, Colors::Shown).contains('\x1b'));
        // Hidden, a background, a cursor, a string of parameters, one that never ends.
        for foreign in ["\x1b[8m", "\x1b[41m", "\x1b[2J", "\x1b[31;8m", "\x1b[3", "\x1b[", "\x1b[m"]
        {
            assert!(!shown(foreign, Colors::Kept).contains('\x1b'), "{foreign:?}");
        }
    }

    #[test]
    fn json_keeps_the_value() {
        let value = serde_json::json!({ "name": "a\x1b\u{9b}\u{7f}\u{202e}b\n" });
        let document = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!document.chars().any(is_obeyed), "{document}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&document).unwrap(), value);
    }
}
