//! What others notice of an exchange.

use std::time::Duration;

use convert::state::{Phase, Side};
use testbed::server;

use crate::conversion::{Converter, months};
use crate::describe::{describe, same};
use crate::load::{Load, digest, orders};

#[tokio::test]
async fn writers_and_readers_notice_nothing_and_rollback_keeps_ten_thousand_changes() {
    let database = server().database();
    orders(&database, 20_000);
    let before = describe(&database, "public.orders").await;
    let mut converter = Converter::new(&database).await;
    let load = Load::start(&database, 4);
    load.writes(100).await;
    converter.run("orders", &months("day")).await;
    for round in 1..=2 {
        let swapped = converter.swap().await.unwrap();
        load.writes(10_000).await;
        let back = converter.rollback().await.unwrap();
        load.writes(1_000).await;
        println!("round {round}: swap {swapped:?}, rollback {back:?}");
    }
    let swapped = converter.swap().await.unwrap();
    let written = load.written();
    let longest = load.stop();
    println!("{swapped:?}; {written} rows written, the longest statement took {longest:?}");
    same(&before, &describe(&database, "public.orders").await, "swap");
    let now = digest(&database, "orders");
    converter.rollback().await.unwrap();
    assert_eq!(digest(&database, "orders"), now);
    converter.swap().await.unwrap();
    assert_eq!(digest(&database, "orders"), now);
}

#[tokio::test]
async fn a_long_reader_is_named_and_holds_nobody_else() {
    let database = server().database();
    orders(&database, 3_000);
    let mut converter = Converter::new(&database).await;
    converter.run("orders", &months("day")).await;
    let before = describe(&database, "public.orders").await;
    let reader = database.client().await;
    reader
        .batch_execute("SET application_name = 'a long report'; BEGIN; SELECT count(*) FROM orders")
        .await
        .unwrap();
    converter.pace.lock_budget = Duration::from_secs(3);
    let bystander = database.client().await;
    let (done, mut over) = tokio::sync::oneshot::channel::<()>();
    let answers = tokio::spawn(async move {
        let mut answers = 0;
        while over.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            bystander.query_one("SELECT amount FROM orders WHERE id = 7", &[]).await.unwrap();
            answers += 1;
        }
        answers
    });
    let error = converter.swap().await.unwrap_err().to_string();
    done.send(()).unwrap();
    // Behind a LOCK that waits for the reader it would have had no answer: the reader is still there.
    assert!(answers.await.unwrap() > 1, "{error}");
    assert!(error.contains("a long report") && error.contains("blocked by"), "{error}");
    // As soon as the reader is known to be in the way, no attempt makes anybody wait; on a busy machine
    // the answer to who it is may come too late once or twice.
    let attempts = error.lines().find_map(|line| line.trim().strip_prefix("because")).unwrap();
    let attempts: u32 = attempts.split_whitespace().next().unwrap().parse().unwrap();
    assert!(attempts <= 3, "{error}");
    assert_eq!(converter.conversion().await.phase, Phase::Ready);
    same(&before, &describe(&database, "public.orders").await, "given up");
    reader.batch_execute("COMMIT").await.unwrap();
    converter.swap().await.unwrap();
    assert_eq!(converter.conversion().await.live, Side::Target);
}

#[tokio::test]
async fn a_transaction_that_wrote_before_the_swap_commits_after_it_was_let_by() {
    let database = server().database();
    orders(&database, 3_000);
    let mut converter = Converter::new(&database).await;
    converter.run("orders", &months("day")).await;
    let writer = database.client().await;
    writer.batch_execute("BEGIN; UPDATE orders SET amount = 4711 WHERE id = 5").await.unwrap();
    let (swapped, ()) = tokio::join!(converter.swap(), async {
        // Long enough that the first attempt gave way.
        testbed::until(Duration::from_secs(10), "an attempt waits", async || {
            let waiting =
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass";
            database.query_one_i64(waiting).await > 0
        })
        .await;
        writer.batch_execute("UPDATE orders SET amount = 4712 WHERE id = 6; COMMIT").await.unwrap();
    });
    swapped.unwrap();
    assert_eq!(
        database.text(
            "SELECT string_agg(amount::text, ' ' ORDER BY id) FROM orders WHERE id IN (5, 6)"
        ),
        "4711 4712"
    );
}
