//! Foreign keys that would not survive.

use std::collections::BTreeSet;

use lab::catalog::{Name, quote_ident};

use super::blocker;
use crate::design::{Blocker, Circumstances, Design};
use crate::portrait::ForeignKey;
use crate::request::Shape;

pub(super) fn foreign_keys(design: &Design, circumstances: &Circumstances) -> Vec<Blocker> {
    // A copy leaves the table with all that references it.
    if matches!(design.request.shape, Shape::Copy { .. }) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for key in &design.source.foreign_keys_in {
        let object = format!("foreign key {} of {}", quote_ident(&key.name), key.table);
        let drop = format!("ALTER TABLE {} DROP CONSTRAINT {}", key.table, quote_ident(&key.name));
        if !survives(design, key) {
            found.push(no_longer_unique(design, key, object, &drop));
        } else if key.other_partitioned && circumstances.version < 18 {
            found.push(blocker(
                "foreign-key-in",
                object,
                format!(
                    "{} is partitioned, and PostgreSQL {} adds no foreign key to such a table without checking every row under the lock (18 does)",
                    key.table, circumstances.version
                ),
                vec![format!("{drop}, and add it again after the swap, when writers can wait")],
            ));
        }
    }
    let keys = design.source.foreign_keys_out.iter().chain(&design.source.foreign_keys_in);
    for key in keys.filter(|key| !key.valid) {
        let name = quote_ident(&key.name);
        found.push(blocker(
            "foreign-key-not-valid",
            format!("foreign key {name} of {}", key.table),
            "it is NOT VALID, and a partitioned table takes over valid ones only",
            vec![
                format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", key.table),
                format!("ALTER TABLE {} DROP CONSTRAINT {name}", key.table),
            ],
        ));
    }
    found
}

/// Whether exactly the referenced columns are still a unique key.
fn survives(design: &Design, key: &ForeignKey) -> bool {
    let referenced: BTreeSet<_> = key.referenced_columns.iter().map(Some).collect();
    let is = |columns: &[Option<String>]| {
        columns.iter().map(Option::as_ref).collect::<BTreeSet<_>>() == referenced
    };
    design.indexes.iter().any(|index| {
        let partial = design.source.indexes.iter().any(|own| own.name == index.name && own.partial);
        index.unique && !partial && is(&index.columns)
    })
}

fn no_longer_unique(design: &Design, key: &ForeignKey, object: String, drop: &str) -> Blocker {
    let table = Name::new(&design.source.schema, &design.source.name);
    let list = |columns: &[String]| {
        columns.iter().map(|column| quote_ident(column)).collect::<Vec<_>>().join(", ")
    };
    let referenced = list(&key.referenced_columns);
    let more: Vec<String> = design
        .partition_columns()
        .into_iter()
        .filter(|column| !key.referenced_columns.contains(column))
        .collect();
    let more = list(&more);
    let mut ways = vec![format!("{drop}; a trigger or the application checks it")];
    if !more.is_empty() {
        ways.push(format!(
            "give {} the column {more} too, and reference ({referenced}, {more}) after the swap",
            key.table
        ));
    }
    if let [column] = key.referenced_columns.as_slice() {
        ways.push(format!("--hash {column} --partitions N keeps ({referenced}) unique"));
    }
    blocker(
        "foreign-key-in",
        object,
        format!(
            "it references ({referenced}), which no unique key of the partitioned {table} can consist of alone"
        ),
        ways,
    )
}
