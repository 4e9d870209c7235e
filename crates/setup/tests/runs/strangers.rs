//! Tables of our names that setup did not make are refused before anything is done.

use crate::bench::json;

fn assert_refused(stranger: &str, create: &str) {
    let database = testbed::server().database();
    database.batch(create);
    let before = database.fingerprint();
    for arguments in [&[][..], &["--until", "base"], &["--reset"]] {
        if arguments == ["--until", "base"] && stranger != "event_logs" {
            continue;
        }
        let ran = json(&database, arguments).exited(1);
        let ran = ran.says(&[stranger, "setup did not make it", "next"]);
        assert_eq!(ran.out, "");
        database.assert_unchanged(&before, &format!("{stranger} {arguments:?}"));
    }
}

#[test]
fn a_table_of_the_first_name() {
    assert_refused(
        "event_logs",
        "CREATE TABLE event_logs (x int); INSERT INTO event_logs VALUES (1)",
    );
}

#[test]
fn a_view_of_the_first_name() {
    assert_refused("event_logs", "CREATE VIEW event_logs AS SELECT 1 AS x");
}

#[test]
fn a_table_of_a_partitions_name() {
    assert_refused("event_logs_2024_01", "CREATE TABLE event_logs_2024_01 AS SELECT 1 AS x");
}

#[test]
fn a_table_of_a_leafs_name() {
    assert_refused("sales_2024_q2_other", "CREATE TABLE sales_2024_q2_other AS SELECT 1 AS x");
}

#[test]
fn a_table_of_an_old_tables_name() {
    assert_refused("orders_by_region_old", "CREATE TABLE orders_by_region_old AS SELECT 1 AS x");
}
