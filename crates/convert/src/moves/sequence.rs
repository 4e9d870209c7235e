//! Numbers go on where they were: an identity column's other sequence is set and takes the name; the
//! sequence of a serial column has both tables' defaults, and changes its owner.

use lab::catalog::{Name, quote_ident};

use super::{Turn, literal, rename};
use crate::portrait::{Column, Sequence};

/// After the renames of the tables.
pub(crate) fn put_on(turn: &Turn<'_>) -> Vec<String> {
    let mut statements = Vec::new();
    for live in &turn.live.columns {
        let Some(sequence) = &live.sequence else { continue };
        let shadow = turn.shadow.columns.iter().find(|column| column.name == live.name);
        match shadow.and_then(|column| column.sequence.as_ref()) {
            Some(other) if live.identity.is_some() => {
                statements.extend(continues(turn, sequence, other));
            }
            Some(_) => {}
            None => statements.push(owned(turn, live, sequence)),
        }
    }
    statements
}

/// `other` goes on where `sequence` is. The renames come first: they lock both, so that no `nextval`
/// comes between reading and setting.
fn continues(turn: &Turn<'_>, sequence: &Sequence, other: &Sequence) -> Vec<String> {
    let (live, shadow) = (name(sequence), name(other));
    let mut statements = rename::exchange("SEQUENCE", &live, &shadow, turn.id);
    // From here on `live` names the shadow's sequence, and the live one's bears its name.
    let (new, old) = if live.name == shadow.name {
        (shadow, live)
    } else {
        (Name::new(&shadow.schema, &live.name), Name::new(&live.schema, &shadow.name))
    };
    statements.push(set(&new, &old));
    let around = turn.around.sequences.get(&sequence.oid);
    let granted = around.into_iter().flatten();
    statements.extend(granted.map(|statement| statement.replace("{sequence}", &new.to_string())));
    statements
}

/// The shadow's own sequences go on where the live table's are, and each keeps its name.
pub(crate) fn go_on(turn: &Turn<'_>) -> Vec<String> {
    let pairs = turn.live.columns.iter().filter_map(|live| {
        let shadow = turn.shadow.columns.iter().find(|column| column.name == live.name)?;
        Some((live.sequence.as_ref()?, shadow.sequence.as_ref()?))
    });
    pairs
        .filter(|(live, shadow)| live.oid != shadow.oid)
        .map(|(live, shadow)| set(&name(shadow), &name(live)))
        .collect()
}

pub(crate) fn set(sequence: &Name, from: &Name) -> String {
    let sequence = literal(&sequence.to_string());
    format!(
        "SELECT pg_catalog.setval({sequence}::pg_catalog.regclass, last_value, is_called) FROM {from}"
    )
}

pub(crate) fn owned(turn: &Turn<'_>, column: &Column, sequence: &Sequence) -> String {
    let (sequence, table) = (name(sequence), turn.live_name());
    format!("ALTER SEQUENCE {sequence} OWNED BY {table}.{}", quote_ident(&column.name))
}

pub(crate) fn name(sequence: &Sequence) -> Name {
    Name::new(&sequence.schema, &sequence.name)
}
