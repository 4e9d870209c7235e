//! What the checks demand of each column, by what could be understood of them.

use std::collections::HashMap;

use tokio_postgres::Client;

use super::check::{Comparison, Fact, facts};
use super::table::Table;
use crate::rows::value::{DAY, Kind, Line, natural, typed_literals};

/// What is known of a column.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The first and last place, for a type whose values lie on a line.
    pub low: Option<i64>,
    /// See `low`.
    pub high: Option<i64>,
    /// The only values, as the server printed them.
    pub one_of: Option<Vec<String>>,
    /// The fewest characters.
    pub shortest: usize,
    /// The most characters.
    pub longest: Option<usize>,
    /// Whether a check refuses NULL.
    pub not_null: bool,
}

/// A column that must lie at least `gap` places before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The place of the column that is before.
    pub before: usize,
    /// The place of the column that is after.
    pub after: usize,
    /// 1 when they may not be equal, else 0.
    pub gap: i64,
}

/// What is known of each column, and which must be before which.
pub async fn known(client: &Client, table: &Table) -> (Vec<Known>, Vec<Order>) {
    let mut all = Vec::new();
    for column in &table.columns {
        all.extend(column.checks.iter().flat_map(|check| facts(check)));
    }
    all.extend(table.checks.iter().flat_map(|check| facts(&check.0)));
    let mut known: Vec<Known> = table.columns.iter().map(|_| Known::default()).collect();
    let mut orders = Vec::new();
    for fact in all {
        match fact {
            Fact::NotNull(name) => {
                if let Some(at) = table.position(&name) {
                    known[at].not_null = true;
                }
            }
            Fact::OneOf(name, values) => {
                if let Some(at) = table.position(&name) {
                    let both = known[at].one_of.take().map_or(values.clone(), |mut before| {
                        before.retain(|value| values.contains(value));
                        before
                    });
                    known[at].one_of = Some(both);
                }
            }
            Fact::Length(name, is, count) => {
                if let Some(at) = table.position(&name) {
                    length(&mut known[at], is, count);
                }
            }
            Fact::Compared(name, is, literal) => {
                let Some(at) = table.position(&name) else { continue };
                let Kind::Line(line) = table.columns[at].typed.kind else { continue };
                let sql_type = &table.columns[at].typed.sql_type;
                // A literal of another type, for a column that was cast, says nothing here.
                let value = typed_literals(client, &[literal], sql_type).await.ok();
                let value = value.and_then(|mut values| values.pop().flatten());
                let Some(place) = value.and_then(|value| line.at(&value)) else { continue };
                let first = place.floor.saturating_add(i64::from(!place.exact));
                match is {
                    Comparison::Less => most(&mut known[at], first.saturating_sub(1)),
                    Comparison::AtMost => most(&mut known[at], place.floor),
                    Comparison::AtLeast => least(&mut known[at], first),
                    Comparison::More => least(&mut known[at], place.floor.saturating_add(1)),
                }
            }
            Fact::Order(left, is, right) => {
                let (Some(left), Some(right)) = (table.position(&left), table.position(&right))
                else {
                    continue;
                };
                let (before, after) = match is {
                    Comparison::Less | Comparison::AtMost => (left, right),
                    Comparison::AtLeast | Comparison::More => (right, left),
                };
                let strict = matches!(is, Comparison::Less | Comparison::More);
                orders.push(Order { before, after, gap: i64::from(strict) });
            }
        }
    }
    (known, orders)
}

fn least(known: &mut Known, place: i64) {
    known.low = known.low.max(Some(place));
}

fn most(known: &mut Known, place: i64) {
    known.high = Some(known.high.map_or(place, |high| high.min(place)));
}

fn length(known: &mut Known, is: Comparison, count: usize) {
    let at_most = |known: &mut Known, count: usize| {
        known.longest = Some(known.longest.map_or(count, |longest| longest.min(count)));
    };
    match is {
        Comparison::Less => at_most(known, count.saturating_sub(1)),
        Comparison::AtMost => at_most(known, count),
        Comparison::AtLeast => known.shortest = known.shortest.max(count),
        Comparison::More => known.shortest = known.shortest.max(count + 1),
    }
}

/// Takes the orders in which a column stands that the server fills in: a moment is taken for now,
/// of other types nothing is known.
pub fn settle_defaults(
    table: &Table,
    known: &mut [Known],
    orders: &mut Vec<Order>,
    sent: &HashMap<usize, usize>,
) {
    orders.retain(|order| {
        let (before, after) = (sent.contains_key(&order.before), sent.contains_key(&order.after));
        let (Kind::Line(one), Kind::Line(other)) =
            (&table.columns[order.before].typed.kind, &table.columns[order.after].typed.kind)
        else {
            return false;
        };
        if before && after {
            return one == other;
        }
        // natural() ends yesterday, or with it.
        let moment = |line: Line| match line {
            Line::Date => Some((natural(line, "").1, 1)),
            Line::Timestamp => Some((natural(line, "").1, DAY)),
            _ => None,
        };
        match (moment(*one), moment(*other)) {
            (Some(_), Some((end, day))) if after => {
                least(&mut known[order.after], end.saturating_add(2 * day));
            }
            (Some((end, day)), Some(_)) if before => {
                most(&mut known[order.before], end.saturating_sub(day));
            }
            _ => {}
        }
        false
    });
}

/// The first and last place for a column: where its values usually lie, as far as that is allowed.
pub fn range(line: Line, name: &str, known: &Known) -> (i64, i64) {
    let (least, greatest) = line.limits();
    let (low, high) =
        (known.low.unwrap_or(least).max(least), known.high.unwrap_or(greatest).min(greatest));
    let usual = natural(line, name);
    let (from, to) = (usual.0.max(low), usual.1.min(high));
    if from <= to {
        (from, to)
    } else if usual.0 > high {
        (low.max(high.saturating_sub(line.reach())), high)
    } else {
        (low, high.min(low.saturating_add(line.reach())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_range_gives_way_to_what_is_demanded() {
        let known = |low, high| Known { low, high, ..Known::default() };
        assert_eq!(range(Line::Int4, "age", &known(None, None)), (18, 90));
        assert_eq!(range(Line::Int4, "age", &known(Some(30), Some(40))), (30, 40));
        assert_eq!(range(Line::Int4, "age", &known(Some(100), Some(120))), (100, 120));
        assert_eq!(range(Line::Int4, "age", &known(Some(-9), Some(-5))), (-9, -5));
        assert_eq!(range(Line::Int4, "age", &known(None, Some(20))), (18, 20));
    }
}
