//! What it says that it inserted is what is there.

use crate::bench::{Rows, TABLES, after_base, after_setup, interrupted, load, loading};
use testbed::ran;

#[test]
fn every_table_gets_rows_and_every_count_is_right() {
    let database = after_setup();
    let before = Rows::count(&database);
    let document = ran(&mut load(&database, &["20", "3"])).ok().document();
    before.assert_grown_by(&document, &database);
    assert_eq!(document["failed"], 0);
    for table in TABLES {
        assert!(document["tables"][table].as_u64().unwrap() > 0, "{document:#}");
    }
    // An insert every 20 ms for 3 s, the first at once; a busy machine may be late, never early.
    let inserted = document["inserted"].as_f64().unwrap();
    assert!((20.0..=151.0).contains(&inserted), "{document:#}");
    let elapsed = document["elapsed_s"].as_f64().unwrap();
    assert!((3.0..5.0).contains(&elapsed), "{document:#}");
    let rate = document["rate_per_s"].as_f64().unwrap();
    assert!((rate - inserted / elapsed).abs() < 1e-6, "{document:#}");
    let latency = ["p50", "p90", "p99", "p999", "max"];
    let latency = latency.map(|point| document["latency_ms"][point].as_f64().unwrap());
    assert!(latency[0] > 0.0 && latency.is_sorted(), "{document:#}");
}

#[test]
fn without_a_pause_it_is_faster_and_as_exact() {
    let database = after_setup();
    let before = Rows::count(&database);
    let document = ran(&mut load(&database, &["0", "2"])).ok().document();
    before.assert_grown_by(&document, &database);
    assert!(document["inserted"].as_u64().unwrap() > 200, "{document:#}");
    for leaf in ["event_logs_default", "orders_other", "sales_default"] {
        assert!(
            document["partitions"][leaf].as_u64().unwrap() > 0,
            "DEFAULT gets some: {document:#}"
        );
    }
}

#[test]
fn tables_that_are_not_partitioned_count_as_their_own_partition() {
    let database = after_base();
    let before = Rows::count(&database);
    let document = ran(&mut load(&database, &["0", "1"])).ok().document();
    before.assert_grown_by(&document, &database);
    assert_eq!(document["partitions"], document["tables"]);
}

#[test]
fn the_variable_names_the_interval_when_no_argument_does() {
    let database = after_setup();
    let paces = |variable: &str, arguments: &[&str]| {
        let mut command = load(&database, arguments);
        let running = testbed::Running::start(command.env("SIMULATOR_INTERVAL_MS", variable));
        let before = crate::bench::total(&database);
        testbed::eventually(crate::bench::LIMIT, "rows arrive", || {
            crate::bench::total(&database) >= before + 3
        });
        interrupted(running).document()
    };
    // The default is 2,000 ms: three rows would take four seconds at least.
    let of_variable = paces("50", &[]);
    let of_argument = paces("86400000", &["50"]);
    for document in [of_variable, of_argument] {
        let pause =
            document["elapsed_s"].as_f64().unwrap() / document["inserted"].as_f64().unwrap();
        assert!((0.02..1.0).contains(&pause), "{document:#}");
    }
}

#[test]
fn people_see_tables_partitions_rate_and_latency() {
    let database = after_setup();
    let ran = ran(database.process("load").args(["10", "1"])).ok();
    for word in [
        "every 10 ms, for 1 second",
        "users_distributed_p3",
        "sales_2024_q2_other",
        "a second",
        "p99.9",
    ] {
        assert!(ran.out.contains(word), "{word} is missing in\n{}", ran.out);
    }
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(
        !lines.is_empty() && lines.iter().all(|line| line.contains("rows") && line.contains("p99")),
        "a line a second into a pipe: {ran:#?}"
    );
}

#[test]
fn rows_go_on_into_partitions_that_appear_meanwhile() {
    let database = after_setup();
    let running = loading(&database, &["0", "60"], 10);
    let _ = ran(database.process("repartition").arg("add")).ok();
    let april = "SELECT count(*) FROM event_logs_2024_04";
    let moved = database.count(april);
    testbed::eventually(crate::bench::LIMIT, "events of April", || database.count(april) > moved);
    let document = interrupted(running).document();
    assert_eq!(document["failed"], 0);
    assert!(document["partitions"]["event_logs_2024_04"].as_u64().unwrap() > 0, "{document:#}");
}
