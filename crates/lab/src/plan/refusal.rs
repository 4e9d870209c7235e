//! Why the server refused to explain a statement, in words that help.

use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

use crate::error::Error;

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
        "put the values in their place; for a generic plan, PREPARE the query and explain its EXECUTE",
    )
}

/// The error for what the server said to `sql`, which it received behind `prefix` characters.
pub(super) fn of_server(error: &tokio_postgres::Error, sql: &str, prefix: usize) -> Error {
    let Some(db) = error.as_db_error() else { return Error::failed(WHAT).caused_by(error) };
    let at = position(db).and_then(|at| at.checked_sub(prefix));
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
        let first = skip_comments(sql);
        if at == Some(sql.chars().count() - first.chars().count()) {
            return not_explainable(first);
        }
    }
    let refused = Error::failed(WHAT).caused_by(error);
    match at.and_then(|at| line_with_caret(sql, at)) {
        Some(line) => refused.detail("at", line),
        None => refused,
    }
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

/// Characters before the position that the server marks, counted from 0.
fn position(db: &DbError) -> Option<usize> {
    match db.position()? {
        ErrorPosition::Original(at) => usize::try_from(*at).ok()?.checked_sub(1),
        ErrorPosition::Internal { .. } => None,
    }
}

/// The line in which character `at` stands, and a caret beneath it.
fn line_with_caret(sql: &str, at: usize) -> Option<String> {
    let (offset, _) = sql.char_indices().nth(at).or(Some((sql.len(), ' ')))?;
    let (before, after) = sql.split_at_checked(offset)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = format!("{}{}", &before[start..], after.lines().next().unwrap_or(""));
    let indent = before[start..].chars().count();
    Some(format!("{}\n{:indent$}^", line.replace('\t', " "), ""))
}

/// Whether `sql` holds nothing but comments and semicolons.
pub(super) fn is_nothing(sql: &str) -> bool {
    let mut rest = skip_comments(sql);
    while let Some(after) = rest.strip_prefix(';') {
        rest = skip_comments(after);
    }
    rest.is_empty()
}

/// `sql` from its first token on.
fn skip_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, next)| next)
        } else if rest.starts_with("/*") {
            after_block_comment(rest)
        } else {
            return rest;
        }
        .trim_start();
    }
}

/// What follows the comment, which may hold others, that `sql` begins with.
fn after_block_comment(sql: &str) -> &str {
    let (mut depth, mut rest) = (0, sql);
    while !rest.is_empty() {
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        rest = &rest[step..];
        if depth == 0 {
            break;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_token() {
        for (sql, first) in [
            ("SELECT 1", "SELECT 1"),
            ("  -- a\n\t/* b /* c */ ü */ SELECT 1 -- d", "SELECT 1 -- d"),
            ("-- nothing", ""),
            ("/* open", ""),
            ("/**/(SELECT 1)", "(SELECT 1)"),
        ] {
            assert_eq!(skip_comments(sql), first);
            assert_eq!(is_nothing(sql), first.is_empty());
        }
        assert!(is_nothing(" ;; /* ; */ ;"));
    }

    #[test]
    fn marks_the_place_in_its_line() {
        assert_eq!(line_with_caret("SELECT 'ü'\n  FRM x\nWHERE y", 13).unwrap(), "  FRM x\n  ^");
        assert_eq!(line_with_caret("SELECT (", 8).unwrap(), "SELECT (\n        ^");
    }
}
