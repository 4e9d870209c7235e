//! Whether the two tables still are what the conversion was decided for: what was changed meanwhile
//! on one of them and has no counterpart on the other must not get lost in an exchange.

use lab::{Error, Result};

use super::{Settlement, Turn, index, parked};
use crate::layout::Layout;
use crate::portrait::{Column, Constraint, ForeignKey, Portrait};
use crate::request::Shape;
use crate::state::Side;

/// Fails when an exchange would lose something. Each error says what it is, and what to do.
pub fn check(turn: &Turn<'_>) -> Result<()> {
    for table in [turn.live, turn.shadow] {
        columns(turn, table)?;
    }
    partitions(turn)?;
    if turn.side == Side::Source && turn.design.request.shape != Shape::AttachOld {
        indexes(turn)?;
        constraints(turn)?;
    }
    foreign_keys(turn)
}

fn columns(turn: &Turn<'_>, table: &Portrait) -> Result<()> {
    let then = &turn.design.source.columns;
    let same = |a: &Column, b: &Column| {
        a.name == b.name && a.data_type == b.data_type && a.generated == b.generated
    };
    let changed = then
        .iter()
        .find(|column| !table.columns.iter().any(|now| same(now, column)))
        .or_else(|| table.columns.iter().find(|now| !then.iter().any(|column| same(now, column))));
    match changed {
        None => Ok(()),
        Some(column) => Err(refused(turn, table)
            .because(format!(
                "its column {} is not what it was when the conversion began",
                column.name
            ))
            .next("change it back")),
    }
}

/// A partition that came or went took rows with it that no log knows of.
fn partitions(turn: &Turn<'_>) -> Result<()> {
    if matches!(turn.design.request.shape, Shape::Split | Shape::AttachOld) {
        // They hang elsewhere; the exchange itself looks at them.
        return Ok(());
    }
    let source = turn.of(Side::Source);
    let (mut now, mut then) = (source.tree.clone(), turn.design.source.tree.clone());
    now.sort_unstable();
    then.sort_unstable();
    if now != then {
        return Err(refused(turn, source).because(
            "partitions were attached to it or taken from it since the conversion began",
        ));
    }
    let tables = match turn.side {
        Side::Target => turn.live_tables,
        Side::Source => turn.shadow_tables,
    };
    let there = |name: &str| {
        let parked = parked(name, turn.id);
        tables.iter().any(|table| table.name == name || table.name == parked)
    };
    match names(&turn.design.layout).into_iter().find(|name| !there(name)) {
        None => Ok(()),
        Some(gone) => Err(refused(turn, turn.of(Side::Target))
            .because(format!("its partition {gone} is gone, and the rows in it"))
            .next("attach it again")),
    }
}

fn names(layout: &Layout) -> Vec<&str> {
    let below = |part: &'_ crate::layout::Part| part.below.is_some();
    let mut all: Vec<&str> = layout.parts.iter().map(|part| part.name.as_str()).collect();
    for part in layout.parts.iter().filter(|part| below(part)) {
        all.extend(part.below.iter().flat_map(names));
    }
    all
}

/// An index that the source got meanwhile, and the target has not.
fn indexes(turn: &Turn<'_>) -> Result<()> {
    let design = turn.design;
    let known = |oid: u32| design.source.indexes.iter().any(|index| index.oid == oid);
    if let Some(new) = turn.live.indexes.iter().find(|index| index.valid && !known(index.oid)) {
        return Err(refused(turn, turn.live)
            .because(format!("index {} was made since the conversion began", new.name))
            .next(format!("drop it, and make it again on {} after the swap", turn.live.name)));
    }
    let pairs = index::pairs(turn);
    let lacks = |name: &str| {
        let then = design.source.indexes.iter().find(|index| index.name == name);
        let there = |oid: u32| turn.live.indexes.iter().any(|index| index.oid == oid);
        then.is_some_and(|then| {
            there(then.oid) && !pairs.iter().any(|(live, _)| live.oid == then.oid)
        })
    };
    match design.indexes.iter().find(|index| lacks(&index.name)) {
        None => Ok(()),
        Some(index) => Err(refused(turn, turn.shadow)
            .because(format!("it has no index like {}", index.name))
            .next(format!("cargo run -p convert -- abort {}", turn.live_name()))),
    }
}

fn constraints(turn: &Turn<'_>) -> Result<()> {
    let check = |constraint: &&Constraint| constraint.kind == 'c';
    let there = |one: &Constraint| {
        let same =
            |other: &Constraint| other.name == one.name && other.definition == one.definition;
        turn.shadow.constraints.iter().any(same)
    };
    match turn.live.constraints.iter().filter(check).find(|constraint| !there(constraint)) {
        None => Ok(()),
        Some(new) => Err(refused(turn, turn.live)
            .because(format!(
                "it has the constraint {}, and {} has not",
                new.name, turn.shadow.name
            ))
            .next(format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {}",
                turn.shadow_name(),
                lab::catalog::quote_ident(&new.name),
                new.definition
            ))),
    }
}

/// A key that was never validated cannot be handed to a partitioned table, nor validated in passing.
fn foreign_keys(turn: &Turn<'_>) -> Result<()> {
    let pending = |key: &ForeignKey| {
        let is = |left: &Settlement| matches!(left, Settlement::ForeignKey(left) if left.is(key));
        turn.pending.iter().any(is)
    };
    let mut keys = turn.live.foreign_keys_out.iter().chain(&turn.live.foreign_keys_in);
    match keys.find(|key| !key.valid && !pending(key)) {
        None => Ok(()),
        Some(key) => {
            let name = lab::catalog::quote_ident(&key.name);
            Err(refused(turn, turn.live)
                .because(format!("its foreign key {} is NOT VALID", key.name))
                .next(format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", key.table)))
        }
    }
}

fn refused(turn: &Turn<'_>, table: &Portrait) -> Error {
    let verb = match turn.side {
        Side::Source => "swap",
        Side::Target => "roll back",
    };
    Error::failed(format!("cannot {verb} {}: {} has changed", turn.live.name, table.name))
}
