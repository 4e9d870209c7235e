//! The tables of a query, and the same query on them before partitioning: `event_logs` becomes `event_logs_old`.

use lab::Result;
use lab::catalog::{Name, find_table};
use lab::connect::Session;
use lab::plan::Touched;
use lab::script::lexer::{Kind, tokens};

/// The tables that a query reads.
pub fn names(touched: &[Touched]) -> Vec<String> {
    touched.iter().map(|touched| touched.table.name.clone()).collect()
}

/// The first of the tables that has no old table beside it.
pub async fn without_old(session: &Session, touched: &[Touched]) -> Result<Option<String>> {
    for table in touched.iter().map(|touched| &touched.table) {
        let old = Name::new(&table.schema, format!("{}_old", table.name));
        if find_table(session.client(), &old.to_string()).await?.is_none() {
            return Ok(Some(table.name.clone()));
        }
    }
    Ok(None)
}

/// `sql` with each of `tables`, where it stands as a word of its own, replaced by its old table.
///
/// Literals and comments stay as they are. `None` when the text cannot be read.
pub fn on_old_tables(sql: &str, tables: &[String]) -> Option<String> {
    let named = |name: &str| tables.iter().any(|table| table == name);
    let renamed = tokens(sql).ok()?.into_iter().map(|token| match token.kind {
        Kind::Word if named(&token.text.to_lowercase()) => format!("{}_old", token.text),
        Kind::Quoted if named(&token.text[1..token.text.len() - 1]) => {
            format!("{}_old\"", &token.text[..token.text.len() - 1])
        }
        _ => token.text.to_owned(),
    });
    Some(renamed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_words_only() {
        let sql =
            "SELECT event_logs.id, 'event_logs' FROM event_logs, event_logs_2024_01 -- event_logs";
        let wanted = "SELECT event_logs_old.id, 'event_logs' FROM event_logs_old, event_logs_2024_01 -- event_logs";
        assert_eq!(on_old_tables(sql, &["event_logs".to_owned()]).as_deref(), Some(wanted));
        let sql = "SELECT 1 FROM Event_Logs, \"event_logs\", \"Event_Logs\"";
        let wanted = "SELECT 1 FROM Event_Logs_old, \"event_logs_old\", \"Event_Logs\"";
        assert_eq!(on_old_tables(sql, &["event_logs".to_owned()]).as_deref(), Some(wanted));
    }
}
