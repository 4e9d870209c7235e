//! Whole conversions while applications write through the parent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use convert::request::{Every, Level, Request, Shape};
use convert::state::{Phase, Side};
use convert::steps::validate;
use testbed::{Database, server};

use crate::conversion::{Converter, request};
use crate::load::{Load, ORDERS, digest};

/// `orders` of the load, partitioned by `key` with these partitions (`name: bound`).
fn partitioned(database: &Database, rows: u32, key: &str, partitions: &[(&str, &str)]) {
    let mut begin = format!(") PARTITION BY {key};\n");
    for (name, bound) in partitions {
        begin += &format!("CREATE TABLE {name} PARTITION OF orders {bound};\n");
    }
    let sql = ORDERS
        .replace("ROWS", &rows.to_string())
        .replace("PRIMARY KEY (id, day));\n", &format!("PRIMARY KEY (id, day){begin}"));
    for statement in sql.split(";\n") {
        database.batch(statement);
    }
}

fn months(database: &Database, rows: u32) {
    let partitions = [
        ("orders_2024_01", "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"),
        ("orders_2024_02", "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"),
        ("orders_default", "DEFAULT"),
    ];
    partitioned(database, rows, "RANGE (day)", &partitions);
}

fn split(level: Level) -> Request {
    Request { shape: Shape::Split, ..request(level) }
}

fn by(every: Every) -> Level {
    Level::Range { column: String::new(), every }
}

/// Runs, swaps, rolls back and swaps again under load; then the writers stop, and it goes back and forth
/// once more, which must not change a row.
async fn forth_and_back(database: &Database, table: &str, request: &Request) -> Converter {
    let load = Load::start(database, 2);
    let mut converter = Converter::new(database).await;
    load.writes(100).await;
    converter.run(table, request).await;
    for _ in 0..2 {
        load.writes(200).await;
        converter.swap().await.unwrap();
        load.writes(200).await;
        let conversion = converter.conversion().await;
        assert!(validate::compare(&converter.work(), &conversion).await.unwrap().equal);
        converter.rollback().await.unwrap();
    }
    load.writes(200).await;
    converter.swap().await.unwrap();
    load.writes(200).await;
    load.stop();
    let rows = digest(database, "orders");
    converter.rollback().await.unwrap();
    assert_eq!(digest(database, "orders"), rows, "after the rollback");
    converter.swap().await.unwrap();
    assert_eq!(digest(database, "orders"), rows, "after the swap");
    converter
}

/// What a conversion leaves of itself.
fn left(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT tgname::text FROM pg_trigger WHERE tgname ~ '^partition_convert'
         UNION ALL SELECT conname FROM pg_constraint WHERE conname ~ '^partition_convert'
         UNION ALL SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '(_new|_old|_convert_)'
         UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'partition_convert'::regnamespace",
    )
}

/// Partitions of `orders` with their bounds.
fn partitions(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT c.relname || ': ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i
         JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'orders'::regclass
         ORDER BY c.relname",
    )
}

#[tokio::test]
async fn a_month_is_split_while_writers_move_rows_in_and_out_of_it() {
    let database = server().database();
    months(&database, 5_000);
    let mut converter = forth_and_back(&database, "orders_2024_02", &split(by(Every::Week))).await;
    converter.finish().await.unwrap();
    assert_eq!(left(&database), Vec::<String>::new());
    assert_eq!(
        partitions(&database),
        [
            "orders_2024_01: FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
            "orders_2024_02_week1: FOR VALUES FROM ('2024-02-01') TO ('2024-02-08')",
            "orders_2024_02_week2: FOR VALUES FROM ('2024-02-08') TO ('2024-02-15')",
            "orders_2024_02_week3: FOR VALUES FROM ('2024-02-15') TO ('2024-02-22')",
            "orders_2024_02_week4: FOR VALUES FROM ('2024-02-22') TO ('2024-03-01')",
            "orders_default: DEFAULT",
        ]
    );
}

#[tokio::test]
async fn months_leave_the_default_while_writers_write_to_it() {
    let database = server().database();
    months(&database, 5_000);
    let mut converter = forth_and_back(&database, "orders_default", &split(by(Every::Month))).await;
    converter.finish().await.unwrap();
    assert_eq!(left(&database), Vec::<String>::new());
    assert_eq!(partitions(&database).len(), 7);
    assert_eq!(database.count("SELECT count(*) FROM orders_default"), 0);
}

