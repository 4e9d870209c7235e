//! Names: the shadow takes the live table's, with those of its partitions, indexes, sequences and
//! statistics objects.

use lab::catalog::{Name, quote_ident};

use super::{Turn, index, parked};
use crate::portrait::Statistics;

/// The statements. Whatever is renamed keeps its OID, and so do constraints behind indexes.
pub(crate) fn all(turn: &Turn<'_>) -> Vec<String> {
    let mut statements = vec![
        rename("TABLE", &turn.live_name(), &turn.parked_name().name),
        rename("TABLE", &turn.shadow_name(), &turn.live.name),
    ];
    for (live, shadow) in partitions(turn) {
        statements.extend(exchange("TABLE", live, shadow, turn.id));
    }
    for (live, shadow) in index::pairs(turn) {
        let live = Name::new(&turn.live.schema, &live.name);
        let shadow = Name::new(&turn.shadow.schema, &shadow.name);
        statements.extend(exchange("INDEX", &live, &shadow, turn.id));
    }
    statements.extend(of_statistics(turn));
    statements
}

/// Statistics objects that say the same exchange their names.
pub(crate) fn of_statistics(turn: &Turn<'_>) -> Vec<String> {
    let name = |object: &Statistics| Name::new(&object.schema, &object.name);
    let exchanged = |(live, shadow): (&Statistics, &Statistics)| {
        exchange("STATISTICS", &name(live), &name(shadow), turn.id)
    };
    statistics(turn).into_iter().flat_map(exchanged).collect()
}

/// The shadow's indexes give up their parked names for those of the design, where the live table, which
/// stays, does not have them.
pub(crate) fn own_indexes(turn: &Turn<'_>) -> Vec<String> {
    let is_free = |name: &str| !turn.live.indexes.iter().any(|index| index.name == name);
    let renamed = |wanted: &crate::design::TargetIndex| {
        let parked = parked(&wanted.name, turn.id);
        let has = turn.shadow.indexes.iter().any(|index| index.name == parked);
        let from = Name::new(&turn.shadow.schema, parked);
        (has && is_free(&wanted.name)).then(|| rename("INDEX", &from, &wanted.name))
    };
    turn.design.indexes.iter().filter_map(renamed).collect()
}

/// `ALTER KIND from RENAME TO to`.
pub(crate) fn rename(kind: &str, from: &Name, to: &str) -> String {
    format!("ALTER {kind} {from} RENAME TO {}", quote_ident(to))
}

/// Two objects exchange their names; none where they bear the same in two schemas.
pub(crate) fn exchange(kind: &str, one: &Name, other: &Name, conversion: i64) -> Vec<String> {
    if one.name == other.name {
        return Vec::new();
    }
    let between = format!("partition_convert_{conversion}");
    vec![
        rename(kind, one, &between),
        rename(kind, other, &one.name),
        rename(kind, &Name::new(&one.schema, between), &other.name),
    ]
}

/// Partitions of the two trees that share a name: the live one has it, the shadow's is parked.
fn partitions<'a>(turn: &Turn<'a>) -> Vec<(&'a Name, &'a Name)> {
    let below = |tables: &'a [Name]| tables.iter().skip(1);
    below(turn.live_tables)
        .filter_map(|live| {
            let parked = Name::new(&live.schema, parked(&live.name, turn.id));
            below(turn.shadow_tables).find(|shadow| **shadow == parked).map(|shadow| (live, shadow))
        })
        .collect()
}

/// Statistics objects of the two tables that say the same.
fn statistics<'a>(turn: &Turn<'a>) -> Vec<(&'a Statistics, &'a Statistics)> {
    let (live_table, shadow_table) = (turn.live_name(), turn.shadow_name());
    let mut left: Vec<&Statistics> = turn.shadow.statistics.iter().collect();
    let mut pairs = Vec::new();
    for live in &turn.live.statistics {
        let what = statistics_of(live, &live_table);
        let found = left.iter().position(|shadow| statistics_of(shadow, &shadow_table) == what);
        if let Some(found) = found {
            pairs.push((live, left.swap_remove(found)));
        }
    }
    pairs
}

/// Kinds and columns: the definition without the object's and the table's name.
fn statistics_of<'a>(object: &'a Statistics, table: &Name) -> &'a str {
    let definition = object.definition.as_str();
    let name = Name::new(&object.schema, &object.name).to_string();
    let definition = definition.strip_prefix("CREATE STATISTICS ").unwrap_or(definition);
    let definition = definition.strip_prefix(&name).unwrap_or(definition);
    let definition = definition.strip_suffix(&table.to_string()).unwrap_or(definition);
    definition.strip_suffix(" FROM ").unwrap_or(definition).trim()
}
