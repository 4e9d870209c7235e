//! Other ways to write conditions that do not prune: the same rows, the bare key.

mod draft;
mod interval;
mod other;
mod peel;
mod time;
mod types;
mod values;

pub(super) use draft::{Draft, literal};
pub(super) use other::{key_condition, retyped, without_calls};
pub(super) use values::listed;

use super::expr::Expr;
use super::facts::Facts;
use super::judge::{Verdict, commuted, judge};
use super::keys::{Key, Part};
use crate::catalog::{Strategy, quote_ident};
use peel::Peeler;

/// A list of more values than this is no improvement.
const VALUES: usize = 16;

/// A condition with another that is true for the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewrite {
    pub(super) from: Vec<Expr>,
    pub(super) to: Draft,
}

/// The ways to rewrite those of `conditions`, joined by AND, that mention the key and do not bound it.
pub(super) fn rewrites(conditions: &[Expr], key: &Key, facts: &Facts) -> Vec<Rewrite> {
    let mut found = Vec::new();
    if let Some(month) = year_and_month(conditions, key, facts) {
        found.push(month);
    }
    if let Some(values) = range_on_hash(conditions, key) {
        found.push(values);
    }
    for condition in conditions {
        if found.iter().any(|rewrite: &Rewrite| rewrite.from.contains(condition)) {
            continue;
        }
        if !matches!(judge(condition, key, facts), Verdict::Blocked(_)) {
            continue;
        }
        if let Some(to) = rewrite(condition, key, facts) {
            found.push(Rewrite { from: vec![condition.clone()], to });
        }
    }
    found
}

/// One condition, in terms of the bare key.
fn rewrite(condition: &Expr, key: &Key, facts: &Facts) -> Option<Draft> {
    if let Some(draft) = in_key_collation(condition, key) {
        return Some(draft);
    }
    match condition {
        Expr::Or(branches) => branches
            .iter()
            .map(|branch| branch_of_or(branch, key, facts))
            .collect::<Option<_>>()
            .map(Draft::Either),
        Expr::Binary { left, op, right } => key.parts.iter().find_map(|part| {
            let (around, op, value) = if left.mentions(&part.columns) {
                (left, op.as_str(), right)
            } else {
                (right, commuted(op), left)
            };
            comparison(around, op, value, part, facts)
        }),
        Expr::Not(inner) => not_distinct(inner, key),
        Expr::Quantified { left, op, all: false, right } if op == "=" => {
            let values = elements(right)?;
            key.parts.iter().find_map(|part| {
                let one = |value: &Expr| comparison(left, "=", value, part, facts);
                values.iter().map(one).collect::<Option<_>>().map(Draft::Either)
            })
        }
        _ => None,
    }
}

/// Equality in the key's collation instead of the column's: where both tell all texts apart, it is
/// the same.
fn in_key_collation(condition: &Expr, key: &Key) -> Option<Draft> {
    let (Expr::Binary { left, op, .. } | Expr::Quantified { left, op, all: false, .. }) = condition
    else {
        return None;
    };
    let part = key.parts.iter().find(|part| part.expr.as_ref() == Some(left))?;
    let collation = quote_ident(part.foreign_collation.as_ref()?).into_owned();
    let collated = Expr::Collate { operand: left.clone(), collation };
    let condition = match condition.clone() {
        Expr::Binary { op, right, .. } => Expr::Binary { left: Box::new(collated), op, right },
        Expr::Quantified { op, all, right, .. } => {
            Expr::Quantified { left: Box::new(collated), op, all, right }
        }
        _ => return None,
    };
    (op == "=" && key.deterministic).then(|| Draft::Text(condition.to_string()))
}

/// `IS NOT DISTINCT FROM` a constant that is not NULL: the same as `=`.
fn not_distinct(inner: &Expr, key: &Key) -> Option<Draft> {
    let Expr::Binary { left, op, right } = inner else { return None };
    let is_key = key.parts.iter().any(|part| part.expr.as_ref() == Some(left));
    let (text, _) = right.constant()?;
    let equal = is_key && op == "IS DISTINCT FROM" && !text.eq_ignore_ascii_case("null");
    equal.then(|| Draft::Text(format!("{left} = {right}")))
}

