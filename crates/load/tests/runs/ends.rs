//! Ctrl-C, at any moment.

use std::time::{Duration, Instant};

use testbed::{Database, Running, eventually};
use tokio_postgres::Client;

use crate::bench::{LIMIT, LOCK_ALL, Rows, after_setup, interrupted, load, loading};

/// Waits until a statement of `load` waits for a lock.
fn waits(database: &Database) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'partition-lab load' AND wait_event_type = 'Lock'";
    eventually(LIMIT, "load waits for a lock", || database.count(waiting) == 1);
}

/// A load whose insert waits for the lock that `client` takes.
async fn blocked(database: &Database, client: &Client) -> Running {
    let running = loading(database, &["10"], 3);
    client.batch_execute(LOCK_ALL).await.unwrap();
    waits(database);
    running
}

#[test]
fn once_it_prints_the_summary_and_every_row_counted_is_there() {
    for interval in ["0", "20", "60000"] {
        let database = after_setup();
        let before = Rows::count(&database);
        let document = interrupted(loading(&database, &[interval], 1)).document();
        before.assert_grown_by(&document, &database);
        assert!(document["inserted"].as_u64().unwrap() > 0);
        assert_eq!(document["failed"], 0);
    }
}

#[tokio::test]
async fn once_while_an_insert_waits_it_gives_up_soon_and_counts_exactly() {
    let database = after_setup();
    let client = database.client().await;
    let before = Rows::count(&database);
    let running = blocked(&database, &client).await;
    let asked = Instant::now();
    let ended = interrupted(running);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(ended.document()["failed"], 0, "what we cancel ourselves has not failed");
    client.batch_execute("COMMIT").await.unwrap();
    before.assert_grown_by(&ended.document(), &database);
}

#[tokio::test]
async fn the_insert_in_hand_is_counted_when_its_lock_comes_in_time() {
    let database = after_setup();
    let client = database.client().await;
    let before = Rows::count(&database);
    let running = blocked(&database, &client).await;
    running.interrupt();
    client.batch_execute("COMMIT").await.unwrap();
    let document = running.finish().exited(130).document();
    // Either way is right, if only the count is: the lock may come too late on a busy machine.
    before.assert_grown_by(&document, &database);
}

#[tokio::test]
async fn twice_it_ends_at_once() {
    let database = after_setup();
    let client = database.client().await;
    let mut running = blocked(&database, &client).await;
    // Two that arrive together may count as one, so it goes on as an impatient person does.
    eventually(LIMIT, "it ends", || {
        running.interrupt();
        !running.runs()
    });
    let ended = running.finish().exited(130);
    assert_eq!(ended.out, "", "no summary: it was not worth waiting for");
}

#[tokio::test]
async fn before_the_first_insert_too() {
    let database = after_setup();
    let client = database.client().await;
    client.batch_execute(LOCK_ALL).await.unwrap();
    let running = Running::start(&mut load(&database, &["10"]));
    waits(&database);
    running.interrupt();
    let ended = running.finish().exited(130).says(&["interrupted before the first insert"]);
    assert_eq!(ended.out, "");
}
