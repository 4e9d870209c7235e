//! The swap, what it leaves to be settled, and what can go in the end.

use lab::catalog::{Name, quote_ident};

use super::names::Names;
use super::shadow::SCRIPT;
use super::text::{Text, briefly};
use crate::design::Design;
use crate::moves::{self, Settlement, literal};

pub(super) fn swap(
    design: &Design,
    names: &Names,
    exchange: &moves::Exchange,
    live_tables: &[Name],
) -> String {
    let table = Name::new(&design.source.schema, &design.source.name);
    let mut statements = exchange.locks.clone();
    statements.push(format!("SELECT {}(NULL)", names.ours("replay")));
    statements.push(format!("DROP TRIGGER partition_convert_{SCRIPT} ON {table}"));
    for name in live_tables {
        statements.push(format!("DROP TRIGGER partition_convert_{SCRIPT}_truncate ON {name}"));
    }
    statements.extend(exchange.statements.iter().cloned());
    format!(
        "-- 7. The swap: what changed in the last moment, and then the names.\n\nCALL {}();\n\n{}",
        names.ours("catch_up"),
        briefly(names, &statements)
    )
}

pub(super) fn settle(names: &Names, left: &[Settlement]) -> String {
    let mut script = Text::default();
    for one in left {
        match one {
            Settlement::ForeignKey(key) => {
                let name = quote_ident(&key.name);
                script.add(format!(
                    "-- 8. Foreign key {name} checks the rows that were there before.\n\n"
                ));
                for table in &key.on {
                    script.add(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"));
                }
                script.add("\n");
                let mut statements = Vec::new();
                if key.adopt {
                    statements.push(format!(
                        "LOCK TABLE {}, {} IN ACCESS EXCLUSIVE MODE",
                        key.table, key.references
                    ));
                    statements.push(format!(
                        "ALTER TABLE {} ADD CONSTRAINT {name} {}",
                        key.table, key.definition
                    ));
                }
                if let Some(comment) = &key.comment {
                    statements.push(format!(
                        "COMMENT ON CONSTRAINT {name} ON {} IS {}",
                        key.table,
                        literal(comment)
                    ));
                }
                if !statements.is_empty() {
                    script.add(briefly(names, &statements));
                }
            }
            Settlement::Statements { what, statements, .. } => {
                script.add(format!("-- {what}\n\n{}", briefly(names, statements)));
            }
            Settlement::MaterializedView { .. } => {}
        }
    }
    script.0
}

pub(super) fn finish(design: &Design, names: &Names) -> String {
    let old = Name::new(&design.source.schema, &design.old_name);
    let routines = ["briefly(text)", "in_batches(text, text, regclass[], bigint)", "catch_up()"];
    let mut script = Text(format!(
        "-- 9. When all is well, the old table and what this script made can go.\n\n-- DROP TABLE {old};\n"
    ));
    script.add(format!("DROP TABLE {}, {};\n", names.ours("log"), names.ours("progress")));
    for routine in routines {
        let (name, arguments) = routine.split_once('(').unwrap_or((routine, ")"));
        script.add(format!("DROP PROCEDURE {}({arguments};\n", names.ours(name)));
    }
    for function in ["replay(bigint)", "log_change()", "refuse_truncate()"] {
        let (name, arguments) = function.split_once('(').unwrap_or((function, ")"));
        script.add(format!("DROP FUNCTION {}({arguments};\n", names.ours(name)));
    }
    script.0
}
