//! The one error of all commands: what happened to which object, why, and what to type next.
//!
//! Printed on stderr as
//!
//! ```text
//! error: cannot connect to db.example.org:5432 as ann
//!   because  password authentication failed for user "ann"
//!   SQLSTATE 28P01
//!   next     set POSTGRES_PASSWORD, or PGPASSWORD
//! ```

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::process::ExitCode;

use console::measure_text_width;

use crate::report::{visible, wrap_to};

/// What went wrong, in words for the person at the keyboard.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    lines: Vec<(&'static str, String)>,
}

/// The label of a next step.
const NEXT: &str = "next";
/// The label of a cause.
const BECAUSE: &str = "because";

/// Decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The work failed or a check did not hold: exit code 1.
    Failed,
    /// Wrong usage or configuration: exit code 2.
    Usage,
    /// Ctrl-C: exit code 130.
    Interrupted,
    /// The reader of our output went away (`demo | head`): nothing to say, exit code 0.
    OutputClosed,
}

/// `Result` with our [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    fn new(kind: Kind, what: impl Display) -> Self {
        Self { kind, what: what.to_string(), lines: Vec::new() }
    }

    /// The work failed: exit code 1.
    pub fn failed(what: impl Display) -> Self {
        Self::new(Kind::Failed, what)
    }

    /// A flag, a setting or an argument is wrong: exit code 2.
    pub fn usage(what: impl Display) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// Ctrl-C or SIGTERM arrived; `what` tells what was finished or rolled back: exit code 130.
    pub fn interrupted(what: impl Display) -> Self {
        Self::new(Kind::Interrupted, what)
    }

    /// Nobody reads our output any more: exit code 0, no message.
    #[must_use]
    pub fn output_closed() -> Self {
        Self::new(Kind::OutputClosed, "")
    }

    /// Adds a cause in words.
    #[must_use]
    pub fn because(mut self, cause: impl Display) -> Self {
        self.lines.push((BECAUSE, cause.to_string()));
        self
    }

    /// Adds a command to type, or a thing to do, next.
    #[must_use]
    pub fn next(mut self, step: impl Display) -> Self {
        self.lines.push((NEXT, step.to_string()));
        self
    }

    /// Adds a next step where nothing has added one yet.
    #[must_use]
    pub fn or_next(self, step: impl Display) -> Self {
        if self.lines.iter().any(|(label, _)| *label == NEXT) { self } else { self.next(step) }
    }

    /// Adds a block that is printed as it stands, such as a log's tail or a statement with a caret.
    #[must_use]
    pub fn detail(mut self, label: &'static str, text: impl Display) -> Self {
        self.lines.push((label, text.to_string()));
        self
    }

    /// Adds `cause` and everything beneath it. For an error of the server that is its message,
    /// SQLSTATE, DETAIL and HINT, and what usually helps (`tokio_postgres`'s `Display` hides these).
    #[must_use]
    pub fn caused_by(mut self, cause: &(dyn StdError + 'static)) -> Self {
        if let Some(db) = db_error(cause) {
            self = self.because(db.message()).detail("SQLSTATE", db.code().code());
            for (label, text) in
                [("DETAIL", db.detail()), ("HINT", db.hint()), ("CONTEXT", db.where_())]
            {
                if let Some(text) = text {
                    self = self.detail(label, first_lines(text));
                }
            }
            return match crate::sqlstate::advice(db.code()) {
                Some(step) => self.next(step),
                None => self,
            };
        }
        let lost = cause.downcast_ref().is_some_and(tokio_postgres::Error::is_closed);
        let mut link = Some(cause);
        while let Some(error) = link {
            // Many errors repeat their source in their own text; say each thing once.
            let text = error.to_string();
            if !self.lines.iter().any(|(_, said)| said.contains(&text)) {
                self = self.because(text);
            }
            link = error.source();
        }
        if lost { self.next(crate::sqlstate::CONNECTION_LOST) } else { self }
    }

    /// SQLSTATE and message, where the server refused something.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &str)> {
        let line = |wanted| self.lines.iter().find(|(label, _)| *label == wanted);
        Some((line("SQLSTATE")?.1.as_str(), line(BECAUSE)?.1.as_str()))
    }

    /// What decides the exit code.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::OutputClosed => 0,
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Interrupted => 130,
        })
    }
}

/// The server's own error, wherever in the chain it stands.
fn db_error<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a tokio_postgres::error::DbError> {
    let mut link = Some(cause);
    while let Some(error) = link {
        if let Some(db) = error.downcast_ref::<tokio_postgres::error::DbError>() {
            return Some(db);
        }
        link = error.source();
    }
    None
}

/// The most characters of a line that are shown: somebody's query, or a list of values in a message of the server's, may have
/// thousands.
const LONGEST_LINE: usize = 500;

/// The most lines of the server's DETAIL, HINT and CONTEXT: a CONTEXT repeats the statement that a function ran.
const MOST_LINES: usize = 12;

