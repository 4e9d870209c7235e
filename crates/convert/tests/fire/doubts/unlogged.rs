//! Changes that fire no trigger.

use convert::work::Guards;
use testbed::Database;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

/// `change` is made when source and target have been found equal; then nothing may get lost: the
/// swap carries it over, or says why it does not.
async fn carried_or_refused(change: &str, reason: &str) {
    let database: Database = table();
    let nothing = At::nothing();
    let mut converter = converter(&database, Guards::default(), &nothing).await;
    converter.well(Verb::Run).await;
    database.batch(change);
    match converter.carry_out(Verb::Swap).await {
        Ok(()) => assert_eq!(differences(&database), [""; 0], "{change}"),
        Err(error) => {
            let error = format!("{error} {error:?}");
            assert!(error.contains(reason), "{change}: {error}");
            let kind = "SELECT relkind::text FROM pg_class WHERE relname = 't'";
            assert_eq!(database.text(kind), "r", "{change}");
        }
    }
}

#[tokio::test]
async fn rows_changed_by_a_rewrite_are_not_lost() {
    let change = "ALTER TABLE t ALTER v TYPE text USING left(v, 10) || id";
    carried_or_refused(change, "differ").await;
}

#[tokio::test]
async fn rows_changed_without_triggers_are_not_lost() {
    let change = "ALTER TABLE t DISABLE TRIGGER ALL; DELETE FROM t WHERE id < 5";
    carried_or_refused(change, "trigger").await;
    let change = "DROP TRIGGER partition_convert_1 ON t; DELETE FROM t WHERE id < 5";
    carried_or_refused(change, "trigger").await;
}
