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
    fn knows_nothing_from_something_that_never_ends() {
        for sql in ["", "-- nothing", " ;; /* ; */ ;"] {
            assert!(is_nothing(sql), "{sql}");
        }
        // The server names it.
        assert!(!is_nothing("/* open"));
    }
}
