//! Servers that go, come back, or take nothing for a while: the load goes on.

use testbed::{Running, eventually, ran};

use crate::bench::{LIMIT, LOCK_ALL, Rows, TABLES, after_setup, interrupted, load, loading, total};
use crate::own_server::{OwnServer, verified};

#[test]
fn a_server_that_is_killed_loses_nothing_that_was_acknowledged() {
    let server = OwnServer::after_setup();
    for how in [["--in-flight", "4"].as_slice(), &["--copy", "--batch", "500"]] {
        let running = server.loading(&[&["0", "--workers", "3", "--verify"], how].concat());
        for _ in 0..2 {
            server.all_insert(3);
            server.events_come(100);
            server.kill();
            server.start();
        }
        server.all_insert(3);
        server.events_come(100);
        running.interrupt();
        let ended = running.finish().exited(130);
        let document = verified(&ended);
        assert_eq!(document["failed"], 0, "{document:#}");
        let outages = document["outages"].as_array().unwrap();
        assert_eq!(outages.len(), 2, "{document:#}");
        assert!(outages.iter().all(|outage| outage["lasted_s"].is_number()), "{document:#}");
    }
}

#[test]
fn a_server_that_becomes_read_only_is_waited_for() {
    let server = OwnServer::after_setup();
    let running = server.loading(&["0", "--workers", "2", "--verify"]);
    server.events_come(50);
    let read_only = "ALTER SYSTEM SET default_transaction_read_only = on";
    server.sql(&[read_only, "SELECT pg_reload_conf()"]);
    let refused = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let before = server.number(refused);
    eventually(LIMIT, "inserts are refused", || server.number(refused) > before + 3);
    let writable = "ALTER SYSTEM RESET default_transaction_read_only";
    server.sql(&[writable, "SELECT pg_reload_conf()"]);
    server.events_come(50);
    running.interrupt();
    let document = verified(&running.finish().exited(130));
    assert!(document["failed"].as_u64().unwrap() > 0, "{document:#}");
    assert_eq!(document["errors"][0]["sqlstate"], "25006", "{document:#}");
    let cause = document["outages"][0]["cause"].as_str().unwrap();
    assert!(cause.starts_with("25006 "), "{document:#}");
}

#[tokio::test]
async fn a_connection_that_is_ended_comes_back_and_what_was_in_flight_is_in_doubt() {
    let database = after_setup();
    let client = database.client().await;
    let running = loading(&database, &["0", "--workers", "2", "--verify"], 5);
    client.batch_execute(LOCK_ALL).await.unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'partition-lab load' AND wait_event_type = 'Lock'";
    eventually(LIMIT, "both wait", || database.count(waits) == 2);
    database.batch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'partition-lab load'
             AND wait_event_type = 'Lock'",
    );
    client.batch_execute("COMMIT").await.unwrap();
    let then = total(&database);
    eventually(LIMIT, "rows come again", || total(&database) > then + 50);
    let document = verified(&interrupted(running));
    let cause = document["outages"][0]["cause"].as_str().unwrap();
    assert!(cause.starts_with("57P01 "), "{document:#}");
    assert_eq!((&document["in_doubt"], &document["failed"]), (&2.into(), &0.into()));
}

#[test]
fn ctrl_c_ends_it_while_the_server_is_away() {
    let server = OwnServer::after_setup();
    let running = server.loading(&["0"]);
    server.events_come(20);
    server.kill();
    running.interrupt();
    let document = running.finish().exited(130).says(&["interrupted"]).document();
    assert!(document["inserted"].as_u64().unwrap() >= 20, "{document:#}");
}

#[test]
fn a_full_disk_is_waited_for() {
    let database = after_setup();
    database.batch(
        "CREATE TABLE disk (full_since timestamptz);
         CREATE SEQUENCE refused;
         CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF EXISTS (SELECT FROM disk) THEN
                 PERFORM nextval('refused');
                 RAISE EXCEPTION 'could not extend file: No space left on device'
                     USING ERRCODE = '53100';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON event_logs
             FOR EACH ROW EXECUTE FUNCTION full_disk()",
    );
    let arguments = ["0", "--mix", "events=1", "--in-flight", "4"];
    let running = loading(&database, &arguments, 20);
    database.batch("INSERT INTO disk VALUES (now())");
    let refused = "SELECT last_value FROM refused";
    eventually(LIMIT, "it tries again and again", || database.count(refused) > 8);
    database.batch("DELETE FROM disk");
    let then = total(&database);
    eventually(LIMIT, "rows come again", || total(&database) > then);
    let document = interrupted(running).document();
    assert_eq!(document["errors"][0]["sqlstate"], "53100", "{document:#}");
    let outage = &document["outages"][0];
    assert!(outage["cause"].as_str().unwrap().contains("No space left"), "{document:#}");
    assert!(outage["lasted_s"].is_number(), "{document:#}");
    assert_eq!(document["in_doubt"], 0, "what was refused is not in doubt: {document:#}");
}

#[test]
fn deadlocks_are_counted_and_too_many_errors_end_it() {
    let database = after_setup();
    database.batch(
        "CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
         END $$;
         CREATE TRIGGER deadlock BEFORE INSERT ON sales_data
             FOR EACH ROW EXECUTE FUNCTION deadlock()",
    );
    let before = Rows::count(&database);
    let ended = ran(&mut load(&database, &["--rows", "500"])).exited(1);
    let document = ended.document();
    assert_eq!(document["errors"][0]["sqlstate"], "40P01", "{document:#}");
    before.assert_grown_by(&document, &database);
    let failed = document["failed"].as_u64().unwrap();
    assert_eq!(document["inserted"].as_u64().unwrap() + failed, 500, "{document:#}");
    for table in TABLES.into_iter().filter(|table| *table != "sales_data") {
        assert!(document["tables"][table].as_u64().unwrap() > 0, "{document:#}");
    }
    let _ = ran(&mut load(&database, &["--rows", "500", "--max-errors", "500"])).ok();
    let limited = ["--rows", "100000", "--max-errors", "3", "--mix", "sales=1"];
    let document = ran(&mut load(&database, &limited)).exited(1).document();
    assert_eq!(document["failed"], 4, "{document:#}");
}

#[test]
fn a_server_that_is_away_at_the_end_is_named() {
    let server = OwnServer::after_setup();
    let running: Running = server.loading(&["0", "6"]);
    server.events_come(20);
    server.kill();
    let _ = running.finish().exited(1).says(&["took no inserts in the last", "because", "next"]);
}
