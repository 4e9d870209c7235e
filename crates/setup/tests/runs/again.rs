//! Again, in parts, and with edited scripts.

use std::process::Stdio;

use testbed::{Running, ScriptsCopy, ran};

use crate::bench::{after_base, after_setup, assert_complete, json, setup};

#[test]
fn a_second_run_says_that_all_is_in_place_and_changes_nothing() {
    let database = after_setup();
    let before = database.fingerprint();
    let again = ran(&mut setup(&database, &[])).ok();
    assert!(again.out.contains("All is in place."), "{again:#?}");
    assert_eq!(again.err, "");
    assert_complete(&json(&database, &[]).ok().document(), 1);
    database.assert_unchanged(&before, "a second run");
}

#[test]
fn until_base_stops_with_single_tables_and_a_later_setup_goes_on() {
    let database = testbed::server().database();
    for _ in 0..2 {
        let document = json(&database, &["--until", "base"]).ok().document();
        let rows: Vec<_> = document["tables"].as_array().unwrap().iter().collect();
        for table in rows {
            assert_eq!((&table["strategy"], &table["partitions"]), (&().into(), &0.into()));
            assert_eq!((&table["rows_new"], &table["match"]), (&().into(), &().into()));
        }
    }
    let partitioned = "SELECT count(*) FROM pg_class WHERE relkind = 'p'";
    assert_eq!(database.count(partitioned), 0);
    assert_complete(&json(&database, &[]).ok().document(), 1);
    // Asked for less than is there, it takes nothing away.
    assert_complete(&json(&database, &["--until", "base"]).ok().document(), 1);
}

#[test]
fn rows_inserted_since_do_not_count_as_a_difference() {
    let database = after_setup();
    database.batch("INSERT INTO event_logs (event_type, user_id) VALUES ('later', 1)");
    let document = json(&database, &[]).ok().document();
    let events = &document["tables"][0];
    assert_eq!((&events["rows_old"], &events["rows_new"]), (&500.into(), &501.into()));
    assert_eq!(events["match"], true);
}

#[test]
fn a_lost_row_is_seen() {
    let database = after_setup();
    database.batch("DELETE FROM sales_data WHERE id = 17");
    let ran = json(&database, &[]).exited(1).says(&["lacks rows", "setup -- --reset"]);
    assert_eq!(ran.document()["tables"][3]["match"], false);
}

#[test]
fn a_script_edited_since_it_ran_is_named_and_not_run_again() {
    let database = after_setup();
    let before = database.fingerprint();
    let scripts = ScriptsCopy::new();
    scripts.insert("02_hash_partitions.sql", usize::MAX, "SELECT 1 / 0;");
    let folder = scripts.path().to_str().unwrap();
    let again = json(&database, &["--scripts", folder]).ok();
    let again = again.says(&["02_hash_partitions.sql has been edited", "--reset"]);
    assert_eq!(again.err.matches("edited").count(), 1, "{again:#?}");
    database.assert_unchanged(&before, "an edited script");
}

#[test]
fn another_scale_than_that_of_the_rows_is_named() {
    let database = after_setup();
    let before = database.fingerprint();
    let _ = json(&database, &["--scale", "3"]).ok().says(&["scale 1", "--reset --scale 3"]);
    database.assert_unchanged(&before, "another scale");
}

#[test]
fn two_at_once_wait_for_each_other() {
    let database = testbed::server().database();
    let start = || Running::start(setup(&database, &[]).args(["--format", "json"]));
    for one in [start(), start()] {
        assert_complete(&one.finish().ok().document(), 1);
    }
    // The one that came second has nothing to do, whether it began with base tables or with none.
    let database = after_base();
    let start = || Running::start(&mut setup(&database, &[]));
    let both = [start(), start()].map(|one| one.finish().ok().out);
    let idle = both.iter().filter(|out| out.contains("All is in place.")).count();
    assert_eq!(idle, 1, "{both:#?}");
}

#[test]
fn one_row_lost_and_one_added_are_no_match() {
    let database = after_setup();
    database.batch(
        "DELETE FROM sales_data WHERE id = 7;
         INSERT INTO sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount)
         VALUES ('2024-01-01', 'toys', 1, 1, 1, 1);",
    );
    let document = json(&database, &[]).exited(1).says(&["setup -- --reset"]).document();
    let matches: Vec<_> =
        document["tables"].as_array().unwrap().iter().map(|table| &table["match"]).collect();
    assert_eq!(matches, [true, true, true, false]);
}

#[test]
fn it_finishes_what_it_began_when_nobody_reads_its_output() {
    let database = testbed::server().database();
    let mut unread = setup(&database, &[]).stdout(Stdio::piped()).spawn().unwrap();
    drop(unread.stdout.take());
    assert!(unread.wait().unwrap().success());
    assert_complete(&json(&database, &[]).ok().document(), 1);
}

#[test]
fn what_a_scenario_archived_is_not_lost() {
    let database = after_setup();
    let _ = ran(database.process("repartition").arg("detach")).ok();
    let document = json(&database, &[]).ok().document();
    assert_eq!(document["tables"][0]["match"], true);
}
