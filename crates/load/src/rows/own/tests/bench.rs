//! Loads a table by binary COPY, and says where its rows went.

use std::collections::BTreeMap;

use bytes::BytesMut;
use lab::catalog::quote_ident;
use rand::SeedableRng;
use testbed::Database;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use crate::fields::Fields;
use crate::rows::own::probe::split;
use crate::rows::own::source;
use crate::rows::own::sources::Own;
use crate::rows::{Random, Wish};

/// A database with these tables.
pub fn database(schema: &str) -> Database {
    let database = testbed::server().database();
    database.batch(schema);
    database
}

/// What the catalog says; the error as text.
pub fn find(database: &Database, table: &str, wish: &Wish) -> Result<Own, String> {
    run(async {
        let session = database.session("load").await;
        source(&session, table, wish).await.map_err(|error| error.to_string())
    })
}

/// Inserts rows, which must all be taken.
pub fn load(database: &Database, table: &str, wish: &Wish, rows: usize) -> Own {
    let own = find(database, table, wish).unwrap_or_else(|error| panic!("{table}: {error}"));
    insert(database, &own, rows).unwrap_or_else(|error| panic!("{table}: {error}"));
    own
}

/// Inserts rows of a source.
pub fn insert(database: &Database, own: &Own, rows: usize) -> Result<u64, String> {
    let names: Vec<_> = own.source.columns.iter().map(|c| quote_ident(&c.name)).collect();
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", own.source.table, names.join(", "));
    let mut random = Random::seed_from_u64(rand::random());
    // Two connections, in turns.
    let mut connections = [own.source.rows.clone_box(), own.source.rows.clone_box()];
    let types = vec![Type::BYTEA; own.source.columns.len()];
    let mut fields = BytesMut::new();
    run(async {
        let client = database.client().await;
        let sink = client.copy_in(&statement).await.expect("COPY begins");
        let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, &types));
        for n in 0..rows {
            fields.clear();
            connections[n % 2].write(&mut random, &mut Fields(&mut fields));
            let values = split(&fields);
            let sent = writer.as_mut().write_raw(values.iter().map(|v| v as &(dyn ToSql + Sync)));
            if sent.await.is_err() {
                break; // finish() says why
            }
        }
        let done = writer.finish().await;
        done.map_err(|error| lab::Error::failed("COPY").caused_by(&error).to_string())
    })
}

/// Rows by leaf.
pub fn by_leaf(database: &Database, table: &str) -> BTreeMap<String, i64> {
    let rows = database.texts(&format!(
        "SELECT c.relname || '=' || count(r.tableoid)
         FROM pg_partition_tree('{table}') t
         JOIN pg_class c ON c.oid = t.relid
         LEFT JOIN {table} r ON r.tableoid = t.relid
         WHERE t.isleaf GROUP BY c.relname"
    ));
    let pair = |text: String| {
        let (name, count) = text.rsplit_once('=').unwrap();
        (name.to_owned(), count.parse().unwrap())
    };
    rows.into_iter().map(pair).collect()
}

/// Asserts that each leaf but DEFAULT ones, whose names contain `default`, has its share.
pub fn assert_even(database: &Database, table: &str) {
    let leaves = by_leaf(database, table);
    let (defaults, others): (Vec<_>, Vec<_>) =
        leaves.iter().partition(|(name, _)| name.contains("default"));
    assert!(defaults.iter().all(|(_, rows)| **rows == 0), "{leaves:?}");
    let count = i64::try_from(others.len()).unwrap();
    let share = others.iter().map(|(_, rows)| **rows).sum::<i64>() / count;
    assert!(others.iter().all(|(_, rows)| (**rows - share).abs() < share / 2), "{leaves:?}");
}

/// Runs to its end.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work)
}
