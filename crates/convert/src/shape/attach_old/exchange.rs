//! The statements that make the old table a partition, and those that make it the table again.

use lab::catalog::{Name, quote_ident};
use lab::connect::search_path;

use super::index::{Attached, Rebuilt, back_name, leaf_name, rebuilt_as};
use super::ready::later;
use super::{bound_check, name};
use crate::design::TargetIndex;
use crate::layout::Part;
use crate::moves::foreign_key::Keys;
use crate::moves::{
    Exchange, Turn, difference, locks, parked, publication, rename, sequence, trigger, view,
};
use crate::portrait::{Index, Portrait};

/// Live: the old table. The new one takes its name and its place.
pub(super) fn there(turn: &Turn<'_>, part: &Part) -> Exchange {
    let keys = Keys::incoming(turn);
    let (live, old) = (turn.live_name(), Name::new(&turn.live.schema, &part.name));
    let mut statements = [
        trigger::take_off(turn),
        publication::take_off(turn),
        keys.take_off(),
        difference::put_on(turn),
        vec![
            rename::rename("TABLE", &live, &part.name),
            rename::rename("TABLE", &turn.shadow_name(), &turn.live.name),
        ],
        rename::of_statistics(turn),
        sequence::put_on(turn),
    ]
    .concat();
    for column in turn.live.columns.iter().filter(|column| column.identity.is_some()) {
        // A table with an identity of its own cannot be attached (17).
        let column = quote_ident(&column.name);
        statements.push(format!("ALTER TABLE {old} ALTER COLUMN {column} DROP IDENTITY"));
    }
    for wanted in &turn.design.indexes {
        statements.extend(index_there(turn, wanted, &old));
    }
    statements.push(format!("ALTER TABLE {live} ATTACH PARTITION {old} {}", part.bound));
    statements.extend(around(turn, &keys));
    Exchange { locks: locks(turn, &keys), statements, settle: settle(turn, &keys), last: false }
}

/// What names the table that is live then.
fn around(turn: &Turn<'_>, keys: &Keys) -> Vec<String> {
    [trigger::put_on(turn), publication::put_on(turn), keys.put_on(), view::put_on(turn)].concat()
}

fn settle(turn: &Turn<'_>, keys: &Keys) -> Vec<crate::moves::Settlement> {
    [keys.settle(), view::settle(turn)].concat()
}

/// The partitioned index gets the live name; the partition's another one, after it was replaced where the
/// partitioned one could not adopt it.
fn index_there(turn: &Turn<'_>, wanted: &TargetIndex, old: &Name) -> Vec<String> {
    let mine = turn.live.indexes.iter().find(|index| index.name == wanted.name);
    let whole = made_as(turn.shadow, wanted, &parked(&wanted.name, turn.id));
    let (Some(mine), Some(whole), Ok(leaf)) = (mine, whole, leaf_name(turn.design, wanted)) else {
        return Vec::new();
    };
    let schema = &turn.live.schema;
    let mut statements = match rebuilt_as(turn.design, wanted) {
        None => vec![rename::rename("INDEX", &Name::new(schema, &mine.name), &leaf)],
        Some(Rebuilt { then, .. }) => {
            let (from, built) = ((&*mine.name, then.constraint), (&*leaf, wanted.constraint));
            let replaced = replace(old, from, built, &leaf);
            replaced.into_iter().chain(marks(old, then, &leaf)).collect()
        }
    };
    statements.push(rename::rename("INDEX", &Name::new(schema, &whole.name), &wanted.name));
    statements
}

/// The partitioned index that was made as `wanted`: by its name, else by what it is.
fn made_as<'a>(table: &'a Portrait, wanted: &TargetIndex, name: &str) -> Option<&'a Index> {
    let like = |index: &&Index| {
        (index.unique, index.constraint, &index.using)
            == (wanted.unique, wanted.constraint, &wanted.using)
    };
    let mut indexes = table.indexes.iter();
    indexes.find(|index| index.name == name).or_else(|| table.indexes.iter().find(like))
}

