//! What stands around a key, moved to the other side.

use super::super::facts::Facts;
use super::super::keys::Key;
use super::super::rewrite::{key_condition, rewrites};
use super::{TIMES, conditions, facts, key, part, typed};
use crate::catalog::Strategy;

const NAIVE: &str = "timestamp without time zone";
const ZONED: &str = "timestamp with time zone";

/// The questions for the server and, once it has answered them with their own text, the condition.
fn rewritten(key: &Key, text: &str, facts: &Facts) -> Option<(Vec<String>, String)> {
    let found = rewrites(&conditions(text), key, facts);
    let draft = &found.first()?.to;
    let questions = draft.questions();
    let answers: Vec<String> = questions
        .iter()
        .map(|question| {
            let boolean =
                question.contains(" <= ") || question.contains(" < ") || question.contains(" = ");
            if boolean { "true".to_owned() } else { question.clone() }
        })
        .collect();
    let text = draft.text(&mut answers.into_iter())?;
    Some((questions, text))
}

fn ends(kind: &str, text: &str) -> String {
    let key = typed("k", kind);
    rewritten(&key, text, &facts()).unwrap_or_else(|| panic!("{text}")).1
}

#[test]
fn whole_numbers() {
    for (text, to) in [
        ("((k + 1) = 5)", "k = ((5 - 1))::integer"),
        ("((1 - k) > 5)", "k < ((1 - 5))::integer"),
        ("((k)::numeric > 4.5)", "k > (floor(4.5))::integer"),
        ("((k)::numeric <= 4.5)", "k <= (floor(4.5))::integer"),
        ("((k)::numeric < 4.5)", "k < (ceil(4.5))::integer"),
        ("(5 = (k - 1))", "k = ((5 + 1))::integer"),
    ] {
        assert_eq!(ends("integer", text), to, "{text}");
    }
}

#[test]
fn what_has_no_inverse_is_left() {
    for (kind, text) in [
        ("integer", "((k % 10) = 3)"),
        ("integer", "((k + other) = 3)"),
        ("integer", "(((k)::numeric)::text = '5'::text)"),
        ("numeric", "((k)::double precision = '5'::double precision)"),
        ("numeric", "((k)::text = '5'::text)"),
        ("text", "(lower(k) = 'x'::text)"),
        (NAIVE, "((k)::date = random())"),
        (NAIVE, "(EXTRACT(month FROM k) = '2'::numeric)"),
        (
            NAIVE,
            "(date_trunc('fortnight'::text, k) = '2024-01-01 00:00:00'::timestamp without time zone)",
        ),
        (
            ZONED,
            "((k AT TIME ZONE 'Europe/Berlin'::text) > '2024-01-01 00:00:00'::timestamp without time zone)",
        ),
        (NAIVE, "((k)::text ~~ '2024%'::text)"),
    ] {
        assert_eq!(rewritten(&typed("k", kind), text, &facts()), None, "{text}");
    }
}

#[test]
fn times_are_rounded_by_the_server() {
    let day = "((k)::date = '2024-02-05'::date)";
    assert_eq!(
        ends(NAIVE, day),
        "k >= '(''2024-02-05''::date)::timestamp without time zone' \
         AND k < '((''2024-02-05''::date + 1))::timestamp without time zone'"
    );
    // What is known only at execution stays an expression.
    assert_eq!(
        ends(NAIVE, "((k)::date = CURRENT_DATE)"),
        "k >= CURRENT_DATE AND k < CURRENT_DATE + 1"
    );
    assert_eq!(
        ends(ZONED, "(date_trunc('month'::text, k) >= date_trunc('month'::text, now()))"),
        "k >= date_trunc('month'::text, now())"
    );
    // Unless it would have to be rounded: then it is no better than the original.
    assert_eq!(
        rewritten(&typed("k", ZONED), "(date_trunc('month'::text, k) >= now())", &facts()),
        None
    );
}

#[test]
fn clocks_that_change_forbid_what_they_make_wrong() {
    let mut abroad = facts();
    abroad.settings.universal_time = false;
    for (kind, text, allowed) in [
        (ZONED, "((k + '1 day'::interval) > now())", false),
        (NAIVE, "((k + '1 day'::interval) > LOCALTIMESTAMP)", true),
        (ZONED, "((now() - k) < '1 day'::interval)", false),
        (
            ZONED,
            "(date_trunc('hour'::text, k) = '2024-01-01 00:00:00+01'::timestamp with time zone)",
            false,
        ),
        (
            ZONED,
            "(date_trunc('day'::text, k) = '2024-01-01 00:00:00+01'::timestamp with time zone)",
            true,
        ),
        (NAIVE, "((k)::date = '2024-01-01 00:00:00+01'::timestamp with time zone)", false),
    ] {
        assert_eq!(rewritten(&typed("k", kind), text, &abroad).is_some(), allowed, "{text}");
        assert!(rewritten(&typed("k", kind), text, &facts()).is_some(), "{text}");
    }
}

#[test]
fn months_are_guarded() {
    let text = "((k + '1 mon'::interval) > '2024-01-01 00:00:00'::timestamp without time zone)";
    let (questions, _) = rewritten(&typed("k", NAIVE), text, &facts()).unwrap();
    assert!(questions[0].contains("extract(month FROM '1 mon'::interval)"), "{questions:?}");
}

#[test]
fn short_ranges_of_a_hash_key() {
    let users = key(Strategy::Hash, &["id"]);
    let of = |text: &str| rewritten(&users, text, &facts()).map(|(_, text)| text);
    assert_eq!(of("((id >= 1) AND (id < 4))").as_deref(), Some("id IN (1, 2, 3)"));
    assert_eq!(of("((id > 1) AND (4 >= id))").as_deref(), Some("id IN (2, 3, 4)"));
    assert_eq!(of("((id > 1) AND (id < 400))"), None);
    // The key itself is not rewritten.
    assert_eq!(of("(id > 1)"), None);
    assert_eq!(of("((id > 4) AND (id < 1))"), None);
    assert_eq!(
        of("((id >= '-9223372036854775808'::bigint) AND (id <= '9223372036854775807'::bigint))"),
        None
    );
}

#[test]
fn a_key_in_an_expression() {
    let month = part("date_trunc('month'::text, at)", TIMES, NAIVE);
    let implied = |text: &str| {
        key_condition(&conditions(text)[0], &month).map(|draft| draft.questions().remove(0))
    };
    let of = |op: &str| {
        implied(&format!("(at {op} '2024-02-05 00:00:00'::timestamp without time zone)"))
    };
    assert!(of("=").is_some() && of(">").is_some() && of("<=").is_some());
    assert_eq!(of("<>"), None);
    assert_eq!(implied("(at = now())"), None);
    // Nothing says that lower() keeps the order.
    let lower = part("lower(name)", 1, "text");
    let text = |op: &str| key_condition(&conditions(&format!("(name {op} 'B'::text)"))[0], &lower);
    assert!(text("=").is_some() && text(">").is_none());
}
