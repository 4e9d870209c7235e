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

#[test]
fn a_sequence_of_our_name_is_an_error_and_stays() {
    let database = testbed::server().database();
    database.batch("CREATE SEQUENCE event_logs_id_seq START 77");
    let before = database.fingerprint();
    let _ = json(&database, &[]).exited(1).says(&["42P07", "event_logs_id_seq", "next"]);
    assert_eq!(database.count("SELECT last_value FROM event_logs_id_seq"), 77);
    database.batch("DROP TABLE partition_lab.setup_scripts; DROP SCHEMA partition_lab");
    database.assert_unchanged(&before, "a sequence of our name");
}

#[test]
fn a_partition_that_somebody_attached_keeps_reset_from_dropping_it() {
    let database = crate::bench::after_setup();
    database.batch(
        "CREATE TABLE mine PARTITION OF event_logs FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
         INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('mine', 1, '2030-05-05')",
    );
    let before = database.fingerprint();
    let _ = json(&database, &["--reset"]).exited(1).says(&["mine", "DETACH PARTITION public.mine"]);
    database.assert_unchanged(&before, "a partition of a stranger");
}

#[test]
fn load_and_demo_leave_a_strangers_table_alone() {
    let database = crate::bench::after_setup();
    database.batch("COMMENT ON TABLE event_logs IS 'mine'");
    let before = database.fingerprint();
    for arguments in [&["load", "0", "1"][..], &["demo", "range"]] {
        let mut command = database.process(arguments[0]);
        let ran = testbed::ran(command.args(&arguments[1..]));
        let _ = ran.exited(1).says(&["event_logs", "setup did not make it"]);
        database.assert_unchanged(&before, arguments[0]);
    }
}
