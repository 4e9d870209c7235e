//! A script's text as single statements, each with its place.

use super::lexer::{Kind, Token, Unterminated, tokens};

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The statement without the comments around it and without its semicolon.
    pub sql: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The comment lines right above it, without `--`: what the author says of it.
    pub comment: Vec<String>,
}

/// Why a text cannot be split, and on which line, from 1.
#[derive(Debug, PartialEq, Eq)]
pub enum SplitError {
    /// A quote or comment that begins on the line never ends.
    Unterminated(&'static str, usize),
    /// `\name`: only psql understands it.
    MetaCommand(String, usize),
}

/// Splits `text` at the semicolons that end statements.
///
/// Those inside quotes, comments, parentheses (`CREATE RULE`) and `BEGIN ATOMIC` bodies do not.
pub fn statements(text: &str) -> Result<Vec<Statement>, SplitError> {
    let line_of = |at: usize| 1 + text[..at].matches('\n').count();
    let tokens = tokens(text)
        .map_err(|Unterminated { what, start }| SplitError::Unterminated(what, line_of(start)))?;
    let mut all = Vec::new();
    let mut nesting = Nesting::default();
    let mut begin = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "\\" => {
                let name = tokens.get(at + 1).map_or("", |next| next.text);
                return Err(SplitError::MetaCommand(format!("\\{name}"), line_of(token.start)));
            }
            ";" if nesting.is_outside() => {
                all.extend(statement(text, &tokens[begin..at], line_of));
                begin = at + 1;
                nesting = Nesting::default();
            }
            _ => nesting.follow(token),
        }
    }
    all.extend(statement(text, &tokens[begin..], line_of));
    Ok(all)
}

/// The statement in `tokens`, or `None` when there are only comments and space.
fn statement(
    text: &str,
    tokens: &[Token<'_>],
    line_of: impl Fn(usize) -> usize,
) -> Option<Statement> {
    let is_code = |token: &&Token<'_>| !matches!(token.kind, Kind::Comment | Kind::Space);
    let first = tokens.iter().find(is_code)?;
    let last = tokens.iter().rfind(is_code)?;
    let end = last.start + last.text.len();
    Some(Statement {
        sql: text[first.start..end].to_owned(),
        line: line_of(first.start),
        comment: comment_above(&text[..first.start]),
    })
}

/// The `--` lines directly above: a blank line separates a statement from older comments.
fn comment_above(before: &str) -> Vec<String> {
    let above = before.trim_end_matches([' ', '\t']);
    let Some(above) = above.strip_suffix('\n') else { return Vec::new() };
    let mut lines: Vec<String> = above
        .lines()
        .rev()
        .map_while(|line| line.trim().strip_prefix("--"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
        .collect();
    lines.reverse();
    lines
}

/// Whether a semicolon stands inside parentheses or an SQL function's body.
#[derive(Default)]
struct Nesting {
    parentheses: u32,
    /// Open `BEGIN ATOMIC` and, within it, `CASE`.
    blocks: u32,
    after_begin: bool,
}

impl Nesting {
    fn is_outside(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn follow(&mut self, token: &Token<'_>) {
        match (token.kind, token.text) {
            (Kind::Symbol, "(") => self.parentheses += 1,
            (Kind::Symbol, ")") => self.parentheses = self.parentheses.saturating_sub(1),
            (Kind::Word, word) => {
                let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
                if (is("atomic") && self.after_begin) || (is("case") && self.blocks > 0) {
                    self.blocks += 1;
                } else if is("end") {
                    self.blocks = self.blocks.saturating_sub(1);
                }
                self.after_begin = is("begin");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(String, usize)> {
        statements(text).unwrap().into_iter().map(|one| (one.sql, one.line)).collect()
    }

    #[test]
    fn splits_at_semicolons_that_end_statements_only() {
        let text = "SELECT ';' AS a; -- one; two\n/* ; */ SELECT 2\n;\n\nSELECT $$;$$";
        let wanted = [("SELECT ';' AS a", 1), ("SELECT 2", 2), ("SELECT $$;$$", 5)];
        assert_eq!(split(text), wanted.map(|(sql, line)| (sql.to_owned(), line)));
    }

    #[test]
    fn keeps_function_bodies_and_rules_whole() {
        for text in [
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
            "DO $$ BEGIN PERFORM 1; END $$",
        ] {
            assert_eq!(split(&format!("{text}; SELECT 1")).len(), 2, "{text}");
        }
        assert_eq!(split("BEGIN; SELECT 1; END; COMMIT").len(), 4);
    }

    #[test]
    fn gives_a_statement_the_comment_right_above_it() {
        let all = statements("-- header\n\n-- why\n-- and how\nSELECT 1; SELECT 2").unwrap();
        assert_eq!(all[0].comment, ["why", "and how"]);
        assert!(all[1].comment.is_empty());
    }

    #[test]
    fn refuses_what_only_psql_understands_by_name() {
        let refused = SplitError::MetaCommand("\\timing".to_owned(), 2);
        assert_eq!(statements("SELECT 1;\n\\timing on"), Err(refused));
        assert_eq!(statements("\nSELECT 'a"), Err(SplitError::Unterminated("string", 2)));
    }

    #[test]
    fn nothing_but_comments_is_nothing() {
        assert!(split(" -- a\n; ;; /* b */").is_empty());
    }
}
