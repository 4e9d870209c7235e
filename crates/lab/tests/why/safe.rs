//! A stranger's database: asked why, it is left as it was, and nothing of the query is executed.

use lab::plan::why::{Moment, Reason, Why, explain_why};
use lab::plan::{explain, explain_only, partitionwise};
use tokio_postgres::Transaction;

use crate::tables;

/// Settings, locks and sequences, as text.
async fn state(tx: &Transaction<'_>) -> String {
    let sql = "SELECT concat_ws(' ',
            (SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
             WHERE name ~ 'enable|jit|plan_cache|constraint_exclusion|search_path|timezone'),
            (SELECT string_agg(concat(relation::regclass, mode), ' ' ORDER BY relation, mode)
             FROM pg_locks WHERE pid = pg_backend_pid() AND relation > 16384),
            (SELECT concat(last_value, is_called) FROM counter))";
    tx.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn nothing_is_executed_and_nothing_changed() {
    let mut client = tables().await;
    client
        .batch_execute(
            "CREATE SEQUENCE counter;
             CREATE FUNCTION counting() RETURNS int LANGUAGE plpgsql VOLATILE
                 AS 'BEGIN RETURN nextval(''counter''); END'",
        )
        .await
        .unwrap();
    for sql in [
        "SELECT nextval('counter') FROM readings WHERE n::text = '5'",
        "SELECT * FROM readings WHERE n = counting()",
        "SELECT * FROM readings WHERE n + 1 = counting() AND n::text = '5'",
        "SELECT * FROM readings WHERE n > (SELECT counting())",
        "DELETE FROM readings WHERE n + 0 = 5 RETURNING counting()",
        "WITH gone AS (DELETE FROM users WHERE id::text = '5' RETURNING id)
         SELECT * FROM readings JOIN gone ON n = id WHERE label < 'r' || counting()",
    ] {
        let tx = client.transaction().await.unwrap();
        let rows = "SELECT (SELECT count(*) FROM readings) + (SELECT count(*) FROM users)";
        let explained = explain(&tx, sql).await.unwrap();
        let before = state(&tx).await;
        explain_why(&tx, sql, &explained).await.unwrap();
        partitionwise(&tx, sql, &explained).await.unwrap();
        assert_eq!(state(&tx).await, before, "{sql}");
        assert_eq!(tx.query_one(rows, &[]).await.unwrap().get::<_, i64>(0), 700, "{sql}");
    }
}

#[tokio::test]
async fn in_a_read_only_transaction_and_without_execution() {
    let mut client = tables().await;
    let tx = client.build_transaction().read_only(true).start().await.unwrap();
    for (sql, suggestion) in [
        ("SELECT * FROM readings WHERE n::text = '5'", "n = 5"),
        ("SELECT * FROM orders WHERE lower(region) = 'de'", "region = 'DE'"),
    ] {
        let explained = explain_only(&tx, sql).await.unwrap();
        let whys = explain_why(&tx, sql, &explained).await.unwrap();
        let found: Vec<_> = whys.iter().flat_map(Why::suggestions).collect();
        assert_eq!(found[0].text(), suggestion);
        assert_eq!(found[0].effect().when, Moment::Plan);
    }
    let sql = "SELECT * FROM readings WHERE n = (SELECT n FROM plain WHERE id = 1)";
    let explained = explain_only(&tx, sql).await.unwrap();
    let whys = explain_why(&tx, sql, &explained).await.unwrap();
    let reasons: Vec<_> = whys.iter().flat_map(Why::reasons).collect();
    assert!(
        matches!(reasons.as_slice(), [Reason::WhileRunning { spared: None, .. }]),
        "{reasons:?}"
    );
}

/// A table that its owner alone may read: what the query may, the reasons may, and no more.
#[tokio::test]
async fn with_few_rights() {
    let mut client = tables().await;
    client
        .batch_execute(
            "CREATE ROLE why_reader;
             GRANT USAGE ON SCHEMA public TO why_reader;
             GRANT SELECT (n, label) ON readings TO why_reader;
             ALTER TABLE users ENABLE ROW LEVEL SECURITY;
             CREATE POLICY few ON users TO why_reader USING (id + 1 = 6);
             GRANT SELECT ON users TO why_reader",
        )
        .await
        .unwrap();
    let tx = client.transaction().await.unwrap();
    tx.batch_execute("SET LOCAL ROLE why_reader").await.unwrap();
    let texts = async |sql: &str| {
        let explained = explain(&tx, sql).await.unwrap();
        let whys = explain_why(&tx, sql, &explained).await.unwrap();
        let texts = whys.iter().flat_map(Why::suggestions).map(|one| one.text().to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(texts("SELECT n FROM readings WHERE n::text = '5'").await, ["n = 5"]);
    // The policy's condition is one like any other.
    assert_eq!(texts("SELECT * FROM users").await, ["id = 5"]);
    tx.rollback().await.unwrap();
    client.batch_execute("DROP OWNED BY why_reader; DROP ROLE why_reader").await.unwrap();
}
