//! Why a DEFAULT partition is among those that are left.

use std::collections::BTreeSet;

use super::details::DefaultStays;
use super::expr::{self, Expr};
use super::judge::{Bounds, Kind};
use super::keys::{Group, PartitionTree};
use super::reason::Reason;
use crate::catalog::Strategy;

/// The reason for the first DEFAULT partition of the group's tables that is among the leaves
/// `alive`; `None` when there is none.
pub(super) fn default_stays(
    tree: &PartitionTree,
    group: &Group<'_>,
    fixed: &[(Expr, Bounds)],
    alive: &BTreeSet<u32>,
) -> Option<Reason> {
    let defaults: BTreeSet<u32> =
        group.tables.iter().filter_map(|table| table.default_partition).collect();
    // A DEFAULT partition may be partitioned itself.
    let default = defaults.into_iter().find(|default| {
        let parent = BTreeSet::from([*default]);
        alive.iter().any(|leaf| leaf == default || tree.child_above(*leaf, &parent).is_some())
    })?;
    let first: Vec<&(Expr, Bounds)> =
        fixed.iter().filter(|(_, bounds)| bounds.parts.contains(&0)).collect();
    if first.is_empty() {
        return None;
    }
    let condition = expr::joined(first.iter().map(|(expr, _)| expr), " AND ");
    let all = |kind: Kind| first.iter().any(|(_, bounds)| bounds.kind == kind);
    let ends = |ops: [&str; 2]| first.iter().any(|(expr, _)| bounded_by(expr, ops));
    let why = if all(Kind::Equal) {
        DefaultStays::ValueElsewhere { condition }
    } else if group.key.strategy == Strategy::List {
        DefaultStays::NotOnlyListed { condition }
    } else if all(Kind::Range) && !(ends(["<", "<="]) && ends([">", ">="])) {
        DefaultStays::OpenEnded { condition }
    } else {
        DefaultStays::BeyondBounds { condition }
    };
    let partition = tree.table(default)?.name.name.clone();
    Some(Reason::DefaultStays { partition, why })
}

/// Whether a comparison gives the key a lower end.
pub(super) fn has_lower_end(expr: &Expr) -> bool {
    bounded_by(expr, [">", ">="])
}

/// Whether the key, on the left or on the right, is compared by one of `ops`.
fn bounded_by(expr: &Expr, ops: [&str; 2]) -> bool {
    let Expr::Binary { left, op, .. } = expr else { return false };
    let op = if left.own_columns().next().is_some() { op } else { super::judge::commuted(op) };
    ops.contains(&op)
}
