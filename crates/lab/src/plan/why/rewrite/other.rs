//! Conditions that change in one place only: a value of the key's own type, another function, the
//! expression that the table is partitioned by.

use super::super::expr::Expr;
use super::super::facts::Facts;
use super::super::judge::commuted;
use super::super::keys::{Key, Part};
use super::draft::Draft;
use super::interval::Interval;
use super::peel::days;
use super::types::{self, DATE, TIMESTAMP, TIMESTAMPTZ};

/// The comparison of a key with a constant of another type, with a constant of its own type.
pub(in super::super) fn retyped(condition: &Expr, key: &Key, facts: &Facts) -> Option<Draft> {
    let Expr::Binary { left, op, right } = condition else { return None };
    key.parts.iter().find_map(|part| {
        let (op, value) = match (part.expr.as_ref()? == &**left, part.expr.as_ref()? == &**right) {
            (true, false) => (op.as_str(), right),
            (false, true) => (commuted(op), left),
            _ => return None,
        };
        value.constant()?;
        let kind = part.column_type.clone()?;
        // A time without a zone exists twice, or not at all, when clocks change.
        let interval = Interval::of(op, value)?;
        let interval = match (kind.as_str(), facts.settings.universal_time) {
            (TIMESTAMPTZ, _) | (TIMESTAMP, true) => interval,
            (DATE, true) => days(interval, TIMESTAMPTZ),
            _ => return None,
        };
        Some(Draft::Interval { key: part.text(), kind, interval })
    })
}

/// `condition` with `other` called in place of `function`.
pub(in super::super) fn without_calls(condition: &Expr, function: &str, other: &str) -> Expr {
    condition.clone().map(&|part| match part {
        Expr::Call { name, args, bare } if name == function => {
            Expr::Call { name: other.to_owned(), args, bare }
        }
        part => part,
    })
}

/// What a comparison of a column with a constant implies for an expression of that column by which
/// a table is partitioned.
pub(in super::super) fn key_condition(condition: &Expr, part: &Part) -> Option<Draft> {
    let Expr::Binary { left, op, right } = condition else { return None };
    let expression = part.expr.as_ref()?;
    let [column] = part.columns.as_slice() else { return None };
    let column = Expr::own(column);
    let (op, value) = match (column == **left, column == **right) {
        (true, false) => (op.as_str(), right),
        (false, true) => (commuted(op), left),
        _ => return None,
    };
    let (text, value_type) = value.constant()?;
    let plain = value_type.is_none_or(|name| {
        types::is_integer(name) || types::is_temporal(name) || ["text", "uuid"].contains(&name)
    });
    if !plain || text.eq_ignore_ascii_case("null") {
        return None;
    }
    // Equal arguments have equal values; of more, no function is known here but those that round down.
    let op = match op {
        "=" => "=",
        ">" | ">=" if rounds_down(expression, &column) => ">=",
        "<" | "<=" if rounds_down(expression, &column) => "<=",
        _ => return None,
    };
    let of_value =
        expression.clone().map(&|inner| if inner == column { (**value).clone() } else { inner });
    let interval = Interval::of(op, &of_value)?;
    let interval = Interval { constant: true, ..interval };
    Some(Draft::Interval {
        key: super::super::expr::operand(expression),
        kind: part.class_type.clone(),
        interval,
    })
}

fn rounds_down(expression: &Expr, column: &Expr) -> bool {
    match expression {
        Expr::Call { name, args, .. } => {
            name == "date_trunc" && args.get(1) == Some(column) && args[0].constant().is_some()
        }
        Expr::Extract { unit, operand } => unit == "year" && **operand == *column,
        Expr::Binary { left, op, right } => {
            op == "/"
                && **left == *column
                && right.constant().is_some_and(|(text, _)| !text.starts_with('-'))
        }
        _ => false,
    }
}