#[tokio::test]
async fn a_bucket_is_doubled_while_writers_write_to_it() {
    let database = server().database();
    let partitions = [
        ("orders_p0", "FOR VALUES WITH (modulus 2, remainder 0)"),
        ("orders_p1", "FOR VALUES WITH (modulus 2, remainder 1)"),
    ];
    partitioned(&database, 5_000, "HASH (id)", &partitions);
    let level = Level::List { column: String::new() };
    let mut converter = forth_and_back(&database, "orders_p1", &split(level)).await;
    converter.finish().await.unwrap();
    assert_eq!(left(&database), Vec::<String>::new());
    assert_eq!(
        self::partitions(&database),
        [
            "orders_p0: FOR VALUES WITH (modulus 2, remainder 0)",
            "orders_p1: FOR VALUES WITH (modulus 4, remainder 1)",
            "orders_p3: FOR VALUES WITH (modulus 4, remainder 3)",
        ]
    );
}

#[tokio::test]
async fn an_aborted_split_leaves_the_parent_as_it_was() {
    let database = server().database();
    months(&database, 2_000);
    let before = database.fingerprint();
    let mut converter = Converter::new(&database).await;
    converter.run("orders_2024_02", &split(by(Every::Week))).await;
    converter.swap().await.unwrap();
    converter.rollback().await.unwrap();
    converter.abort().await.unwrap();
    database.batch("DROP SCHEMA partition_convert CASCADE");
    database.assert_unchanged(&before, "run, swap, rollback, abort");
}

#[tokio::test]
async fn the_old_table_is_attached_while_writers_write_to_it() {
    let database = server().database();
    crate::load::orders(&database, 5_000);
    let level = Level::Range { column: "day".into(), every: Every::Month };
    let request = Request { shape: Shape::AttachOld, ..request(level) };
    let load = Load::start(&database, 2);
    let mut converter = Converter::new(&database).await;
    load.writes(100).await;
    converter.run("orders", &request).await;
    load.writes(100).await;
    for _ in 0..2 {
        converter.swap().await.unwrap();
        load.writes(100).await;
        converter.rollback().await.unwrap();
        load.writes(100).await;
    }
    converter.swap().await.unwrap();
    assert_eq!(converter.conversion().await.live, Side::Target);
    load.writes(100).await;
    load.stop();
    let rows = database.count("SELECT count(*) FROM orders_old");
    converter.finish().await.unwrap();
    assert_eq!(converter.conversion().await.phase, Phase::Finished);
    let old = partitions(&database).pop().unwrap();
    assert!(old.starts_with("orders_old: FOR VALUES FROM (MINVALUE) TO ('20"), "{old}");
    assert_eq!(database.count("SELECT count(*) FROM orders"), rows, "no row moved or was lost");
    assert_eq!(left(&database), ["orders_old"]);
}

/// Makes a customer, an order of it, gives the order to another one or deletes it, and deletes the customer.
async fn customers_come_and_go(
    client: tokio_postgres::Client,
    stop: Arc<AtomicBool>,
    gone: Arc<AtomicU64>,
) {
    for n in 1_000.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let day = n % 29 + 1;
        let end = if n % 2 == 0 { "DELETE FROM orders" } else { "UPDATE orders SET customer = 1" };
        for statement in [
            format!("INSERT INTO customers VALUES ({n})"),
            format!("INSERT INTO orders (day, customer, shop) VALUES ('2024-02-{day}', {n}, 1)"),
            format!("{end} WHERE customer = {n}"),
            format!("DELETE FROM customers WHERE id = {n}"),
        ] {
            if let Err(error) = client.batch_execute(&statement).await {
                panic!("{statement}: {error:?}");
            }
        }
        gone.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_only_a_stale_row_references_can_be_deleted() {
    let database = server().database();
    months(&database, 2_000);
    let (stop, gone) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (stopped, count, theirs) = (stop.clone(), gone.clone(), database.clone());
    let writing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let client = theirs.client().await;
            customers_come_and_go(client, stopped, count).await;
        });
    });
    let more = async || {
        let until = gone.load(Ordering::Relaxed) + 200;
        let limit = std::time::Duration::from_secs(60);
        testbed::until(limit, "customers go", async || gone.load(Ordering::Relaxed) >= until).await;
    };
    let mut converter = Converter::new(&database).await;
    converter.run("orders_2024_02", &split(by(Every::Week))).await;
    for _ in 0..3 {
        let conversion = converter.conversion().await;
        // The new partitions reference customers already, and nobody catches up.
        convert::shape::ready(&converter.work(), &conversion).await.unwrap();
        more().await;
        for _ in 0..20 {
            convert::steps::catch_up::until_short(&converter.work(), &conversion).await.unwrap();
        }
        converter.swap().await.unwrap();
        let conversion = converter.conversion().await;
        convert::shape::ready(&converter.work(), &conversion).await.unwrap();
        more().await;
        converter.rollback().await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    writing.join().expect("no error");
    let rows = digest(&database, "orders");
    converter.swap().await.unwrap();
    assert_eq!(digest(&database, "orders"), rows);
}
