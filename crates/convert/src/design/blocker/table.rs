//! Tables that cannot be converted, and rights that are missing.

use lab::catalog::{Name, quote_ident};

use super::blocker;
use crate::design::{Blocker, Circumstances, Design};
use crate::request::Shape;

/// What kind of table it is.
pub(super) fn kind(design: &Design, circumstances: &Circumstances) -> Vec<Blocker> {
    let source = &design.source;
    let table = Name::new(&source.schema, &source.name);
    let object = format!("table {table}");
    let mut found = Vec::new();
    let mut add = |code: &str, why: String, ways: Vec<String>| {
        found.push(blocker(code, object.clone(), why, ways));
    };
    if source.kind == 'f' {
        add(
            "foreign-table",
            "its rows are on another server".into(),
            vec!["convert it there".into()],
        );
    }
    if circumstances.system {
        add("system-table", "it is PostgreSQL's own".into(), Vec::new());
    }
    if let Some(extension) = &source.extension {
        let why = format!("the extension {extension} owns it, and would not know the new table");
        add(
            "extension-table",
            why,
            vec![format!("ALTER EXTENSION {} DROP TABLE {table}", quote_ident(extension))],
        );
    }
    match source.persistence {
        't' => {
            add(
                "temporary",
                "it is temporary, and other sessions cannot see it".into(),
                Vec::new(),
            );
        }
        'u' => add(
            "unlogged",
            "it is unlogged: a crash would empty it in the middle of the conversion".into(),
            vec![format!("ALTER TABLE {table} SET LOGGED: rewrites it under ACCESS EXCLUSIVE")],
        ),
        _ => {}
    }
    if !source.inheritance.is_empty() {
        add(
            "inheritance",
            format!("it is tied by inheritance to {}", source.inheritance.join(", ")),
            vec!["ALTER TABLE … NO INHERIT …, where the tie is not needed".into()],
        );
    }
    if let (Some(parent), Shape::Table | Shape::AttachOld) = (&source.parent, &design.request.shape)
    {
        let parent = Name::new(&parent.schema, &parent.name);
        add(
            "partition",
            format!("it is a partition of {parent}"),
            vec![
                format!(
                    "convert plan {parent} --split {}: several partitions take its place",
                    source.name
                ),
                format!("convert plan {parent}: the whole table"),
            ],
        );
    }
    for leaf in source.leaves.iter().filter(|leaf| leaf.foreign && leaf.oid != source.oid) {
        let leaf = Name::new(&leaf.schema, &leaf.name);
        add(
            "foreign-partition",
            format!("its partition {leaf} is on another server"),
            vec![format!("ALTER TABLE {table} DETACH PARTITION {leaf}")],
        );
    }
    for rule in &source.rules {
        add(
            "rule",
            format!("it has a rule, which changes statements before any trigger sees them: {rule}"),
            vec![
                "DROP RULE, and a trigger in its place".into(),
                super::accept("rule", "the new table has no such rule"),
            ],
        );
    }
    found
}

/// What this session lacks.
pub(super) fn rights(design: &Design, circumstances: &Circumstances) -> Vec<Blocker> {
    let source = &design.source;
    let table = Name::new(&source.schema, &source.name);
    let role = quote_ident(&circumstances.role);
    let mut found = Vec::new();
    let mut add = |why: String, way: String| {
        found.push(blocker("rights", format!("role {role}"), why, vec![way]));
    };
    if !circumstances.owns {
        let owner = quote_ident(&source.owner);
        add(
            format!("it does not own {table}"),
            format!("connect as {owner}, or GRANT {owner} TO {role}"),
        );
    }
    let schema = quote_ident(&source.schema);
    if !circumstances.creates_in_schema {
        add(
            format!("it may create no tables in schema {schema}"),
            format!("GRANT CREATE ON SCHEMA {schema} TO {role}"),
        );
    }
    if !circumstances.creates_schema {
        add(
            "it may not create the schema partition_convert".into(),
            format!("GRANT CREATE ON DATABASE … TO {role}"),
        );
    }
    if source.row_security && source.force_row_security && !circumstances.sees_all_rows {
        add(
            format!("row level security is forced on {table}, and may hide rows from it"),
            format!("ALTER ROLE {role} BYPASSRLS, or connect as a role that has it"),
        );
    }
    if circumstances.schema_is_strange {
        found.push(blocker(
            "schema-taken",
            "schema partition_convert".into(),
            "it is there, and convert did not make it",
            vec!["ALTER SCHEMA partition_convert RENAME TO …".into()],
        ));
    }
    found
}
