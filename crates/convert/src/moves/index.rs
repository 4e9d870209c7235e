//! Which index of the live table is which of the shadow.

use super::Turn;
use crate::design::TargetIndex;
use crate::portrait::{Index, Portrait};
use crate::state::Side;

/// Indexes of live and shadow that are made for each other: each with the other's name later.
pub(super) fn pairs<'a>(turn: &Turn<'a>) -> Vec<(&'a Index, &'a Index)> {
    let mut taken = Vec::new();
    let mut pairs = Vec::new();
    for wanted in &turn.design.indexes {
        let Some(source) = of_source(turn, wanted) else { continue };
        let Some(target) = of_target(turn.of(Side::Target), wanted, &taken) else { continue };
        taken.push(target.oid);
        pairs.push(match turn.side {
            Side::Source => (source, target),
            Side::Target => (target, source),
        });
    }
    pairs
}

/// The source's index whose name `wanted` has; it may be parked now, so it is found by OID.
fn of_source<'a>(turn: &Turn<'a>, wanted: &TargetIndex) -> Option<&'a Index> {
    let then = turn.design.source.indexes.iter().find(|index| index.name == wanted.name)?;
    turn.of(Side::Source).indexes.iter().find(|index| index.oid == then.oid)
}

/// The target's index that was made as `wanted`; of two that are the same, either.
fn of_target<'a>(target: &'a Portrait, wanted: &TargetIndex, taken: &[u32]) -> Option<&'a Index> {
    let like = |index: &&Index| {
        !taken.contains(&index.oid)
            && index.unique == wanted.unique
            && index.constraint == wanted.constraint
    };
    let candidates = || target.indexes.iter().filter(like);
    candidates()
        .find(|index| index.using == wanted.using)
        .or_else(|| candidates().find(|index| index.columns == wanted.columns))
}
