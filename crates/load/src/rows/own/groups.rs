//! Foreign keys: which keys of other tables the rows refer to.

use std::collections::HashMap;

use lab::Result;
use tokio_postgres::Client;

use super::layout::NULLS;
use super::plan::Planned;
use super::reference;
use super::rows::{Group, Recipe};
use crate::rows::place::Pick;
use crate::rows::value::{Pool, Walk};

/// Chooses among the keys of the tables that foreign keys point at, and gives their columns
/// recipes. Of two foreign keys that share columns, the second one's keys are chosen among those
/// that go with the first one's.
pub async fn groups(
    plan: &Planned<'_>,
    client: &Client,
    recipes: &mut HashMap<usize, Recipe>,
) -> Result<Vec<Group>> {
    let mut found: Vec<Found> = Vec::new();
    let mut owner: HashMap<usize, usize> = HashMap::new();
    let mut foreign_keys: Vec<_> = plan.table.foreign.iter().collect();
    // A key that may be NULL must not decide about columns that another needs.
    foreign_keys.sort_by_key(|key| {
        let nullable = key.columns.iter().filter(|at| plan.nullable(**at)).count();
        (std::cmp::Reverse(key.columns.len()), nullable)
    });
    for foreign in foreign_keys {
        let is_open = |at: &usize| !owner.contains_key(at) && !recipes.contains_key(at);
        let open: Vec<usize> = foreign.columns.iter().copied().filter(is_open).collect();
        if open.is_empty() || !foreign.columns.iter().all(|at| plan.foreign.contains(at)) {
            continue;
        }
        let once = foreign.columns.iter().any(|at| plan.unique.columns.contains(at));
        let nullable = open.iter().any(|at| plan.nullable(*at));
        let Some(keys) = reference::keys(client, plan.table, foreign, once).await? else {
            // One NULL is enough; the other columns may belong to another key.
            if !nullable {
                return Err(reference::empty(plan.table, foreign, once));
            }
            for at in open.into_iter().filter(|at| plan.nullable(*at)) {
                let null = std::iter::once(None).collect();
                recipes.insert(at, Recipe::Pick(Pick::Value(null)));
            }
            continue;
        };
        let keys: Keys = foreign.columns.iter().copied().zip(keys).collect();
        let before = foreign.columns.iter().filter_map(|at| owner.get(at).copied()).min();
        let is_shared = |at: &usize| before.is_some() && owner.get(at) == before.as_ref();
        let shared: Vec<usize> = keys.keys().copied().filter(is_shared).collect();
        let with = before.map(|before| (before, shared));
        if let (Some((before, shared)), false) = (&with, nullable) {
            keep_fitting(&mut found[*before].keys, &keys, shared);
            if count(&found[*before].keys) == 0 {
                return Err(reference::empty(plan.table, foreign, once));
            }
        }
        let all_nullable = open.iter().all(|at| plan.nullable(*at));
        owner.extend(open.iter().map(|at| (*at, found.len())));
        found.push(Found { keys, once, nulls: if all_nullable { NULLS } else { 0 }, with });
    }
    let groups = found.iter().map(|group| {
        let keys = count(&group.keys);
        let with = group.with.as_ref();
        Group {
            keys,
            once: group.once.then(|| Walk::in_order(keys as u128)),
            nulls: group.nulls,
            with: with.map(|(at, shared)| (*at, fitting(&found[*at].keys, &group.keys, shared))),
        }
    });
    let groups = groups.collect();
    for (at, group) in owner {
        if let Some(pool) = found[group].keys.get(&at) {
            recipes.insert(at, Recipe::Reference(group, pool.clone()));
        }
    }
    Ok(groups)
}

/// Keys of a table, by the columns that refer to it: the n-th values together are one.
type Keys = HashMap<usize, Pool>;

/// A foreign key, and what to choose from.
struct Found {
    keys: Keys,
    once: bool,
    nulls: u16,
    /// A foreign key before, and the columns that it shares with this one.
    with: Option<(usize, Vec<usize>)>,
}

fn count(keys: &Keys) -> usize {
    keys.values().map(Pool::len).max().unwrap_or(0)
}

/// The values of some columns in one key.
fn values<'a>(keys: &'a Keys, columns: &[usize], at: usize) -> Vec<Option<&'a [u8]>> {
    columns.iter().map(|column| keys.get(column).and_then(|pool| pool.get(at))).collect()
}

/// For each key of `before`, those of `keys` that have the same values in the `shared` columns.
fn fitting(before: &Keys, keys: &Keys, shared: &[usize]) -> Vec<Vec<usize>> {
    let mut by_values: HashMap<_, Vec<usize>> = HashMap::new();
    for at in 0..count(keys) {
        by_values.entry(values(keys, shared, at)).or_default().push(at);
    }
    let of = |at| by_values.get(&values(before, shared, at)).cloned().unwrap_or_default();
    (0..count(before)).map(of).collect()
}

/// Drops the keys of `before` with which none of `keys` goes.
fn keep_fitting(before: &mut Keys, keys: &Keys, shared: &[usize]) {
    let fitting = fitting(before, keys, shared);
    for pool in before.values_mut() {
        let kept = pool.iter().zip(&fitting).filter(|(_, fitting)| !fitting.is_empty());
        *pool = kept
            .map(|(value, _)| value.map(<[u8]>::to_vec))
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
    }
}
