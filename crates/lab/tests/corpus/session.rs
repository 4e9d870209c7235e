//! Runs a query's statements, and explains it by both ways in the same state.

use std::collections::{BTreeMap, BTreeSet};

use lab::plan::{Explained, explain};
use testbed::Database;
use tokio_postgres::{Client, Transaction};

use crate::entries::Entry;

const TEXT: &str = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ";

/// The leaves of every partitioned table, by functions of the server that the library doesn't use.
const LEAVES: &str = "
    SELECT parent.relname::text, leaf.relname::text
    FROM pg_class parent
    LEFT JOIN LATERAL pg_partition_tree(parent.oid) tree ON tree.isleaf
    LEFT JOIN pg_class leaf ON leaf.oid = tree.relid
    WHERE parent.relkind = 'p'";
const LOCKED: &str = "
    SELECT c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND c.relispartition AND c.relkind <> 'p'";

/// A query, explained twice.
pub struct Seen {
    pub explained: Explained,
    /// The plan's lines.
    pub text: Vec<String>,
    /// The leaves of each partitioned table.
    pub leaves: BTreeMap<String, BTreeSet<String>>,
    /// Leaves that planning locked; `None` when statements before may have.
    pub locked: Option<BTreeSet<String>>,
}

/// Makes a file's tables. Each statement for itself: a foreign table's other session sees only
/// what is committed.
pub async fn build(database: &Database, schema: &[String]) {
    let client = database.client().await;
    // Statistics must not change between the two plans of a query.
    run(&client, "ALTER SYSTEM SET autovacuum = off").await;
    run(&client, "SELECT pg_reload_conf()").await;
    for statement in schema {
        run(&client, &filled(statement, database)).await;
    }
}

/// Explains the entry's query in one transaction, which leaves nothing behind.
pub async fn explain_twice(client: &mut Client, database: &Database, entry: &Entry) -> Seen {
    // A disabled node costs 1e10 before PostgreSQL 18: enough to compile the query, which takes long.
    run(client, "RESET ALL; RESET ROLE; DEALLOCATE ALL; SET jit = off").await;
    for statement in &entry.before {
        run(client, &filled(statement, database)).await;
    }
    // Not within the transaction, for it locks what it lists.
    let leaves = leaves(client).await;
    let tx = client.transaction().await.unwrap();
    for statement in &entry.within {
        tx.batch_execute(statement).await.unwrap_or_else(|e| panic!("{statement}: {e:?}"));
    }
    let what = |e: &dyn std::fmt::Debug| panic!("{}\n{}: {e:?}", entry.title, entry.query);
    let explained = explain(&tx, &entry.query).await.unwrap_or_else(|e| what(&e));
    let text = behind_savepoint(&tx, &format!("{TEXT}{}", entry.query)).await;
    let clean = entry.within.is_empty();
    let locked = if clean { Some(locked(&tx, &entry.query).await) } else { None };
    tx.rollback().await.unwrap();
    Seen { explained, text, leaves, locked }
}

/// The server's major version.
pub async fn major(client: &Client) -> u32 {
    let sql = "SELECT (current_setting('server_version_num')::int / 10000)::oid";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// The lines of a plan, and what executing it did undone.
async fn behind_savepoint(tx: &Transaction<'_>, explain: &str) -> Vec<String> {
    tx.batch_execute("SAVEPOINT text").await.unwrap();
    let rows = tx.query(explain, &[]).await.unwrap_or_else(|e| panic!("{explain}: {e:?}"));
    tx.batch_execute("ROLLBACK TO text").await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn locked(tx: &Transaction<'_>, query: &str) -> BTreeSet<String> {
    tx.query(&format!("EXPLAIN {query}"), &[]).await.unwrap();
    tx.query(LOCKED, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn leaves(client: &Client) -> BTreeMap<String, BTreeSet<String>> {
    let mut leaves: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in client.query(LEAVES, &[]).await.unwrap() {
        leaves.entry(row.get(0)).or_default().extend(row.get::<_, Option<String>>(1));
    }
    leaves
}

/// Statements may name the server that runs them.
fn filled(statement: &str, database: &Database) -> String {
    let attached = testbed::server().attached();
    statement
        .replace("{host}", &attached.socket.to_string_lossy())
        .replace("{port}", &attached.port.to_string())
        .replace("{database}", database.name())
}

async fn run(client: &Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|e| panic!("{statement}: {e:?}"));
}