/// `text` with its first lines only, and how many are left out.
fn first_lines(text: &str) -> String {
    let all = text.lines().count();
    if all <= MOST_LINES + 1 {
        return text.to_owned();
    }
    let shown: Vec<_> = text.lines().take(MOST_LINES).collect();
    format!("{}\n… and {} more lines", shown.join("\n"), all - MOST_LINES)
}

/// The beginning of a line, and how much of it is left out.
fn beginning(line: &str) -> Cow<'_, str> {
    let all = line.chars().count();
    if all <= LONGEST_LINE {
        return line.into();
    }
    let shown: String = line.chars().take(LONGEST_LINE).collect();
    format!("{shown}… and {} more characters", all - LONGEST_LINE).into()
}

/// Blocks whose line breaks matter: a log's tail, a statement with a caret below it.
const AS_THEY_STAND: [&str; 3] = ["statement", "at", "log"];

impl Error {
    /// The error as text whose lines have at most `columns` columns, but for blocks and commands to
    /// copy; what to do next comes last.
    pub(crate) fn render(&self, columns: usize) -> String {
        let label_width = self.lines.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        let indent = label_width + 4;
        let (next, rest): (Vec<_>, Vec<_>) =
            self.lines.iter().partition(|(label, _)| *label == NEXT);
        let mut lines = vec![beginning(&visible(&self.what)).into_owned()];
        for (label, text) in rest.into_iter().chain(next) {
            for (n, line) in visible(text).lines().enumerate() {
                // A command to type is of no use in part.
                let line = if *label == NEXT { line.into() } else { beginning(line) };
                let fits = AS_THEY_STAND.contains(label)
                    || line.starts_with("cargo ")
                    || measure_text_width(&line) + indent <= columns;
                let line = if fits { line.into_owned() } else { wrap_to(&line, indent, columns) };
                let label = if n == 0 { label } else { "" };
                lines.push(format!("  {label:label_width$}  {line}"));
            }
        }
        lines.join("\n")
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(usize::MAX))
    }
}

impl StdError for Error {}

/// Says what was being done when something failed.
pub trait Context<T> {
    /// Turns the error into ours, under the sentence `what`.
    fn context<D: Display>(self, what: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: StdError + 'static> Context<T> for std::result::Result<T, E> {
    fn context<D: Display>(self, what: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| Error::failed(what()).caused_by(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_object_cause_and_next_step_in_columns() {
        let error = Error::usage("unknown scenario \"spilt\"")
            .because("there is no such scenario")
            .next("cargo run -p repartition -- split");
        assert_eq!(
            error.to_string(),
            "unknown scenario \"spilt\"\n  because  there is no such scenario\n  next     cargo run -p repartition -- split"
        );
        assert_eq!(error.kind(), Kind::Usage);
    }

    #[test]
    fn the_usual_next_step_gives_way_to_a_better_one() {
        let error = Error::failed("no").or_next("usual");
        assert!(error.to_string().contains("usual"));
        let error = Error::failed("no").next("better").or_next("usual");
        assert!(!error.to_string().contains("usual"));
    }

    #[test]
    fn wraps_words_but_no_blocks_and_ends_with_what_to_do() {
        let error = Error::failed("x.sql:3: a statement failed")
            .next("cargo run -p setup -- --reset")
            .because("a cause in so many words that they need more than one line")
            .detail("statement", "SELECT a_name_that_is_longer_than_forty_columns,\n       ^");
        assert_eq!(
            error.render(40),
            "x.sql:3: a statement failed\n  \
             because    a cause in so many words\n             that they need more than\n             one line\n  \
             statement  SELECT a_name_that_is_longer_than_forty_columns,\n                    ^\n  \
             next       cargo run -p setup -- --reset"
        );
    }

    #[test]
    fn a_long_text_is_cut_and_says_so_but_no_command() {
        let long = "x".repeat(18_000);
        let error = Error::failed(&long).because(&long).next("run it again");
        let text = error.to_string();
        assert!(text.len() < 1_300 && text.matches("… and 17500 more characters").count() == 2);
        assert!(Error::failed("no").next(&long).to_string().contains(&long));
        assert_eq!(first_lines(&"a\n".repeat(100)).lines().count(), MOST_LINES + 1);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let error = Error::failed("table \x1b[2Jt").because("a\rb").detail("HINT", "\u{9b}5m");
        assert_eq!(error.to_string(), "table \\x1b[2Jt\n  because  a\\x0db\n  HINT     \\x9b5m");
    }

    #[test]
    fn tells_the_servers_refusal_from_other_failures() {
        let refused = Error::failed("no").because("no such table").detail("SQLSTATE", "42P01");
        assert_eq!(refused.refusal(), Some(("42P01", "no such table")));
        assert_eq!(Error::failed("no").because("connection lost").refusal(), None);
    }

    #[test]
    fn says_each_cause_once() {
        let inner = std::io::Error::other("disk on fire");
        let outer = std::io::Error::other(inner);
        let error = Error::failed("cannot write").caused_by(&outer);
        assert_eq!(error.to_string().matches("disk on fire").count(), 1);
    }
}
