//! The text of a plan's condition, made ready for a parser of SQL.

use crate::catalog::quote_ident;

/// Splits `text` at each ` AND ` outside quotes and parentheses; the parentheses around the whole
/// go first.
pub(super) fn conjuncts(text: &str) -> Vec<&str> {
    let text = unwrapped(text);
    let (mut parts, mut start) = (Vec::new(), 0);
    // Inside CASE, an AND stands without parentheses around it.
    if !text.starts_with("CASE ") {
        for (at, depth) in outside_quotes(text) {
            if depth == 0 && text[at..].starts_with(" AND ") {
                parts.push(&text[start..at]);
                start = at + " AND ".len();
            }
        }
    }
    parts.push(&text[start..]);
    parts
}

/// `text` without parentheses that enclose all of it.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let whole = outside_quotes(text).all(|(at, depth)| depth > 0 || at + 1 == text.len());
        if !whole {
            break;
        }
        text = inner.trim();
    }
    text
}

/// The position of each character outside quotes, and how many parentheses and brackets are open
/// behind it.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let (mut quote, mut depth) = (None, 0_usize);
    text.char_indices().filter_map(move |(at, c)| {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            return None;
        }
        match c {
            '\'' | '"' => {
                quote = Some(c);
                return None;
            }
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        Some((at, depth))
    })
}

/// `text` without `alias.` before each column of the scanned table.
pub(super) fn without_alias(text: &str, alias: &str) -> String {
    let prefix = format!("{}.", quote_ident(alias));
    let mut kept = String::with_capacity(text.len());
    let (mut rest, mut quoted, mut before) = (text, false, ' ');
    while let Some(c) = rest.chars().next() {
        if !quoted && !is_word(before) && before != '.' && rest.starts_with(&prefix) {
            rest = &rest[prefix.len()..];
            before = ' ';
            // A quoted name follows: its first quote is seen next.
            continue;
        }
        if c == '\'' {
            quoted = !quoted;
        }
        kept.push(c);
        before = c;
        rest = &rest[c.len_utf8()..];
    }
    kept
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '"'
}

/// `text` with the value of each init plan as a quoted name: `(InitPlan 1).col1` of PostgreSQL 17 and
/// later; before that `$0`, which only `returned` (the parameters that init plans set) tells from a
/// prepared statement's own.
pub(super) fn with_init_plans_named(text: &str, returned: &[Returned]) -> String {
    let mut named = String::with_capacity(text.len());
    let (mut rest, mut quoted) = (text, false);
    while let Some(c) = rest.chars().next() {
        if !quoted && let Some((name, after)) = init_plan(rest, returned) {
            named.extend(["\"", INIT_PLAN, &name, "\""]);
            rest = after;
            continue;
        }
        if c == '\'' {
            quoted = !quoted;
        }
        named.push(c);
        rest = &rest[c.len_utf8()..];
    }
    named
}

/// Begins the name that stands for an init plan's value. No column's name begins with a control
/// character unless somebody works hard at it.
pub(super) const INIT_PLAN: &str = "\u{1}";

fn init_plan<'a>(text: &'a str, returned: &[Returned]) -> Option<(String, &'a str)> {
    if let Some(rest) = text.strip_prefix("(InitPlan ") {
        let (number, rest) = rest.split_once(").col")?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        return Some((format!("InitPlan {number}"), &rest[end..]));
    }
    let digits = text.strip_prefix('$')?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (_, name) = returned.iter().find(|(param, _)| *param == text[..=end])?;
    Some((name.clone(), &digits[end..]))
}

/// A parameter that an init plan sets, and the init plan's name.
pub(super) type Returned = (String, String);

/// The parameters that an init plan sets, by its name in a plan before PostgreSQL 17:
/// `InitPlan 1 (returns $0,$1)`.
pub(super) fn returned(subplan_name: &str) -> Vec<Returned> {
    let Some((name, list)) = subplan_name.split_once(" (returns ") else { return Vec::new() };
    let params = list.trim_end_matches(')').split(',');
    params.map(|param| (param.trim().to_owned(), name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_conjunctions_at_the_top_only() {
        for (text, parts) in [
            (
                "((a = 1) AND (b = ' AND ') AND f(x, (y)))",
                vec!["(a = 1)", "(b = ' AND ')", "f(x, (y))"],
            ),
            ("((a = 1) OR ((b = 2) AND c))", vec!["(a = 1) OR ((b = 2) AND c)"]),
            ("(a = 1)", vec!["a = 1"]),
            (
                "CASE WHEN (a AND b) THEN c AND d ELSE e END",
                vec!["CASE WHEN (a AND b) THEN c AND d ELSE e END"],
            ),
            ("(\"a AND (b\" AND c)", vec!["\"a AND (b\"", "c"]),
        ] {
            assert_eq!(conjuncts(text), parts);
        }
    }

    #[test]
    fn takes_the_own_alias_away_and_no_other() {
        for (text, alias, without) in [
            ("(l.at = 'l.at'::text)", "l", "(at = 'l.at'::text)"),
            ("(l.at = all_l.at)", "l", "(at = all_l.at)"),
            ("(\"L 1\".\"A b\" = x.\"L 1\".a)", "L 1", "(\"A b\" = x.\"L 1\".a)"),
            ("(l.a = l.\"B\")", "l", "(a = \"B\")"),
        ] {
            assert_eq!(without_alias(text, alias), without);
        }
    }

    #[test]
    fn names_init_plans_and_leaves_parameters() {
        let named = |text| {
            with_init_plans_named(text, &[("$0".to_owned(), "InitPlan 1".to_owned())])
                .replace(INIT_PLAN, "!")
        };
        assert_eq!(named("(at > (InitPlan 2).col1)"), "(at > \"!InitPlan 2\")");
        assert_eq!(named("(at > $0) AND (b = $1)"), "(at > \"!InitPlan 1\") AND (b = $1)");
        assert_eq!(named("(a = '$0 (InitPlan 2).col1')"), "(a = '$0 (InitPlan 2).col1')");
        let params: Vec<String> =
            returned("InitPlan 1 (returns $0,$1)").into_iter().map(|(param, _)| param).collect();
        assert_eq!(params, ["$0", "$1"]);
        assert!(returned("InitPlan 1").is_empty() && returned("CTE x").is_empty());
    }
}
