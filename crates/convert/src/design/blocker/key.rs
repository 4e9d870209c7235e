//! The key that rows are found by, the partition key, and unique keys that do not contain it.

use lab::catalog::{Name, quote_ident};

use super::{accept, blocker};
use crate::design::index::{missing, way};
use crate::design::{Blocker, Circumstances, Design, key};
use crate::portrait::Index;
use crate::request::{Level, Shape};

/// Columns of the partition key.
pub(super) fn partition_key(design: &Design, circumstances: &Circumstances) -> Vec<Blocker> {
    let mut found = Vec::new();
    for level in &design.request.levels {
        let named = |column: &&crate::portrait::Column| column.name == level.column();
        let Some(column) = design.source.columns.iter().find(named) else { continue };
        let object = format!("column {}", quote_ident(&column.name));
        let (operators, has) = match level {
            Level::Hash { .. } => ("hash", &circumstances.hashable),
            _ => ("btree", &circumstances.comparable),
        };
        if !has.contains(&column.name) {
            found.push(blocker(
                "operator-class",
                object.clone(),
                format!("its type {} has no {operators} operator class", column.data_type),
                vec!["partition by another column".into()],
            ));
        }
        // Only a primary key insists.
        let primary = design.indexes.iter().any(|index| index.constraint == Some('p'));
        if !column.not_null && primary {
            found.push(nullable(design, &column.name, object));
        }
    }
    found
}

fn nullable(design: &Design, column: &str, object: String) -> Blocker {
    let table = Name::new(&design.source.schema, &design.source.name);
    let quoted = quote_ident(column);
    let name: String = format!("{column}_not_null").chars().take(40).collect();
    let name = quote_ident(&name).into_owned();
    blocker(
        "nullable-partition-column",
        object,
        "it may be NULL, and the primary key, which must contain it, may not",
        vec![
            format!(
                "without a long lock: ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({quoted} IS NOT NULL) NOT VALID; \
                 ALTER TABLE {table} VALIDATE CONSTRAINT {name}; \
                 ALTER TABLE {table} ALTER COLUMN {quoted} SET NOT NULL; \
                 ALTER TABLE {table} DROP CONSTRAINT {name}"
            ),
            format!(
                "a unique key in the primary key's place, in which NULLs are equal: \
                 CREATE UNIQUE INDEX CONCURRENTLY ON {table} ({}) NULLS NOT DISTINCT, then drop the primary key",
                design.key.iter().map(|name| quote_ident(name)).collect::<Vec<_>>().join(", ")
            ),
        ],
    )
}

