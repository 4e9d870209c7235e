//! Verdicts on single conditions, and on conditions together.

use super::super::details::LateValue;
use super::super::expr;
use super::super::judge::{Kind, Verdict, When, judge};
use super::super::keys::Key;
use super::super::reason::Reason;
use super::super::usable::judged;
use super::{ORDERED, conditions, facts, key, part, typed};
use crate::catalog::Strategy;

fn verdict(key: &Key, text: &str) -> Verdict {
    let all = conditions(text);
    assert_eq!(all.len(), 1, "{text}");
    judge(&all[0], key, &facts())
}

fn bounds(key: &Key, text: &str) -> (Kind, When) {
    match verdict(key, text) {
        Verdict::Bounds(bounds) => (bounds.kind, bounds.when),
        other => panic!("{text}: {other:?}"),
    }
}

fn blocked(key: &Key, text: &str) -> Reason {
    match verdict(key, text) {
        Verdict::Blocked(reason) => reason,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_bounds_a_key_and_when() {
    let n = typed("n", "integer");
    for (text, kind, when) in [
        ("(n = 5)", Kind::Equal, When::Planning),
        ("(5 > n)", Kind::Range, When::Planning),
        ("(n = ANY ('{1,2}'::integer[]))", Kind::Equal, When::Planning),
        ("(n = ANY (ARRAY[1, 2]))", Kind::Equal, When::Planning),
        ("(n IS NULL)", Kind::Equal, When::Planning),
        ("(n IS NOT NULL)", Kind::NotNull, When::Planning),
        ("((n = 1) OR (n > 7))", Kind::Either, When::Planning),
        ("(n = $1)", Kind::Equal, When::Start(LateValue::Parameter)),
        ("(n = p.n)", Kind::Equal, When::Running),
        ("((n = 1) OR (n > (InitPlan 1).col1))", Kind::Either, When::Running),
    ] {
        assert_eq!(bounds(&n, text), (kind, when), "{text}");
    }
    let at = typed("at", "timestamp without time zone");
    let late = |text: &str| match bounds(&at, text).1 {
        When::Start(value) => value,
        other => panic!("{other:?}"),
    };
    let now = LateValue::StableFunction { function: Some("now()".to_owned()) };
    assert_eq!(late("(at > (now() - '1 day'::interval))"), now);
    assert!(matches!(
        late("(at > '2024-01-01 00:00:00+00'::timestamp with time zone)"),
        LateValue::Types { .. }
    ));
}

#[test]
fn a_cast_that_changes_nothing_is_none() {
    let region = typed("region", "character varying");
    assert_eq!(bounds(&region, "((region)::text = 'x'::text)").0, Kind::Equal);
    assert!(matches!(blocked(&region, "((region)::integer = 5)"), Reason::CastOnKey { .. }));
    // A text that is cast to text compares in another collation.
    let text = typed("region", "text");
    assert!(matches!(
        blocked(&text, "((region)::text = 'x'::text)"),
        Reason::OtherCollation { .. }
    ));
}

#[test]
fn what_does_not_bound_a_key() {
    let n = typed("n", "integer");
    let reason = |text: &str| {
        let value = serde_json::to_value(blocked(&n, text)).unwrap();
        value["kind"].as_str().unwrap().to_owned()
    };
    for (text, kind) in [
        ("(abs(n) = 5)", "function_on_key"),
        ("((n + 1) = 5)", "calculation_on_key"),
        ("((- n) = 5)", "calculation_on_key"),
        ("((n)::text = '5'::text)", "cast_on_key"),
        ("(n = other)", "column_comparison"),
        ("((n + 1) = other)", "column_comparison"),
        ("((n)::double precision > random())", "cast_on_key"),
        ("(n > random())", "volatile_function"),
        ("(n > some_function())", "not_known"),
        ("(n <> 5)", "not_equal"),
        ("(n ~~ 'a'::text)", "other_operator"),
        ("(5 = ANY (ARRAY[n, 6]))", "other_operator"),
        ("(ROW(n, m) < ROW(1, 2))", "row_comparison"),
        ("((n = 1) OR (m = 2))", "or"),
        ("((n = 1) OR ((n + 1) = 2))", "calculation_on_key"),
        ("CASE WHEN (n = 1) THEN true ELSE false END", "function_on_key"),
        ("(ANY (n = (hashed SubPlan 1).col1))", "subquery_per_row"),
        ("(n === 5)", "not_known"),
    ] {
        assert_eq!(reason(text), kind, "{text}");
    }
    assert_eq!(verdict(&n, "(m = 5)"), Verdict::Silent);
    assert_eq!(verdict(&n, "((m = 5) OR (l = 4))"), Verdict::Silent);
    let users = key(Strategy::Hash, &["n"]);
    assert!(matches!(blocked(&users, "(n < 5)"), Reason::RangeOnHash { .. }));
    let list = key(Strategy::List, &["n"]);
    assert_eq!(bounds(&list, "(n <> 5)").0, Kind::NotEqual);
}

#[test]
fn an_expression_is_a_key_when_it_is_the_same() {
    let lower = Key {
        strategy: Strategy::List,
        parts: vec![part("lower(name)", ORDERED, "text")],
        deterministic: true,
    };
    assert_eq!(bounds(&lower, "(lower(name) = 'x'::text)").0, Kind::Equal);
    for other in ["(name = 'x'::text)", "(upper(name) = 'x'::text)"] {
        assert!(matches!(blocked(&lower, other), Reason::KeyIsExpression { .. }), "{other}");
    }
}

#[test]
fn keys_of_several_columns() {
    let said = |key: &Key, text: &str| {
        let judged = judged(&conditions(text), key, &facts());
        let usable = expr::joined(judged.usable.iter().map(|(expr, _)| expr), " AND ");
        let missing = judged.blocked.iter().find_map(|reason| match reason {
            Reason::MissingColumns { missing, .. } => Some(missing.join(",")),
            _ => None,
        });
        (usable, missing.unwrap_or_default())
    };
    let grid = key(Strategy::Range, &["a", "b", "c"]);
    for (text, usable, missing) in [
        ("((a = 1) AND (b > 2))", "a = 1 AND b > 2", ""),
        ("((a > 1) AND (b > 2))", "a > 1", "a"),
        ("(b = 1)", "", "a"),
        ("((a = 1) AND (c = 3))", "a = 1", "b"),
    ] {
        let (found, lacks) = said(&grid, text);
        assert_eq!((found.as_str(), lacks.as_str()), (usable, missing), "{text}");
    }
    let pair = key(Strategy::Hash, &["a", "b"]);
    assert_eq!(said(&pair, "((a = 1) AND (b = 2))").0, "a = 1 AND b = 2");
    assert_eq!(said(&pair, "(a = 1)"), (String::new(), "b".to_owned()));
    assert_eq!(said(&pair, "((a = 1) AND (b > 2))").1, "b");
}
