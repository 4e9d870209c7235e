//! Triggers move with the name: dropped on the live table, made again on the one that takes over.

use lab::catalog::quote_ident;

use super::{Turn, literal};
use crate::portrait::Trigger;

/// Before the renames.
pub(crate) fn take_off(turn: &Turn<'_>) -> Vec<String> {
    let table = turn.live_name();
    let drop =
        |trigger: &Trigger| format!("DROP TRIGGER {} ON {table}", quote_ident(&trigger.name));
    turn.live.triggers.iter().map(drop).collect()
}

/// After the renames. `pg_get_triggerdef` names the table, and the name is the new one's by now.
pub(crate) fn put_on(turn: &Turn<'_>) -> Vec<String> {
    let table = turn.live_name();
    let mut statements = Vec::new();
    for trigger in &turn.live.triggers {
        let name = quote_ident(&trigger.name);
        statements.push(trigger.definition.clone());
        let state = match trigger.enabled {
            'D' => Some("DISABLE TRIGGER"),
            'R' => Some("ENABLE REPLICA TRIGGER"),
            'A' => Some("ENABLE ALWAYS TRIGGER"),
            _ => None,
        };
        statements.extend(state.map(|state| format!("ALTER TABLE {table} {state} {name}")));
        let comment = trigger.comment.as_deref();
        statements.extend(
            comment
                .map(|text| format!("COMMENT ON TRIGGER {name} ON {table} IS {}", literal(text))),
        );
    }
    statements
}