fn branch_of_or(branch: &Expr, key: &Key, facts: &Facts) -> Option<Draft> {
    let parts = match branch {
        Expr::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let parts: Vec<(bool, Draft)> = parts
        .iter()
        .map(|part| match judge(part, key, facts) {
            Verdict::Bounds(_) => (true, Draft::Text(part.to_string())),
            _ => match rewrite(part, key, facts) {
                Some(draft) => (true, draft),
                None => (false, Draft::Text(part.to_string())),
            },
        })
        .collect();
    let bounds = parts.iter().any(|(bounds, _)| *bounds);
    bounds.then(|| Draft::Both(parts.into_iter().map(|(_, draft)| draft).collect()))
}

fn comparison(around: &Expr, op: &str, value: &Expr, part: &Part, facts: &Facts) -> Option<Draft> {
    let usable = around.mentions(&part.columns)
        && part.expr.as_ref() != Some(around)
        && part.is_column()
        && value.own_columns().next().is_none()
        && facts.worst(value).0 < super::facts::Volatility::Volatile
        && !value.walk().any(|inner| {
            matches!(
                inner,
                Expr::Param(_) | Expr::InitPlan(_) | Expr::Column { .. } | Expr::Other { .. }
            )
        });
    if !usable {
        return None;
    }
    let interval = Peeler { part, facts }.interval(around, op, value)?;
    // A CASE with now() in it helps nobody.
    let ends = || [&interval.low, &interval.high].into_iter().flatten();
    if !interval.constant && ends().any(|end| end.sql.contains("CASE ")) {
        return None;
    }
    Some(Draft::Interval { key: part.text(), kind: part.column_type.clone()?, interval })
}

/// The elements of a constant array, each as a constant.
fn elements(array: &Expr) -> Option<Vec<Expr>> {
    let elements = match array {
        Expr::Array(items) => items.clone(),
        Expr::Cast { operand, target } => {
            let Expr::Literal { text, quoted: true } = &**operand else { return None };
            let list = text.strip_prefix('{')?.strip_suffix('}')?;
            if list.contains(['"', '{', '\\']) {
                return None;
            }
            let element = |text: &str| Expr::Cast {
                operand: Box::new(Expr::Literal { text: text.to_owned(), quoted: true }),
                target: target.trim_end_matches("[]").to_owned(),
            };
            list.split(',').map(element).collect()
        }
        _ => return None,
    };
    (elements.len() <= VALUES).then_some(elements)
}

/// `extract(year …) = 2024 AND extract(month …) = 2`: the month.
fn year_and_month(conditions: &[Expr], key: &Key, facts: &Facts) -> Option<Rewrite> {
    let part = key.parts.iter().find(|part| part.is_column())?;
    let unit = |wanted: &str| {
        conditions.iter().find_map(|condition| {
            let Expr::Binary { left, op, right } = condition else { return None };
            let (unit, operand) = match &**left {
                Expr::Extract { unit, operand } => (unit.as_str(), &**operand),
                Expr::Call { name, args, .. } if name == "date_part" => {
                    (args.first()?.constant()?.0, args.get(1)?)
                }
                _ => return None,
            };
            let (number, _) = right.constant()?;
            (op == "=" && unit == wanted).then_some((condition, operand, number))
        })
    };
    let (year, operand, y) = unit("year")?;
    let (month, same, m) = unit("month")?;
    if operand != same {
        return None;
    }
    let (y, m): (i32, i32) = (y.parse().ok()?, m.parse().ok()?);
    let first = Expr::Cast {
        operand: Box::new(Expr::Literal { text: format!("{y:04}-{m:02}-01"), quoted: true }),
        target: Peeler { part, facts }.type_of(operand)?,
    };
    let truncated = Expr::Call {
        name: "date_trunc".to_owned(),
        args: vec![Expr::Literal { text: "month".to_owned(), quoted: true }, operand.clone()],
        bare: false,
    };
    let interval = Peeler { part, facts }.interval(&truncated, "=", &first)?;
    let to = Draft::Interval { key: part.text(), kind: part.column_type.clone()?, interval };
    Some(Rewrite { from: vec![year.clone(), month.clone()], to })
}

/// A short range of whole numbers, value by value.
fn range_on_hash(conditions: &[Expr], key: &Key) -> Option<Rewrite> {
    key.parts
        .iter()
        .find_map(|part| range_of(conditions, part))
        .filter(|_| key.strategy == Strategy::Hash)
}

fn range_of(conditions: &[Expr], part: &Part) -> Option<Rewrite> {
    let kind = part.column_type.as_deref().filter(|kind| types::is_integer(kind))?;
    if !part.is_column() {
        return None;
    }
    let (mut from, mut low, mut high) = (Vec::new(), None, None);
    for condition in conditions {
        let Expr::Binary { left, op, right } = condition else { continue };
        let (op, value) =
            match (part.expr.as_ref() == Some(left), part.expr.as_ref() == Some(right)) {
                (true, false) => (op.as_str(), right),
                (false, true) => (commuted(op), left),
                _ => continue,
            };
        let Some(value) = value.constant().and_then(|(text, _)| text.parse::<i64>().ok()) else {
            continue;
        };
        match op {
            ">" => low = Some(value.checked_add(1)?),
            ">=" => low = Some(value),
            "<" => high = Some(value.checked_sub(1)?),
            "<=" => high = Some(value),
            _ => continue,
        }
        from.push(condition.clone());
    }
    let (low, high) = (low?, high?);
    let count = usize::try_from(high.checked_sub(low)?).ok()?;
    if count >= VALUES {
        return None;
    }
    let values: Vec<String> = (low..=high).map(|value| literal(&value.to_string(), kind)).collect();
    let to = Draft::Text(format!("{} IN ({})", part.text(), values.join(", ")));
    Some(Rewrite { from, to })
}
