//! The pure parts, on conditions as PostgreSQL prints them.

mod judge;
mod occurrence;
mod rewrite;
mod shape;

use super::expr::Expr;
use super::facts::{Comparison, Facts, Volatility};
use super::keys::{Key, Part};
use super::parse;
use crate::catalog::Strategy;

const ORDERED: u32 = 1;
const HASHED: u32 = 2;
const TIMES: u32 = 3;

fn conditions(text: &str) -> Vec<Expr> {
    parse::conditions(text, &[])
}

fn part(text: &str, family: u32, kind: &str) -> Part {
    let expr = parse::list(text).unwrap().remove(0);
    Part {
        columns: expr.own_columns().map(str::to_owned).collect(),
        column_type: matches!(expr, Expr::Column { .. }).then(|| kind.to_owned()),
        expr: Some(expr),
        family,
        class_type: kind.to_owned(),
        foreign_collation: None,
    }
}

fn key(strategy: Strategy, columns: &[&str]) -> Key {
    let family = if strategy == Strategy::Hash { HASHED } else { ORDERED };
    let parts = columns.iter().map(|column| part(column, family, "integer")).collect();
    Key { strategy, parts, deterministic: true }
}

/// A range key of one column.
fn typed(column: &str, kind: &str) -> Key {
    let family = if kind.starts_with("timestamp") || kind == "date" { TIMES } else { ORDERED };
    Key { strategy: Strategy::Range, parts: vec![part(column, family, kind)], deterministic: true }
}

fn facts() -> Facts {
    let comparison = |operator: &str, left: &str, right: &str, immutable| Comparison {
        operator: operator.to_owned(),
        left: left.to_owned(),
        right: right.to_owned(),
        immutable,
    };
    let (naive, zoned) = ("timestamp without time zone", "timestamp with time zone");
    let mut facts = Facts::default();
    for operator in ["<", "<=", "=", ">=", ">"] {
        let ordered = comparison(operator, "integer", "integer", true);
        facts.comparisons.entry(ORDERED).or_default().push(ordered);
        let times = facts.comparisons.entry(TIMES).or_default();
        times.push(comparison(operator, naive, naive, true));
        times.push(comparison(operator, naive, zoned, false));
    }
    facts.comparisons.insert(HASHED, vec![comparison("=", "integer", "integer", true)]);
    facts.relabels.insert(("character varying".to_owned(), "text".to_owned()));
    for (name, volatility) in [
        ("now", Volatility::Stable),
        ("random", Volatility::Volatile),
        ("date_trunc", Volatility::Stable),
    ] {
        facts.volatility.insert(name.to_owned(), volatility);
    }
    facts
}
