//! What brings the rows over: the log's triggers, the copy, indexes, side tables.

use lab::catalog::{Name, quote_ident};

use super::marks;
use super::names::Names;
use super::shadow::{SCRIPT, new_name};
use super::text::{Text, briefly};
use crate::design::Design;
use crate::moves::literal;

pub(super) fn begin(design: &Design, names: &Names, live_tables: &[Name]) -> String {
    let table = Name::new(&design.source.schema, &design.source.name);
    let mut statements = vec![
        format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"),
        format!(
            "CREATE TRIGGER partition_convert_{SCRIPT} AFTER INSERT OR UPDATE OR DELETE ON {table}\n    \
             FOR EACH ROW EXECUTE FUNCTION {}()",
            names.ours("log_change")
        ),
        // A replication worker fires no other triggers.
        format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER partition_convert_{SCRIPT}"),
    ];
    for name in live_tables {
        statements.push(format!(
            "CREATE TRIGGER partition_convert_{SCRIPT}_truncate BEFORE TRUNCATE ON {name}\n    \
             FOR EACH STATEMENT EXECUTE FUNCTION {}()",
            names.ours("refuse_truncate")
        ));
    }
    briefly(names, &statements)
}

pub(super) fn copy(design: &Design, names: &Names) -> String {
    let work = names.fill(
        design,
        "INSERT INTO {target} ({all_columns})\nOVERRIDING SYSTEM VALUE\nSELECT {all_columns}\n\
         FROM ONLY {leaf}\nWHERE ctid >= $1 AND ctid < $2\n  AND {as_user}",
    );
    format!(
        "-- 3. All rows, a thousand blocks a transaction. What changes meanwhile is in the log.\n\n{}",
        in_batches(design, names, "copy", &work)
    )
}

fn in_batches(design: &Design, names: &Names, what: &str, work: &str) -> String {
    let leaves = design.source.leaves.iter();
    let leaves: Vec<_> =
        leaves.map(|leaf| literal(&Name::new(&leaf.schema, &leaf.name).to_string())).collect();
    format!(
        "CALL {}({}, $work$\n{work}\n$work$, ARRAY[{}]::regclass[]);\n\n",
        names.ours("in_batches"),
        literal(what),
        leaves.join(", ")
    )
}

pub(super) fn indexes(design: &Design, names: &Names, live_tables: &[Name]) -> String {
    let target = Name::new(&design.source.schema, &design.target_name);
    let mut script = Text(names.fill(
        design,
        "-- 4. Rows that changed while they were copied may be there twice; they come again in step 5. Then the indexes.\n\n\
         DELETE FROM {target} t USING {log} l WHERE {target_is_logged};\n\n",
    ));
    for index in &design.indexes {
        let name = quote_ident(&new_name(&index.name)).into_owned();
        let unique = if index.unique { "UNIQUE " } else { "" };
        script.add(index.as_key().map_or_else(
            || format!("CREATE {unique}INDEX {name} ON {target} USING {};\n", index.definition()),
            |key| format!("ALTER TABLE {target} ADD CONSTRAINT {name} {key};\n"),
        ));
    }
    for statement in marks::statements(design, live_tables) {
        script.add(format!("{statement};\n"));
    }
    script.add(format!("ANALYZE {target};\n\n"));
    script.0
}

/// Side tables, with the rows that the target has: only the replays write to it yet, and keep them.
pub(super) fn side_tables(design: &Design) -> String {
    let mut script = Text::default();
    for side in design.side_tables() {
        let made = side.over(&design.source.schema, &design.target_name);
        let mut statements = made.create(&[]);
        statements.insert(1, made.fill_at_once());
        statements.extend(made.give());
        script.add(format!(
            "-- {} stays unique over all partitions by a table beside them.\n\nBEGIN;\n\n{};\n\nCOMMIT;\n\n",
            side.key,
            statements.join(";\n\n")
        ));
    }
    script.0
}
