//! Which columns keep unique keys unique.

use std::collections::{HashMap, HashSet};

use super::known::Known;
use super::table::Table;
use crate::rows::value::{Kind, Line};

/// What keeps the unique keys of a table unique.
#[derive(Debug, Default)]
pub struct Unique {
    /// Columns that hold no value twice.
    pub columns: HashSet<usize>,
    /// Columns of which no two rows have the same combination.
    pub combination: Vec<usize>,
}

/// Finds them. `open`: how free a column's values are to choose (0: not at all). Columns that aren't `sent` are
/// filled in by the server: it keeps their keys unique itself.
pub fn unique(
    table: &Table,
    known: &[Known],
    sent: &HashMap<usize, usize>,
    open: &dyn Fn(usize) -> u8,
) -> Unique {
    let mut unique = Unique::default();
    let mut keys: Vec<&Vec<usize>> = table.unique.iter().collect();
    keys.sort_by_key(|key| key.len());
    for key in keys {
        let kept = |at: &usize| !sent.contains_key(at) || unique.columns.contains(at);
        if key.is_empty() || key.iter().any(kept) {
            continue;
        }
        let best = key
            .iter()
            .filter(|at| open(**at) > 0 && room(table, known, **at) > 0)
            .max_by_key(|at| (open(**at), room(table, known, **at)));
        match best {
            Some(at) => {
                unique.columns.insert(*at);
            }
            _ if key.len() == 1 => {
                unique.columns.insert(key[0]);
            }
            _ if unique.combination.is_empty() => unique.combination.clone_from(key),
            // Of a second combination nobody keeps watch; chance keeps most of its rows apart.
            _ => {}
        }
    }
    unique
}

/// How well a column keeps many rows apart; 0: not at all.
fn room(table: &Table, known: &[Known], at: usize) -> u8 {
    let known = &known[at];
    if known.one_of.is_some() {
        return 0;
    }
    let (low, high) = (known.low.unwrap_or(i64::MIN), known.high.unwrap_or(i64::MAX));
    let narrow = high.saturating_sub(low) < 1_000_000;
    match &table.columns[at].typed.kind {
        Kind::Line(Line::Uuid) => 9,
        Kind::Bytea => 8,
        Kind::Text(most) if most.is_none_or(|most| most >= 6) => 7,
        Kind::Line(_) if narrow => 0,
        Kind::Line(Line::Int4 | Line::Int8 | Line::Oid) => 6,
        Kind::Line(Line::Timestamp) => 5,
        Kind::Line(Line::Numeric { precision: 7.., .. } | Line::Float8 | Line::Money) => 4,
        Kind::Line(Line::Time) => 3,
        _ => 0,
    }
}
