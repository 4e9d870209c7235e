//! All output: tables, trees, units, colours, JSON.
//!
//! Everything here turns data into text; only [`print()`], [`print_json`], [`note`], [`print_error`],
//! [`Progress`] and the questions ([`pause`], [`agreed`]) write it, and what they write has no character
//! that a terminal obeys besides our own colours (`visible.rs`).

mod partitions;
mod pause;
mod progress;
mod table;
mod tree;
mod units;
mod visible;

use std::io::{self, Write};

use console::{Term, style};
use serde::Serialize;

pub use console::{StyledObject, measure_text_width};
pub use partitions::{partitions, short_bounds};
pub use pause::{agreed, pause};
pub use progress::Progress;
pub use table::{Align, Table};
pub use tree::Branch;
pub use units::{bytes, count, duration, milliseconds, plural};
pub use visible::visible;

use crate::cli::ColorChoice;
use crate::connect::Server;
use crate::{Error, Result};
use visible::{Colors, shown};

/// Width of the text when nobody says how wide the terminal is: what a projector shows.
const DEFAULT_WIDTH: usize = 80;

/// Applies `--color`; `auto` looks at the terminal and `NO_COLOR`.
pub fn set_colors(choice: ColorChoice) {
    let wanted = match choice {
        ColorChoice::Auto => return,
        ColorChoice::Always => true,
        ColorChoice::Never => false,
    };
    console::set_colors_enabled(wanted);
    console::set_colors_enabled_stderr(wanted);
}

/// How many columns text may take.
#[must_use]
pub fn width() -> usize {
    Term::stdout().size_checked().map_or(DEFAULT_WIDTH, |(_, columns)| usize::from(columns).max(40))
}

/// Writes `text` and a line's end to stdout.
///
/// A reader that went away (`demo | head`) ends the command quietly.
pub fn print(text: &str) -> Result<()> {
    write_out(&shown(text, Colors::on_stdout()))
}

/// Writes to stdout what was made visible.
fn write_out(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Error::output_closed(),
        _ => Error::failed("cannot write the output")
            .caused_by(&error)
            .next("send the output elsewhere, or make room where it goes"),
    })
}

/// Writes one JSON document to stdout.
pub fn print_json(document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Error::failed("cannot write JSON").caused_by(&error))?;
    write_out(&visible::json(&text))
}

/// Writes a remark to stderr, where it disturbs no program that reads stdout.
pub fn note(text: &str) {
    // With stderr closed there is nobody to tell.
    let text = wrap_to(&shown(text, Colors::on_stderr()), 6, error_width());
    let _ = writeln!(io::stderr(), "{} {text}", style("note:").for_stderr().cyan());
}

/// Writes what clap says of wrong arguments, which it repeats, to stderr.
pub(crate) fn print_wrong_usage(error: &clap::Error) {
    let text = error.render();
    let colored = console::colors_enabled_stderr();
    let text = if colored { text.ansi().to_string() } else { text.to_string() };
    let _ = write!(io::stderr(), "{}", shown(&text, Colors::on_stderr()));
}

/// Writes an error to stderr.
pub fn print_error(error: &Error) {
    let text = error.render(error_width());
    let _ = writeln!(io::stderr(), "{} {text}", style("error:").for_stderr().red().bold());
}

/// How many columns stderr has; lines in a file or a pipe are left whole.
fn error_width() -> usize {
    Term::stderr().size_checked().map_or(usize::MAX, |(_, columns)| usize::from(columns).max(40))
}

/// The first line of human output: which server, never a password.
#[must_use]
pub fn server_line(server: &Server) -> String {
    style(format!("PostgreSQL {} · {} · {}", server.version, server.origin, server.place))
        .dim()
        .to_string()
}

/// A title above a block of output.
#[must_use]
pub fn heading(text: &str) -> String {
    format!("\n{}", style(text).bold())
}

/// ✓ in green, or ✗ in red.
#[must_use]
pub fn mark(ok: bool) -> StyledObject<&'static str> {
    if ok { style("✓").green().bold() } else { style("✗").red().bold() }
}

/// `text`, cut with an ellipsis where it is wider than [`width`].
#[must_use]
pub fn truncate(text: &str) -> String {
    cut(text, width())
}

/// `text`, cut where it takes more than so many columns.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    console::truncate_str(text, columns, "…").into_owned()
}

/// `text` in lines of at most [`width`] columns, each after the first indented by `indent`.
#[must_use]
pub fn wrap(text: &str, indent: usize) -> String {
    wrap_to(text, indent, width())
}

/// The same for lines of `columns`.
pub(crate) fn wrap_to(text: &str, indent: usize, columns: usize) -> String {
    let width = columns.saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| measure_text_width(line));
        if used > 0 && used + 1 + measure_text_width(word) > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_words_and_indents() {
        let text = "word ".repeat(40);
        let wrapped = wrap(&text, 4);
        assert!(wrapped.lines().all(|line| measure_text_width(line) <= width()));
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("    word")));
        assert_eq!(wrapped.split_whitespace().count(), 40);
    }
}
