//! `--rate`: so many a second, whatever the server does.

use std::time::{Duration, Instant};

use testbed::{Running, eventually};

use crate::bench::{LIMIT, Rows, after_setup, load, total};

#[tokio::test]
async fn a_server_that_stands_still_shows_in_the_latency_of_all_that_was_due() {
    let database = after_setup();
    let client = database.client().await;
    let before = Rows::count(&database);
    let arguments = ["0", "4", "--rate", "200", "--workers", "2", "--mix", "events=1"];
    let running = Running::start(&mut load(&database, &arguments));
    let then = total(&database);
    eventually(LIMIT, "rows come", || total(&database) > then + 20);
    client.batch_execute("BEGIN; LOCK TABLE event_logs IN SHARE MODE").await.unwrap();
    let stands_still = Instant::now();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let stood_still = stands_still.elapsed().as_secs_f64() * 1e3;
    client.batch_execute("COMMIT").await.unwrap();
    let document = running.finish().exited(0).document();
    before.assert_grown_by(&document, &database);
    // Those that were due while it stood still waited for up to all of that time: 300 of 800.
    let latency = |point: &str| document["latency_ms"][point].as_f64().unwrap();
    assert!(latency("max") >= stood_still - 50.0, "{stood_still} {document:#}");
    assert!(latency("p90") >= stood_still / 4.0, "{stood_still} {document:#}");
    // None is left out: what could not be sent any more is said.
    let sent = document["inserted"].as_u64().unwrap();
    let never_sent = document["never_sent"].as_u64().unwrap();
    assert_eq!(sent + never_sent, 800, "{document:#}");
    let seconds = document["seconds"].as_array().unwrap();
    let lag = |second: &serde_json::Value| second["lag_ms"].as_f64().unwrap() > 300.0;
    assert!(seconds.iter().any(lag), "{document:#}");
}

#[tokio::test]
async fn what_could_not_be_sent_before_the_end_is_said() {
    let database = after_setup();
    let client = database.client().await;
    let before = Rows::count(&database);
    let arguments = ["0", "5", "--rate", "100", "--mix", "events=1"];
    let running = Running::start(&mut load(&database, &arguments));
    let then = total(&database);
    eventually(LIMIT, "rows come", || total(&database) > then);
    client.batch_execute("BEGIN; LOCK TABLE event_logs IN SHARE MODE").await.unwrap();
    let document = running.finish().exited(0).document();
    client.batch_execute("COMMIT").await.unwrap();
    before.assert_grown_by(&document, &database);
    let number = |name: &str| document[name].as_u64().unwrap();
    // The one that waited for the lock; and what it has waited shows.
    assert_eq!(number("cancelled"), 1, "{document:#}");
    assert!(document["latency_ms"]["max"].as_f64().unwrap() > 1_000.0, "{document:#}");
    assert_eq!(number("inserted") + number("never_sent") + 1, 500, "{document:#}");
}
