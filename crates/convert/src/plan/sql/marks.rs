//! What tables that hold rows say of their indexes, and of how their rows are told apart elsewhere.

use lab::catalog::{Name, quote_ident};

use super::shadow::{self, new_name};
use crate::design::Design;
use crate::moves::literal;

/// Statements after the indexes are there: replica identity and CLUSTER marks, as the source has them.
pub(super) fn statements(design: &Design, live_tables: &[Name]) -> Vec<String> {
    let source = &design.source;
    let target = Name::new(&source.schema, &design.target_name);
    let mut statements = Vec::new();
    let whole = match source.replica_identity {
        'f' => Some("FULL"),
        'n' => Some("NOTHING"),
        _ => None,
    };
    if let Some(whole) = whole {
        let tables = shadow::tables(design, live_tables);
        let set = |table: &Name| format!("ALTER TABLE {table} REPLICA IDENTITY {whole}");
        statements.extend(tables.iter().map(set));
    }
    for wanted in &design.indexes {
        let Some(own) = source.indexes.iter().find(|own| own.name == wanted.name) else { continue };
        let index = new_name(&wanted.name);
        for mark in own.marks() {
            statements.push(on_leaves(&Name::new(&source.schema, &index), mark));
        }
        if own.replica_identity {
            let index = quote_ident(&index);
            statements.push(format!("ALTER TABLE {target} REPLICA IDENTITY USING INDEX {index}"));
        }
    }
    statements
}

/// The server chose what the index is called on each leaf.
fn on_leaves(index: &Name, mark: &str) -> String {
    format!(
        "DO $body$ DECLARE leaf record; BEGIN\n    \
         FOR leaf IN SELECT x.indrelid::regclass AS name, c.relname AS index\n        \
         FROM pg_partition_tree({}) t JOIN pg_index x ON x.indexrelid = t.relid\n        \
         JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'i'\n    \
         LOOP EXECUTE format('ALTER TABLE %s {mark} %I', leaf.name, leaf.index); END LOOP;\nEND $body$",
        literal(&index.to_string())
    )
}
