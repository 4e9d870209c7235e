//! What stands in the way of one shape only.

use lab::catalog::{Name, quote_ident};
use lab::report::count;

use super::blocker;
use crate::design::{Blocker, Circumstances, Design};
use crate::portrait::{ForeignKey, Portrait};
use crate::request::{Level, Shape};
use crate::shape::ROWS_BACK;

/// `parent` is that of a partition that is split.
pub(super) fn all(
    design: &Design,
    parent: Option<&Portrait>,
    circumstances: &Circumstances,
) -> Vec<Blocker> {
    match (&design.request.shape, parent) {
        (Shape::Split, Some(parent)) => split(design, parent, circumstances),
        (Shape::AttachOld, _) => attach_old(design),
        _ => Vec::new(),
    }
}

/// What one should know of the shape.
pub(super) fn remarks(design: &Design) -> Vec<String> {
    let first = design.layout.parts.first();
    let (Shape::AttachOld, Some(old)) = (&design.request.shape, first) else { return Vec::new() };
    let mut remarks = vec![format!(
        "the table becomes the partition {}: {}; from run on, rows outside of that are refused until swap",
        old.name, old.bound
    )];
    // Where rows are copied each value gets a partition, and section 8 says who makes the next one. Here
    // there is none beside the old table, so what was refused until the swap is refused after it as well.
    if let (Some(Level::List { column }), false) =
        (design.request.levels.first(), design.request.default)
    {
        remarks.push(format!(
            "after swap, too, a value of {} that is not among these is refused until it gets a partition; with --default there is one for all of them",
            quote_ident(column)
        ));
    }
    remarks.push(format!(
        "rollback moves the rows of later partitions back while everyone waits, and refuses to when they are more than {}: the way back is open for a while only",
        count(ROWS_BACK.into())
    ));
    remarks
}

/// Foreign keys are the parent's, and follow its partitions.
fn split(design: &Design, parent: &Portrait, circumstances: &Circumstances) -> Vec<Blocker> {
    let mut found = Vec::new();
    for key in parent.foreign_keys_out.iter().filter(|key| key.to_itself) {
        found.push(self_reference(key));
    }
    for key in parent.foreign_keys_in.iter().filter(|key| key.other_partitioned && !key.to_itself) {
        if circumstances.version < 18 {
            found.push(blocker(
                "foreign-key-in",
                format!("foreign key {} of {}", quote_ident(&key.name), key.table),
                format!(
                    "a referenced partition cannot be detached, and PostgreSQL {} adds no foreign key NOT VALID to the partitioned {} (18 does)",
                    circumstances.version, key.table
                ),
                vec![format!(
                    "ALTER TABLE {} DROP CONSTRAINT {}, and add it again after the swap, when writers can wait",
                    key.table,
                    quote_ident(&key.name)
                )],
            ));
        }
    }
    let two_levels = design.layout.parts.iter().any(|part| part.below.is_some());
    if two_levels && let Some(key) = parent.foreign_keys_out.first() {
        found.push(blocker(
            "foreign-key-out",
            format!("foreign key {} of {}", quote_ident(&key.name), key.table),
            "partitions of two levels cannot have it before they are attached, and attaching would check every row under the lock",
            vec!["leave --then out".into()],
        ));
    }
    for key in
        parent.foreign_keys_in.iter().chain(&parent.foreign_keys_out).filter(|key| !key.valid)
    {
        let name = quote_ident(&key.name);
        found.push(blocker(
            "foreign-key-not-valid",
            format!("foreign key {name} of {}", key.table),
            "it is NOT VALID, and would be valid afterwards",
            vec![format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", key.table)],
        ));
    }
    found
}

fn attach_old(design: &Design) -> Vec<Blocker> {
    let source = &design.source;
    let table = Name::new(&source.schema, &source.name);
    let mut found: Vec<_> =
        source.foreign_keys_out.iter().filter(|key| key.to_itself).map(self_reference).collect();
    for side in design.side_tables() {
        found.push(blocker(
            "side-table",
            format!("unique key {}", quote_ident(&side.key)),
            "the rows stay where they are, so none of them would come into the side table",
            vec![
                "leave --attach-old out: the rows are then copied".into(),
                format!("--unique '{0}=extend' or '{0}=drop'", side.key),
            ],
        ));
    }
    if source.kind == 'p' {
        found.push(blocker(
            "partitioned",
            format!("table {table}"),
            "it is partitioned itself, and its wider key cannot be built concurrently",
            vec!["leave --attach-old out: the rows are then copied".into()],
        ));
    }
    found
}

fn self_reference(key: &ForeignKey) -> Blocker {
    let name = quote_ident(&key.name);
    blocker(
        "foreign-key-self",
        format!("foreign key {name} of {}", key.table),
        "the table references itself, and the key would have to be checked at both ends under the lock",
        vec![format!(
            "ALTER TABLE {} DROP CONSTRAINT {name}, and add it again after the swap",
            key.table
        )],
    )
}
