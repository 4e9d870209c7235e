//! Why the server refused to explain a statement, in words that help.

use tokio_postgres::error::SqlState;

use crate::error::Error;
use crate::script::excerpt;
use crate::script::lexer::{Token, tokens};

const WHAT: &str = "cannot explain the query";

/// The error for a query without any statement in it.
pub(super) fn of_nothing() -> Error {
    Error::usage(WHAT)
        .because("there is no statement in it")
        .next("give a query, such as \"SELECT * FROM event_logs WHERE created_at >= '2024-02-01'\"")
}

/// The error for a query with `count` parameters.
pub(super) fn of_parameters(count: usize) -> Error {
    let named = if count == 1 { "$1 has".to_owned() } else { format!("$1 to ${count} have") };
    Error::usage(WHAT).because(format!("{named} no value")).next(
        "give the values: demo query --param 1=VALUE; with --generic, too, the plan is made before they are known",
    )
}

/// The error for what the server said to `sql`, which it received behind `prefix` characters.
pub(super) fn of_server(error: &tokio_postgres::Error, sql: &str, prefix: usize) -> Error {
    let Some(db) = error.as_db_error() else { return Error::failed(WHAT).caused_by(error) };
    let at = excerpt::position(db).and_then(|at| at.checked_sub(prefix)).filter(|at| *at > 0);
    if [&SqlState::UNDEFINED_PARAMETER, &SqlState::INDETERMINATE_DATATYPE].contains(&db.code())
        && db.message().contains("parameter $")
    {
        return of_parameters(1).because(db.message());
    }
    if *db.code() == SqlState::SYNTAX_ERROR {
        if db.message().contains("multiple commands") {
            return Error::usage(WHAT)
                .because("there is more than one statement in it")
                .next("give one statement, without a semicolon inside");
        }
        if let Some(first) = skip_comments(sql)
            && at == Some(1 + sql.chars().count() - first.chars().count())
        {
            return not_explainable(first);
        }
    }
    let refused = Error::failed(WHAT).caused_by(error);
    let refused = match at {
        Some(at) => refused.detail("at", excerpt::at(sql, at).text),
        None => refused,
    };
    refused.or_next("correct the query, then run the same command again")
}

fn not_explainable(statement: &str) -> Error {
    let word: String = statement.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let error = Error::usage(WHAT);
    if word.eq_ignore_ascii_case("explain") {
        return error
            .because("EXPLAIN is added here")
            .next("give the query alone, without EXPLAIN");
    }
    error.because(format!("{} has no plan", if word.is_empty() { statement } else { &word })).next(
        "give a SELECT, VALUES, TABLE, WITH, INSERT, UPDATE, DELETE, MERGE or EXECUTE statement",
    )
}

/// Whether executing `sql` makes a table: it begins with CREATE, or has an INTO that is neither INSERT's nor MERGE's. INTO and SELECT are
/// reserved, so they are names only behind AS and behind a dot; `insert` is a name everywhere.
#[must_use]
pub fn makes_a_table(sql: &str) -> bool {
    let Ok(all) = tokens(sql) else { return false };
    let words: Vec<_> =
        all.iter().filter(|token| token.is_code()).map(|token| token.text).collect();
    let is = |n: usize, wanted: &[&str]| {
        words.get(n).is_some_and(|word| wanted.iter().any(|one| word.eq_ignore_ascii_case(one)))
    };
    let (mut depth, mut in_select) = (0_usize, is(0, &["select", "("]));
    for (n, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if n > 0 && is(n - 1, &["as", "."]) => {}
            _ if depth == 0 && is(n, &["select"]) => in_select = true,
            _ if is(n, &["into"]) => {
                let writes = n > 0 && is(n - 1, &["insert", "merge"]);
                // Of WITH, what is in parentheses may write.
                if !writes || in_select {
                    return true;
                }
            }
            _ => {}
        }
    }
    is(0, &["create"])
}

/// Whether `sql` holds nothing but comments and semicolons.
pub(super) fn is_nothing(sql: &str) -> bool {
    tokens(sql).is_ok_and(|all| all.iter().all(|token| !token.is_code() || token.text == ";"))
}

/// `sql` from its first token on; `None` when there is none, or a quote or comment never ends.
fn skip_comments(sql: &str) -> Option<&str> {
    let first = tokens(sql).ok()?.into_iter().find(Token::is_code)?;
    Some(&sql[first.start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_token() {
        for (sql, first) in [
            ("SELECT 1", "SELECT 1"),
            ("  -- a\n\t/* b /* c */ ü */ SELECT 1 -- d", "SELECT 1 -- d"),
            ("/**/(SELECT 1)", "(SELECT 1)"),
        ] {
            assert_eq!(skip_comments(sql), Some(first));
            assert!(!is_nothing(sql), "{sql}");
        }
    }

    #[test]
    fn knows_what_makes_a_table() {
        for sql in [
            "CREATE TABLE t AS SELECT 1",
            " /* a */ create unlogged table t as execute q",
            "CREATE MATERIALIZED VIEW v AS SELECT 1",
            "SELECT * INTO t FROM s",
            "SELECT 1 AS insert INTO TEMP t",
            "WITH a AS (SELECT 1) SELECT * INTO UNLOGGED t FROM a",
            "WITH a AS (INSERT INTO s VALUES (1) RETURNING x) SELECT x insert INTO t FROM a",
            "(SELECT 1 merge INTO t)",
        ] {
            assert!(makes_a_table(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO t SELECT 1",
            "WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a",
            "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
            "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
            "SELECT 'into', \"into\", 1 AS into, t.into FROM t -- into",
            "SELECT created FROM t",
        ] {
            assert!(!makes_a_table(sql), "{sql}");
        }
    }

    #[test]
    fn knows_nothing_from_something_that_never_ends() {
        for sql in ["", "-- nothing", " ;; /* ; */ ;"] {
            assert!(is_nothing(sql), "{sql}");
        }
        // The server names it.
        assert!(!is_nothing("/* open"));
    }
}
