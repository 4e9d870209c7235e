//! Which of a table's conditions work together on its key.

use super::expr::{self, Expr};
use super::facts::Facts;
use super::judge::{Bounds, Kind, Verdict, judge};
use super::keys::{Key, Part};
use super::reason::Reason;
use crate::catalog::Strategy;

/// What all conditions of a table mean for one key.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Judged {
    /// Those that bound the key.
    pub(super) usable: Vec<(Expr, Bounds)>,
    /// Why others do not.
    pub(super) blocked: Vec<Reason>,
}

/// Judges `conditions`, which are joined by AND.
pub(super) fn judged(conditions: &[Expr], key: &Key, facts: &Facts) -> Judged {
    let (mut bounding, mut blocked) = (Vec::new(), Vec::new());
    for condition in conditions {
        match judge(condition, key, facts) {
            Verdict::Silent => {}
            Verdict::Bounds(bounds) => bounding.push((condition.clone(), bounds)),
            Verdict::Blocked(reason) if blocked.contains(&reason) => {}
            Verdict::Blocked(reason) => blocked.push(reason),
        }
    }
    let (usable, useless): (Vec<_>, Vec<_>) = match key.strategy {
        Strategy::List => (bounding, Vec::new()),
        Strategy::Range => leading(bounding, key),
        Strategy::Hash => complete(bounding, key),
    };
    if !useless.is_empty() {
        let equal: Vec<usize> = bounding_parts(&usable)
            .chain(bounding_parts(&useless))
            .filter(|(_, kind)| *kind == Kind::Equal)
            .map(|(part, _)| part)
            .collect();
        // A range needs the columns before; a hash needs all.
        let needed = match key.strategy {
            Strategy::Range => bounding_parts(&useless).map(|(part, _)| part).min().unwrap_or(0),
            _ => key.parts.len(),
        };
        let missing = (0..needed).filter(|at| !equal.contains(at));
        let missing = missing.filter_map(|at| key.parts.get(at)).map(Part::text).collect();
        let condition = expr::joined(useless.iter().map(|(condition, _)| condition), " AND ");
        blocked.push(Reason::MissingColumns { condition, missing });
    }
    // `IS NOT NULL`, which the planner itself adds for max(), is worth a word only when it prunes.
    Judged { usable, blocked }
}

type Bounding = Vec<(Expr, Bounds)>;

fn bounding_parts(all: &Bounding) -> impl Iterator<Item = (usize, Kind)> + '_ {
    all.iter().flat_map(|(_, bounds)| bounds.parts.iter().map(|part| (*part, bounds.kind)))
}

/// A range's column counts when all before it are compared by `=`.
fn leading(bounding: Bounding, key: &Key) -> (Bounding, Bounding) {
    let kinds: Vec<(usize, Kind)> = bounding_parts(&bounding).collect();
    let equal = |at: usize| kinds.iter().any(|(part, kind)| *part == at && *kind == Kind::Equal);
    let reach = (0..key.parts.len()).find(|at| !equal(*at)).unwrap_or(key.parts.len());
    bounding.into_iter().partition(|(_, bounds)| bounds.parts.iter().any(|part| *part <= reach))
}

/// A hash is computed of all columns or not at all. An OR brings its own completeness.
fn complete(bounding: Bounding, key: &Key) -> (Bounding, Bounding) {
    let kinds: Vec<(usize, Kind)> = bounding_parts(&bounding).collect();
    let whole = (0..key.parts.len()).all(|at| {
        kinds.iter().any(|(part, kind)| *part == at && matches!(kind, Kind::Equal | Kind::Either))
    });
    if whole { (bounding, Vec::new()) } else { (Vec::new(), bounding) }
}
