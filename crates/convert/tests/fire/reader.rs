//! Readers, for whom nothing ever changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio_postgres::{Client, Config, Statement};

use crate::table::{Col, Table};
use crate::writer::{Shared, connect, gone};

/// A reader that knows what it must see.
pub struct Reader {
    table: Arc<Table>,
    client: Client,
    sql: String,
    prepared: Statement,
    due: String,
}

impl Reader {
    pub async fn new(server: &Config, table: &Arc<Table>) -> Self {
        let client = connect(server).await;
        let (n, body) = (table.col(Col::N), table.col(Col::Body));
        let sql = format!(
            "SELECT concat_ws(' ', count(*), sum({n}), sum(hashtext({body}))) FROM {} WHERE {} = 0",
            table.name,
            table.col(Col::Writer)
        );
        let prepared = client.prepare(&sql).await.expect("a statement");
        let due = client.query_one(&prepared, &[]).await.expect("the subset").get(0);
        Self { table: table.clone(), client, sql, prepared, due }
    }
}

/// Counts and sums the fixed subset over and over, until asked to stop.
pub async fn read(reader: Reader, shared: Arc<Shared>) {
    let Reader { table, client, sql, prepared, due } = reader;
    let mut random = StdRng::seed_from_u64(table.seed ^ 2);
    let check = async |client: &Client, prepared_too: bool| {
        let row = if prepared_too {
            client.query_one(&prepared, &[]).await
        } else {
            client.query_one(&sql, &[]).await
        };
        let got: String = match row {
            Ok(row) => row.get(0),
            Err(error) if gone(client, &error) => return false,
            Err(error) => panic!("seed {}: a reader saw {error:?}", table.seed),
        };
        assert_eq!(got, due, "seed {}: a reader's count and sums changed", table.seed);
        shared.reads.fetch_add(1, Ordering::SeqCst);
        true
    };
    while !shared.stopped() && !client.is_closed() {
        if random.random_bool(0.7) {
            if !check(&client, random.random_bool(0.7)).await {
                break;
            }
            tokio::task::yield_now().await;
            continue;
        }
        let begin = ["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"][random.random_range(0..2)];
        if client.batch_execute(begin).await.is_err() {
            break;
        }
        for _ in 0..random.random_range(1..4) {
            if !check(&client, random.random_bool(0.5)).await {
                return;
            }
        }
        if client.batch_execute("COMMIT").await.is_err() {
            break;
        }
    }
}
