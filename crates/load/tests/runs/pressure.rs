//! Many connections, many in flight, many rows a statement: every count stays exact.

use serde_json::Value;
use testbed::{Database, ran};

use crate::bench::{Rows, after_setup, load};

/// Runs it with `--verify` and asserts that all it says is so.
fn exact(database: &Database, arguments: &[&str]) -> Value {
    let before = Rows::count(database);
    let document = ran(load(database, arguments).arg("--verify")).ok().document();
    before.assert_grown_by(&document, database);
    assert_eq!((&document["failed"], &document["in_doubt"]), (&0.into(), &0.into()));
    let verified = document["verify"].as_array().unwrap();
    let acknowledged = verified.iter().map(|table| table["acknowledged"].as_u64().unwrap());
    assert_eq!(document["inserted"], acknowledged.sum::<u64>(), "{document:#}");
    document
}

#[test]
fn so_many_rows_and_no_more() {
    let database = after_setup();
    for (arguments, rows) in [
        (["--rows", "1000"].as_slice(), 1_000),
        (&["--rows", "1005", "--workers", "4", "--in-flight", "8"], 1_005),
        (&["--rows", "1005", "--batch", "100", "--workers", "3"], 1_005),
        (&["--rows", "25005", "--copy", "--batch", "4000", "--workers", "2"], 25_005),
        (&["--rows", "77", "--rate", "1000", "--workers", "2"], 77),
        (&["10", "--rows", "15"], 15),
    ] {
        assert_eq!(exact(&database, arguments)["inserted"], rows, "{arguments:?}");
    }
}

#[test]
fn who_waits_for_its_turn_hears_that_there_are_no_rows_left() {
    let database = after_setup();
    for arguments in [
        ["60000", "--rows", "1"].as_slice(),
        &["0", "--rate", "1", "--rows", "2", "--workers", "20"],
    ] {
        let document = exact(&database, arguments);
        assert!(document["elapsed_s"].as_f64().unwrap() < 10.0, "{document:#}");
    }
}

#[test]
fn for_so_long() {
    let database = after_setup();
    for arguments in [
        ["0", "1", "--workers", "8"].as_slice(),
        &["0", "1", "--in-flight", "16"],
        &["0", "1", "--batch", "50", "--in-flight", "2", "--workers", "2"],
        &["0", "1", "--copy", "--batch", "1000"],
        &["0", "1", "--rate", "300", "--workers", "2", "--batch", "3"],
        &["0", "1", "--untracked", "--workers", "2"],
    ] {
        let document = exact(&database, arguments);
        assert!(document["inserted"].as_u64().unwrap() > 0, "{arguments:?}: {document:#}");
    }
}

#[test]
fn a_warm_up_is_not_measured_but_verified() {
    let database = after_setup();
    let document =
        ran(&mut load(&database, &["0", "1", "--warmup", "1", "--verify"])).ok().document();
    let acknowledged: u64 = document["verify"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["acknowledged"].as_u64().unwrap())
        .sum();
    assert!(acknowledged > document["inserted"].as_u64().unwrap(), "{document:#}");
    assert!(document["elapsed_s"].as_f64().unwrap() < 2.0, "{document:#}");
}

#[test]
fn a_mix_decides_which_tables_get_rows() {
    let database = after_setup();
    let mix = ["--rows", "1000", "--mix", "events=3,sales=1"];
    let document = ran(&mut load(&database, &mix)).ok().document();
    let tables = document["tables"].as_object().unwrap();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["event_logs", "sales_data"]);
    // Ten standard deviations around 750.
    let events = tables["event_logs"].as_u64().unwrap();
    assert!((613..=887).contains(&events), "{document:#}");
}

#[test]
fn dates_decide_which_months_get_rows() {
    let database = after_setup();
    let dates = ["--rows", "200", "--mix", "events=1", "--dates", "2024-02-01..2024-03-01"];
    let document = ran(&mut load(&database, &dates)).ok().document();
    assert_eq!(document["partitions"]["event_logs_2024_02"], 200, "{document:#}");
}

#[test]
fn rows_that_a_trigger_leaves_out_do_not_count() {
    let database = after_setup();
    database.batch(
        "CREATE FUNCTION skip_all() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER skip_all BEFORE INSERT ON event_logs FOR EACH ROW EXECUTE FUNCTION skip_all()",
    );
    for how in [[].as_slice(), &["--untracked"], &["--copy"]] {
        let document = exact(&database, &[&["--rows", "300"], how].concat());
        assert_eq!(document["tables"]["event_logs"], 0, "{document:#}");
    }
}

#[test]
fn acknowledged_rows_that_are_not_there_are_missed() {
    let database = after_setup();
    database.batch(
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN DELETE FROM sales_data WHERE id = NEW.id; RETURN NULL; END';
         CREATE TRIGGER forget AFTER INSERT ON sales_data FOR EACH ROW EXECUTE FUNCTION forget()",
    );
    let ended = ran(&mut load(&database, &["--rows", "200", "--verify"])).exited(1);
    let sales = ended.document()["tables"]["sales_data"].as_u64().unwrap();
    let _ = ended.says(&[&format!("sales_data lacks {sales} acknowledged rows")]);
}
