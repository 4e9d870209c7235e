//! Statements that would break what the runner promises, refused before anything runs.

use super::lexer::{Kind, Token};

/// A statement that no script may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden {
    /// What people call it: `COMMIT`.
    pub name: &'static str,
    /// Why it cannot stand in a script.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

const TRANSACTIONS: [&str; 7] =
    ["BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE TRANSACTION"];

/// Whether the statement that `tokens` make up begins or ends a transaction, which is the runner's
/// part, or talks to the client while it runs, as `COPY … FROM STDIN` does. `SAVEPOINT` and
/// `ROLLBACK TO` it stay within the transaction.
pub(super) fn find(tokens: &[Token<'_>]) -> Option<Forbidden> {
    let words = outer_words(tokens);
    let begins_with = |name: &&str| name.split(' ').eq(words.iter().take(name.split(' ').count()));
    if let Some(name) = TRANSACTIONS.into_iter().find(|name| begins_with(name))
        && !(name == "ROLLBACK" && words.iter().any(|word| word == "TO"))
    {
        return Some(Forbidden {
            name,
            why: "`Runs:` in the header decides what is committed together",
            instead: "take it out, or split the file into two scripts",
        });
    }
    if words.first()? != "COPY" {
        return None;
    }
    words.windows(2).find_map(|pair| match [pair[0].as_str(), pair[1].as_str()] {
        ["FROM", "STDIN" | "STDOUT"] => Some(Forbidden {
            name: "COPY … FROM STDIN",
            why: "a script has no place for the rows that the server then waits for",
            instead: "write INSERT … VALUES, or COPY … FROM 'a file on the server'",
        }),
        ["TO", "STDIN" | "STDOUT"] => Some(Forbidden {
            name: "COPY … TO STDOUT",
            why: "nobody reads the rows",
            instead: "take it out, or run the file with `cargo run -p server -- psql -- -f FILE`",
        }),
        _ => None,
    })
}

/// The words outside parentheses in upper case, with "" for any other token, so that only what
/// stands side by side is seen as such.
fn outer_words(tokens: &[Token<'_>]) -> Vec<String> {
    let mut depth = 0_u32;
    let mut words = Vec::new();
    for token in tokens.iter().filter(|token| token.is_code()) {
        match (token.kind, token.text) {
            (Kind::Symbol, "(") => depth += 1,
            (Kind::Symbol, ")") => depth = depth.saturating_sub(1),
            (Kind::Word, word) if depth == 0 => words.push(word.to_ascii_uppercase()),
            _ => words.push(String::new()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;
    use super::*;

    fn name(sql: &str) -> Option<&'static str> {
        find(&tokens(sql).unwrap()).map(|found| found.name)
    }

    #[test]
    fn names_what_begins_or_ends_a_transaction() {
        for (sql, found) in [
            ("begin", "BEGIN"),
            ("BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN"),
            ("start /* a */ transaction", "START TRANSACTION"),
            ("COMMIT AND CHAIN", "COMMIT"),
            ("END", "END"),
            ("ROLLBACK WORK", "ROLLBACK"),
            ("ABORT", "ABORT"),
            ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
        ] {
            assert_eq!(name(sql), Some(found), "{sql}");
        }
    }

    #[test]
    fn names_a_copy_that_talks_to_the_client() {
        for (sql, found) in [
            ("COPY t FROM STDIN", "COPY … FROM STDIN"),
            ("copy t (a, b) from stdin with (format csv)", "COPY … FROM STDIN"),
            ("COPY (SELECT a FROM t) TO STDOUT", "COPY … TO STDOUT"),
        ] {
            assert_eq!(name(sql), Some(found), "{sql}");
        }
    }

    #[test]
    fn lets_everything_else_pass() {
        for sql in [
            "SAVEPOINT a",
            "ROLLBACK TO a",
            "ROLLBACK TRANSACTION TO SAVEPOINT a",
            "DO $$ BEGIN COMMIT; END $$",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
            "PREPARE commit AS SELECT 1",
            "START_TRANSACTION",
            "\"commit\"",
            "COPY t FROM '/tmp/stdin'",
            "COPY stdin FROM PROGRAM 'cat'",
            "COPY (SELECT 1 FROM stdin) TO '/tmp/x'",
            "SELECT a FROM stdin",
        ] {
            assert_eq!(name(sql), None, "{sql}");
        }
    }
}
