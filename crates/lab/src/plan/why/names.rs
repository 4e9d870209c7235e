//! Whether a query's text may give a column another name: a plan says what a CTE or subquery returns, but not under which names.

use crate::catalog::Name;
use crate::script::lexer::{Kind, Token, tokens};

/// After these a column is meant, not named.
const BEFORE_A_COLUMN: [&str; 23] = [
    "select",
    "distinct",
    "all",
    "where",
    "and",
    "or",
    "not",
    "on",
    "by",
    "when",
    "then",
    "else",
    "case",
    "between",
    "in",
    "having",
    "like",
    "ilike",
    "is",
    "returning",
    "set",
    "similar",
    "to",
];

/// Whether `sql` reads `table` itself, and wherever it says `column` means a column, as far as can be told. Says no rather than guess.
pub(super) fn keeps(sql: &str, table: &Name, column: &str) -> bool {
    let Ok(all) = tokens(sql) else { return false };
    let code: Vec<Token<'_>> = all.into_iter().filter(Token::is_code).collect();
    // UNION and the like name the columns of one branch after those of another.
    let by_place = ["union", "intersect", "except"];
    let has = |word: &str| code.iter().any(|token| is(token, word));
    // A view's text is not seen.
    if !has(&table.name) || by_place.into_iter().any(has) {
        return false;
    }
    (0..code.len()).filter(|at| is(&code[*at], column)).all(|at| {
        let before = at.checked_sub(1).map(|before| &code[before]);
        let named = before.is_some_and(|token| match token.kind {
            Kind::Word => !BEFORE_A_COLUMN.iter().any(|word| token.text.eq_ignore_ascii_case(word)),
            Kind::Quoted | Kind::Literal => true,
            _ => token.text == ")" || token.text.ends_with(|c: char| c.is_ascii_digit()),
        });
        !named && !in_name_list(&code, at)
    })
}

/// Whether the token stands among names in parentheses behind a name, as in `WITH x (a, b)` and `FROM x (a, b)`.
fn in_name_list(code: &[Token<'_>], at: usize) -> bool {
    let is_name = |token: &Token<'_>| matches!(token.kind, Kind::Word | Kind::Quoted);
    let is_part = |token: &Token<'_>| is_name(token) || token.text == ",";
    let Some(open) = code[..at].iter().rposition(|token| !is_part(token)) else { return false };
    let Some(close) = code[at..].iter().position(|token| !is_part(token)) else { return false };
    let list = &code[open + 1..at + close];
    // A name, a comma, a name, and so on.
    let alternates = list.iter().enumerate().all(|(n, token)| (n % 2 == 0) == is_name(token));
    code[open].text == "("
        && code[at + close].text == ")"
        && alternates
        && open.checked_sub(1).is_some_and(|before| is_name(&code[before]))
}

/// Whether the token is this name.
fn is(token: &Token<'_>, name: &str) -> bool {
    match token.kind {
        Kind::Word => token.text.to_lowercase() == name,
        Kind::Quoted => token.text[1..token.text.len() - 1].replace("\"\"", "\"") == name,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps_a(sql: &str) -> bool {
        keeps(sql, &Name::new("public", "ii"), "a")
    }

    #[test]
    fn a_column_that_is_only_read_keeps_its_name() {
        for sql in [
            "WITH x AS MATERIALIZED (SELECT * FROM ii) SELECT * FROM x WHERE a = 5",
            "SELECT * FROM (SELECT ii.a, b FROM ii OFFSET 0) u WHERE b = 1 AND u.a = 5",
            "with x as (select \"a\", b as c from II) select * from x where a in (1, 2) order by a",
        ] {
            assert!(keeps_a(sql), "{sql}");
        }
    }

    #[test]
    fn another_name_is_seen_wherever_it_is_given() {
        for sql in [
            "WITH x AS MATERIALIZED (SELECT b AS a, a AS b FROM ii) SELECT * FROM x WHERE a = 5",
            "WITH x AS MATERIALIZED (SELECT b a FROM ii) SELECT * FROM x WHERE a = 5",
            "SELECT * FROM (SELECT b + 1 a FROM ii OFFSET 0) u WHERE a = 5",
            "SELECT * FROM (SELECT f(b) a FROM ii OFFSET 0) u WHERE a = 5",
            "WITH x(b, a) AS MATERIALIZED (SELECT * FROM ii) SELECT * FROM x WHERE a = 5",
            "WITH x AS MATERIALIZED (SELECT a, b FROM ii) SELECT * FROM x y(b, \"a\") WHERE y.a = 5",
            "SELECT * FROM renamed WHERE a = 5",
            "SELECT * FROM (SELECT a, b FROM ii UNION ALL SELECT b, a FROM ii OFFSET 0) u WHERE a = 5",
            "SELECT 'open FROM ii WHERE a = 5",
        ] {
            assert!(!keeps_a(sql), "{sql}");
        }
    }
}