/// Keys and constraints of the table.
pub(super) fn keys(design: &Design) -> Vec<Blocker> {
    let source = &design.source;
    let table = Name::new(&source.schema, &source.name);
    let mut found = Vec::new();
    let found_by = key(source);
    if found_by.is_none() {
        found.push(blocker(
            "no-key",
            format!("table {table}"),
            "it has no primary key and no unique key of NOT NULL columns by which a row is found again",
            vec![
                format!("ALTER TABLE {table} ADD PRIMARY KEY (…)"),
                format!("CREATE UNIQUE INDEX CONCURRENTLY ON {table} (…), of columns that are NOT NULL"),
            ],
        ));
    }
    for index in source.indexes.iter().filter(|index| index.valid) {
        let name = quote_ident(&index.name);
        if index.constraint == Some('x') {
            found.push(blocker(
                "exclusion-constraint",
                format!("constraint {name}"),
                "an exclusion constraint does not reach over partitions",
                vec![format!("ALTER TABLE {table} DROP CONSTRAINT {name}; the application or a trigger keeps it")],
            ));
            continue;
        }
        if index.deferrable {
            found.push(blocker(
                "deferrable",
                format!("constraint {name}"),
                "it is DEFERRABLE, and the new table's keys are checked at once",
                vec![accept("deferrable", "it becomes NOT DEFERRABLE")],
            ));
        }
        let missing = missing(index, &design.partition_columns());
        let is_key = found_by.is_some_and(|key| key.oid == index.oid);
        let extended = is_key || index.constraint == Some('p');
        if index.unique && !missing.is_empty() && !extended && way(&design.request, index).is_none()
        {
            found.push(unique(design, index, &missing));
        }
    }
    found.extend(replica_identity(design));
    for check in
        source.constraints.iter().filter(|constraint| constraint.kind == 'c' && !constraint.valid)
    {
        let name = quote_ident(&check.name);
        found.push(blocker(
            "check-not-valid",
            format!("constraint {name}"),
            "it is NOT VALID: rows may break it, which the new table would refuse",
            vec![format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")],
        ));
    }
    for check in source.constraints.iter().filter(|own| own.definition.ends_with(" NO INHERIT")) {
        let name = quote_ident(&check.name);
        found.push(blocker(
            "check-no-inherit",
            format!("constraint {name}"),
            "it is NO INHERIT, which a partitioned table's cannot be",
            vec![format!("ALTER TABLE {table} ADD CHECK (…), the same without it; then DROP CONSTRAINT {name}")],
        ));
    }
    found
}

/// The index of the replica identity, where the new table's can be none: it must be unique, of columns
/// that are NOT NULL.
fn replica_identity(design: &Design) -> Option<Blocker> {
    let source = &design.source;
    let table = Name::new(&source.schema, &source.name);
    let index = source.indexes.iter().find(|index| index.replica_identity)?;
    let target = design.indexes.iter().find(|target| target.name == index.name && target.unique);
    let nullable = |name: &&String| {
        source.columns.iter().any(|column| column.name == **name && !column.not_null)
    };
    let (why, way) = match target.map(|target| target.added.iter().find(nullable)) {
        Some(None) => return None,
        Some(Some(column)) => {
            let column = quote_ident(column);
            (
                format!("it is the replica identity, and must contain {column}, which may be NULL"),
                format!(
                    "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL, behind a validated CHECK"
                ),
            )
        }
        None => (
            "it is the replica identity, and would no longer be unique".to_owned(),
            format!("--unique {}=extend", index.name),
        ),
    };
    Some(blocker(
        "replica-identity",
        format!("index {}", quote_ident(&index.name)),
        why,
        vec![way, format!("ALTER TABLE {table} REPLICA IDENTITY DEFAULT")],
    ))
}

fn unique(design: &Design, index: &Index, missing: &[String]) -> Blocker {
    let columns: Vec<_> =
        index.columns.iter().map(|column| column.as_deref().unwrap_or("an expression")).collect();
    let object = match index.constraint {
        Some(_) => format!("constraint {}", quote_ident(&index.name)),
        None => format!("index {}", quote_ident(&index.name)),
    };
    let name = &index.name;
    let all = columns.iter().copied().chain(missing.iter().map(String::as_str));
    let extended = all.collect::<Vec<_>>().join(", ");
    let by = missing.join(", ");
    let mut ways = vec![
        format!(
            "--unique '{name}=extend': unique is then ({extended}), so the same value may come again with another {by}"
        ),
        format!(
            "--unique '{name}=drop': a plain index; the application keeps it unique, with UUIDs say"
        ),
    ];
    let copied = design.request.shape != Shape::AttachOld;
    if copied && super::super::side_table::serves(index) {
        ways.push(format!(
            "--unique '{name}=side-table': a table {} → {by}, kept by a trigger, keeps it unique over all partitions; plan --sql makes it",
            columns.join(", ")
        ));
    }
    let table = Name::new(&design.source.schema, &design.source.name);
    blocker(
        "unique-key",
        object,
        format!(
            "a unique key of a partitioned table must contain the partition key, and ({}) of {table} lacks {by}",
            columns.join(", ")
        ),
        ways,
    )
}
