//! Applications at work on a table while it is exchanged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use testbed::Database;
use tokio_postgres::Client;

/// A table that writers use by prepared statements, with rows of 4 months (which makes 6 partitions with the
/// present and one ahead), 4 indexes, 2 foreign keys, a view
/// and a trigger.
pub const ORDERS: &str = "
    CREATE TABLE customers (id int PRIMARY KEY);
    CREATE TABLE shops (id int PRIMARY KEY);
    INSERT INTO customers SELECT generate_series(1, 100);
    INSERT INTO shops SELECT generate_series(1, 10);
    CREATE FUNCTION first_day() RETURNS date STABLE RETURN date_trunc('month', now())::date - interval '4 months';
    CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY,
        day date NOT NULL,
        customer int REFERENCES customers,
        shop int REFERENCES shops,
        amount int NOT NULL DEFAULT 1,
        changes int NOT NULL DEFAULT 0,
        PRIMARY KEY (id, day));
    CREATE INDEX orders_customer ON orders (customer);
    CREATE INDEX orders_shop ON orders (shop, day DESC) INCLUDE (amount);
    CREATE INDEX orders_big ON orders (amount) WHERE amount > 100;
    INSERT INTO orders (day, customer, shop, amount)
        SELECT first_day() + n % 120, n % 100 + 1, n % 10 + 1, n % 200 FROM generate_series(1, ROWS) n;
    CREATE VIEW big_orders WITH (security_barrier) AS SELECT id, amount FROM orders WHERE amount > 100;
    CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.changes := OLD.changes + 1; RETURN NEW; END $$;
    CREATE TRIGGER orders_changes BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION count_changes();
    VACUUM ANALYZE orders;";

/// Makes `orders` with so many rows.
pub fn orders(database: &Database, rows: u32) {
    let sql = ORDERS.replace("ROWS", &rows.to_string());
    for statement in sql.split(";\n") {
        database.batch(statement);
    }
}

/// Writers and readers that run until they are stopped, in a thread of their own: what the converter
/// does in this one must not hold them.
pub struct Load {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    thread: JoinHandle<Duration>,
}

impl Load {
    /// Starts so many writers, and as many readers.
    pub fn start(database: &Database, writers: u32) -> Self {
        let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, count, database) = (stop.clone(), written.clone(), database.clone());
        let run = async move {
            let mut tasks = Vec::new();
            for n in 0..writers {
                let client = database.client().await;
                tasks.push(tokio::spawn(write(client, n, stopped.clone(), count.clone())));
                let client = database.client().await;
                tasks.push(tokio::spawn(read(client, stopped.clone())));
            }
            let mut longest = Duration::ZERO;
            for task in tasks {
                longest = longest.max(task.await.expect("no error"));
            }
            longest
        };
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(run)
        });
        Self { stop, written, thread }
    }

    /// Rows that were written so far.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Waits until so many more rows are written.
    pub async fn writes(&self, rows: u64) {
        let until = self.written() + rows;
        testbed::until(Duration::from_secs(120), "the writers write", async || {
            self.written() >= until
        })
        .await;
    }

    /// Ends them; the longest that any statement took. An error of one fails the test.
    pub fn stop(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no error")
    }
}

/// Inserts, updates, moves to another day and deletes, alone and in transactions.
async fn write(client: Client, n: u32, stop: Arc<AtomicBool>, written: Arc<AtomicU64>) -> Duration {
    let insert = client
        .prepare("INSERT INTO orders (day, customer, shop, amount) VALUES (first_day() + $1::int, $2, $3, $4) RETURNING id, day")
        .await
        .unwrap();
    let update = client
        .prepare("UPDATE orders SET amount = amount + 1 WHERE id = $1 RETURNING *")
        .await
        .unwrap();
    let moves = client
        .prepare("UPDATE orders SET day = first_day() + $2::int WHERE id = $1")
        .await
        .unwrap();
    let delete = client.prepare("DELETE FROM orders WHERE id = $1").await.unwrap();
    let mut longest = Duration::ZERO;
    let mut turn = n;
    while !stop.load(Ordering::Relaxed) {
        turn = turn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pick = i32::try_from(turn >> 8 & 0xffff).unwrap();
        let begun = Instant::now();
        let row = client
            .query_one(
                &insert,
                &[&(pick % 120), &(pick % 100 + 1), &(pick % 10 + 1), &(pick % 200)],
            )
            .await
            .unwrap();
        longest = longest.max(begun.elapsed());
        let id: i64 = row.get(0);
        let begun = Instant::now();
        match pick % 3 {
            0 => {
                client.batch_execute("BEGIN").await.unwrap();
                client.query(&update, &[&id]).await.unwrap();
                client.execute(&moves, &[&id, &(pick % 120)]).await.unwrap();
                client.batch_execute("COMMIT").await.unwrap();
            }
            1 => {
                client.execute(&delete, &[&id]).await.unwrap();
            }
            _ => {
                client.query(&update, &[&(i64::from(pick) % 1_000 + 1)]).await.unwrap();
            }
        }
        longest = longest.max(begun.elapsed());
        written.fetch_add(2, Ordering::Relaxed);
    }
    longest
}

/// Counts rows that nobody touches, by the table and by the view.
async fn read(client: Client, stop: Arc<AtomicBool>) -> Duration {
    let table =
        client.prepare("SELECT count(*) FROM orders WHERE id BETWEEN 1001 AND 2000").await.unwrap();
    let view = client
        .prepare("SELECT count(*) FROM big_orders WHERE id BETWEEN 1001 AND 2000")
        .await
        .unwrap();
    let expected: i64 = client.query_one(&view, &[]).await.unwrap().get(0);
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let (rows, big) = (
            client.query_one(&table, &[]).await.unwrap().get::<_, i64>(0),
            client.query_one(&view, &[]).await.unwrap().get::<_, i64>(0),
        );
        longest = longest.max(begun.elapsed());
        assert_eq!((rows, big), (1_000, expected), "a count dipped");
        tokio::task::yield_now().await;
    }
    longest
}

/// Rows of `orders` as text, for comparison.
pub fn digest(database: &Database, table: &str) -> String {
    database.text(&format!(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' ORDER BY id, day)), '')
         FROM (SELECT id, day, customer, shop, amount, changes FROM {table}) AS t"
    ))
}
