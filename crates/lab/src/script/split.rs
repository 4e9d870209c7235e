//! A script's text as single statements, each with its place.

use super::forbidden::{self, Forbidden};
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
    /// The runner could not keep its promises with it.
    Forbidden(Forbidden, usize),
}

/// Splits `text` at the semicolons that end statements.
///
/// Those inside quotes, comments, parentheses (`CREATE RULE`) and `BEGIN ATOMIC` bodies do not.
pub fn statements(text: &str) -> Result<Vec<Statement>, SplitError> {
    let line_of = |at: usize| 1 + text[..at].matches('\n').count();
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(Unterminated { what, start }) => {
            // Something above may be the reason: the rows below `COPY … FROM STDIN` hold any quotes.
            statements(&text[..start])?;
            return Err(SplitError::Unterminated(what, line_of(start)));
        }
    };
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
                all.extend(statement(text, &tokens[begin..at], line_of)?);
                begin = at + 1;
                nesting = Nesting::default();
            }
            _ => nesting.follow(token),
        }
    }
    all.extend(statement(text, &tokens[begin..], line_of)?);
    Ok(all)
}

/// The statement in `tokens`, or `None` when there are only comments and space.
fn statement(
    text: &str,
    tokens: &[Token<'_>],
    line_of: impl Fn(usize) -> usize,
) -> Result<Option<Statement>, SplitError> {
    let mut code = tokens.iter().filter(|token| token.is_code());
    let Some(first) = code.next() else { return Ok(None) };
    let last = code.next_back().unwrap_or(first);
    if let Some(forbidden) = forbidden::find(tokens) {
        return Err(SplitError::Forbidden(forbidden, line_of(first.start)));
    }
    let end = last.start + last.text.len();
    Ok(Some(Statement {
        sql: text[first.start..end].to_owned(),
        line: line_of(first.start),
        comment: comment_above(&text[..first.start]),
    }))
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
    }

    #[test]
    fn gives_back_what_was_joined() {
        let pieces = [
            "SELECT 1",
            "SELECT ';', 'it''s', E'\\';', U&'\\003B', $1 || $2",
            "SELECT \"a;\"\"b\" /* ; */ FROM t -- ;\nWHERE x",
            "DO $$ BEGIN RAISE NOTICE 'a;'; END $$",
            "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT $$;$$; $f$",
            "CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 ELSE 2 END; DELETE FROM t; END",
            "CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; SELECT 2)",
            "SELECT 'größe; 東京' AS \"größe\"",
        ];
        for between in [";", " ; ", ";\n\n", "; -- it's; $$\n", ";/* \" /* ; */ $a$ */;\r\n"] {
            for first in pieces {
                for second in pieces {
                    let text = format!("-- a;\n{first}{between}{second};");
                    let line = 1 + format!("-- a;\n{first}{between}").matches('\n').count();
                    let wanted = [(first.to_owned(), 2), (second.to_owned(), line)];
                    assert_eq!(split(&text), wanted, "{text}");
                }
            }
        }
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
    fn refuses_copys_rows_for_the_copy_and_not_for_their_quotes() {
        for rows in ["1\tit's\n", "1\ta\n\\.\n"] {
            let text = format!("SELECT 1;\nCOPY t FROM STDIN;\n{rows}");
            let Err(SplitError::Forbidden(found, 2)) = statements(&text) else { panic!("{text}") };
            assert_eq!(found.name, "COPY … FROM STDIN");
        }
    }

    #[test]
    fn nothing_but_comments_is_nothing() {
        assert!(split(" -- a\n; ;; /* b */").is_empty());
    }
}
