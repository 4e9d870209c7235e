//! Why two tables cannot be joined partition by partition (`have_partkey_equi_join` in PostgreSQL's
//! `relnode.c` sets the rules).

use std::collections::BTreeSet;

use super::super::experiment::Bench;
use super::super::expr::Expr;
use super::super::keys::{Key, PartitionTree};
use super::super::occurrence::{Occurrence, base};
use super::super::read;
use super::Obstacle;
use crate::error::Result;

/// Two mentions of partitioned tables that a condition joins.
pub(super) struct Pair<'a> {
    pub(super) one: &'a Occurrence,
    pub(super) other: &'a Occurrence,
}

/// The joined pairs among `found` of which each has several partitions in the plan.
pub(super) fn pairs(found: &[Occurrence]) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for (at, one) in found.iter().enumerate() {
        for other in &found[at + 1..] {
            let several = one.leaves.len() > 1 && other.leaves.len() > 1;
            if several && conditions(one, &other.alias).next().is_some() {
                pairs.push(Pair { one, other });
            }
        }
    }
    pairs
}

/// The conditions that join `one` with what is called `alias`; the columns of `one` are its own.
fn conditions<'a>(one: &'a Occurrence, alias: &'a str) -> impl Iterator<Item = &'a Expr> {
    let all = one.elsewhere.iter().map(|elsewhere| &elsewhere.condition).chain(&one.conditions);
    all.filter(move |condition| {
        condition.walk().any(|part| {
            matches!(part, Expr::Column { table: Some(table), .. } if table == alias || base(table) == alias)
        })
    })
}

/// What is in the way of the pair; `None` when nothing is that the catalog knows of.
pub(super) async fn obstacle(
    bench: Bench<'_>,
    trees: &[PartitionTree],
    Pair { one, other }: &Pair<'_>,
) -> Result<Option<Obstacle>> {
    let tables = [one.alias.clone(), other.alias.clone()];
    let key = |occurrence: &Occurrence| {
        let tree = trees.iter().find(|tree| tree.root == occurrence.table)?;
        tree.groups().first().map(|group| group.key.clone())
    };
    let (Some(key), Some(other_key)) = (key(one), key(other)) else { return Ok(None) };
    if !on_keys(one, &key, &other.alias, &other_key) {
        return Ok(Some(Obstacle::NotOnKey { tables }));
    }
    let kinds = |key: &Key| -> Vec<(u32, String)> {
        key.parts.iter().map(|part| (part.family, part.class_type.clone())).collect()
    };
    if key.strategy != other_key.strategy || kinds(&key) != kinds(&other_key) {
        return Ok(Some(Obstacle::OtherKey { tables }));
    }
    let bounds: BTreeSet<String> =
        read::bounds(bench.tx, &[one.table]).await?.into_iter().collect();
    let others: BTreeSet<String> =
        read::bounds(bench.tx, &[other.table]).await?.into_iter().collect();
    Ok((bounds != others).then_some(Obstacle::OtherBounds { tables }))
}

/// Whether the first parts of both keys, the second and so on are joined by `=`.
fn on_keys(one: &Occurrence, key: &Key, alias: &str, other_key: &Key) -> bool {
    let same_length = key.parts.len() == other_key.parts.len();
    same_length
        && key.parts.iter().zip(&other_key.parts).all(|(part, other_part)| {
            let theirs = other_part.expr.clone().map(|expr| called(expr, alias));
            conditions(one, alias).any(|condition| match condition {
                Expr::Binary { left, op, right } if op == "=" => {
                    let sides = [left, right].map(|side| renamed((**side).clone(), alias));
                    let [left, right] = &sides;
                    let ours = |side: &Expr| part.expr.as_ref() == Some(side);
                    let is_theirs = |side: &Expr| theirs.as_ref() == Some(side);
                    ours(left) && is_theirs(right) || is_theirs(left) && ours(right)
                }
                _ => false,
            })
        })
}

/// `expr` with its own columns said to be those of `alias`.
fn called(expr: Expr, alias: &str) -> Expr {
    expr.map(&|part| match part {
        Expr::Column { table: None, name } => Expr::Column { table: Some(alias.to_owned()), name },
        other => other,
    })
}

/// `expr` with `alias` in place of its numbered forms.
fn renamed(expr: Expr, alias: &str) -> Expr {
    expr.map(&|part| match part {
        Expr::Column { table: Some(table), name } if base(&table) == alias => {
            Expr::Column { table: Some(alias.to_owned()), name }
        }
        other => other,
    })
}