/// The index `from` goes; the finished index `built` stands in its place, named `to`. Each comes with the
/// kind of its constraint.
fn replace(
    table: &Name,
    from: (&str, Option<char>),
    built: (&str, Option<char>),
    to: &str,
) -> Vec<String> {
    let drop = match from.1 {
        Some(_) => format!("ALTER TABLE {table} DROP CONSTRAINT {}", quote_ident(from.0)),
        None => format!("DROP INDEX {}", Name::new(&table.schema, from.0)),
    };
    let key = |kind| {
        let (to, built) = (quote_ident(to), quote_ident(built.0));
        format!("ALTER TABLE {table} ADD CONSTRAINT {to} {kind} USING INDEX {built}")
    };
    let add = match built.1 {
        Some('p') => Some(key("PRIMARY KEY")),
        Some(_) => Some(key("UNIQUE")),
        None if built.0 == to => None,
        None => Some(rename::rename("INDEX", &Name::new(&table.schema, built.0), to)),
    };
    [drop].into_iter().chain(add).collect()
}

/// The index `name` of `table` is marked as `then` was, which it replaces.
fn marks(table: &Name, then: &Index, name: &str) -> impl Iterator<Item = String> {
    let set = move |mark| format!("ALTER TABLE {table} {mark} {}", quote_ident(name));
    then.marks().into_iter().map(set)
}

/// Live: the new table. The old one takes the rows that came later, and is the table again.
pub(super) fn back(turn: &Turn<'_>, attached: &[Attached], identities: &[String]) -> Exchange {
    let keys = Keys::incoming(turn);
    let (live, old) = (turn.live_name(), name(turn.shadow));
    let mut statements = [
        trigger::take_off(turn),
        publication::take_off(turn),
        keys.take_off(),
        difference::put_on(turn),
        vec![
            format!("ALTER TABLE {live} DETACH PARTITION {old}"),
            format!("ALTER TABLE {old} DROP CONSTRAINT {}", bound_check(turn.id)),
        ],
    ]
    .concat();
    let columns: Vec<_> = turn.design.columns.iter().map(|column| quote_ident(column)).collect();
    let columns = columns.join(", ");
    for leaf in later(turn.live, turn.shadow.oid) {
        statements.push(format!(
            "INSERT INTO {old} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {leaf} WHERE {}",
            search_path::AS_USER
        ));
        statements.push(search_path::SET_LOCAL.to_owned());
        statements.push(format!("DELETE FROM {leaf}"));
    }
    statements.push(rename::rename("TABLE", &live, &turn.design.target_name));
    statements.push(rename::rename("TABLE", &old, &turn.live.name));
    statements.extend(rename::of_statistics(turn));
    for wanted in &turn.design.indexes {
        statements.extend(index_back(turn, wanted, attached));
    }
    statements.extend(identities.iter().cloned());
    statements.extend(serials(turn));
    statements.extend(around(turn, &keys));
    Exchange { locks: locks(turn, &keys), statements, settle: settle(turn, &keys), last: false }
}

/// The reverse of [`index_there`].
fn index_back(turn: &Turn<'_>, wanted: &TargetIndex, attached: &[Attached]) -> Vec<String> {
    let whole = made_as(turn.live, wanted, &wanted.name);
    let Some(whole) = whole else { return Vec::new() };
    let Some(part) = attached.iter().find(|part| part.parent == whole.oid) else {
        return Vec::new();
    };
    let schema = &turn.live.schema;
    let aside = parked(&wanted.name, turn.id);
    let mut statements = vec![rename::rename("INDEX", &Name::new(schema, &whole.name), &aside)];
    match rebuilt_as(turn.design, wanted) {
        None => {
            let part = Name::new(schema, &part.name);
            statements.push(rename::rename("INDEX", &part, &wanted.name));
        }
        Some(Rebuilt { then, .. }) => {
            let (from, built) =
                ((part.name.as_str(), wanted.constraint), back_name(turn.id, wanted));
            let built = (built.as_str(), then.constraint);
            let table = turn.live_name();
            statements.extend(replace(&table, from, built, &wanted.name));
            statements.extend(marks(&table, then, &wanted.name));
        }
    }
    statements
}

/// Sequences of serial columns belong to the table that is live.
fn serials(turn: &Turn<'_>) -> Vec<String> {
    let columns = turn.live.columns.iter().filter(|column| column.identity.is_none());
    columns
        .filter_map(|column| Some(sequence::owned(turn, column, column.sequence.as_ref()?)))
        .collect()
}
