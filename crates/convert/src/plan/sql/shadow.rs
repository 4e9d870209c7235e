//! The target's portrait before there is a target: what the script will make.

use lab::catalog::Name;

use crate::design::{Design, TargetIndex};
use crate::layout::{Layout, Part};
use crate::moves::parked;
use crate::portrait::{Index, Leaf, Portrait, Sequence, Statistics};

/// The script's number among conversions; those that `run` makes begin with 1.
pub(super) const SCRIPT: i64 = 0;

/// What an object of the target is called until the swap.
pub(super) fn new_name(name: &str) -> String {
    let new = format!("{name}_new");
    if new.len() <= 63 { new } else { parked(name, SCRIPT) }
}

/// What a partition is called when it is made: its name, or a parked one where a partition of the
/// source has that.
pub(super) fn part_name(design: &Design, live_tables: &[Name], part: &Part) -> Name {
    let taken = live_tables.iter().any(|table| table.name == part.name);
    let name = if taken { parked(&part.name, SCRIPT) } else { part.name.clone() };
    Name::new(&design.source.schema, name)
}

/// All tables of the target, itself first.
pub(super) fn tables(design: &Design, live_tables: &[Name]) -> Vec<Name> {
    let mut names = vec![Name::new(&design.source.schema, &design.target_name)];
    below(design, live_tables, &design.layout, &mut names);
    names
}

fn below(design: &Design, live_tables: &[Name], layout: &Layout, names: &mut Vec<Name>) {
    for part in &layout.parts {
        names.push(part_name(design, live_tables, part));
        if let Some(layout) = &part.below {
            below(design, live_tables, layout, names);
        }
    }
}

pub(super) fn portrait(design: &Design, live_tables: &[Name]) -> Portrait {
    let source = &design.source;
    let mut shadow = source.clone();
    shadow.oid = 0;
    shadow.name.clone_from(&design.target_name);
    shadow.kind = 'p';
    shadow.partition_key = Some(design.layout.key.clone());
    shadow.tree = Vec::new();
    shadow.leaves = design
        .layout
        .leaves()
        .into_iter()
        .map(|part| Leaf {
            oid: 0,
            schema: source.schema.clone(),
            name: part_name(design, live_tables, part).name,
            blocks: 0,
            rows: 0.0,
            foreign: false,
        })
        .collect();
    shadow.indexes =
        (0_u32..).zip(&design.indexes).map(|(n, target)| index(source, target, n)).collect();
    shadow.foreign_keys_out.clear();
    shadow.foreign_keys_in.clear();
    shadow.triggers.clear();
    shadow.views.clear();
    shadow.publications.clear();
    shadow.statistics = source.statistics.iter().map(|object| statistics(design, object)).collect();
    for column in &mut shadow.columns {
        let own = column.identity.and(column.sequence.take());
        column.sequence = own.map(|sequence| Sequence {
            oid: 0,
            schema: source.schema.clone(),
            name: new_name(&sequence.name),
        });
    }
    shadow
}

fn index(source: &Portrait, target: &TargetIndex, oid: u32) -> Index {
    let own = source.indexes.iter().find(|index| index.name == target.name);
    Index {
        oid,
        name: new_name(&target.name),
        using: target.using.clone(),
        columns: target.columns.clone(),
        unique: target.unique,
        nulls_not_distinct: own.is_some_and(|own| own.nulls_not_distinct),
        partial: own.is_some_and(|own| own.partial),
        valid: true,
        constraint: target.constraint,
        deferrable: false,
        deferred: false,
        replica_identity: false,
        clustered: false,
        tablespace: target.tablespace.clone(),
        comment: None,
        bytes: 0,
    }
}

fn statistics(design: &Design, object: &Statistics) -> Statistics {
    let name = new_name(&object.name);
    let from = format!("CREATE STATISTICS {}", Name::new(&object.schema, &object.name));
    let to = format!("CREATE STATISTICS {}", Name::new(&object.schema, &name));
    let source = Name::new(&design.source.schema, &design.source.name).to_string();
    let target = Name::new(&design.source.schema, &design.target_name).to_string();
    let rest = object.definition.strip_prefix(&from).unwrap_or(&object.definition);
    let rest = rest.strip_suffix(&source).unwrap_or(rest);
    Statistics { schema: object.schema.clone(), name, definition: format!("{to}{rest}{target}") }
}
