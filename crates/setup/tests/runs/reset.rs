//! `--reset`.

use testbed::ran;

use crate::bench::{after_base, after_setup, assert_complete, json};

#[test]
fn it_drops_what_setup_made_in_any_state_and_makes_it_again() {
    let fresh = after_setup().fingerprint();
    for make in [after_setup, after_base] {
        let database = make();
        database.batch(
            "DELETE FROM sales_data; INSERT INTO event_logs (event_type, user_id) VALUES ('x', 1)",
        );
        assert_complete(&json(&database, &["--reset"]).ok().document(), 1);
        // When each script ran is written there.
        let records = |print: &str| -> Vec<String> {
            let lines = print.lines().filter(|line| !line.contains("setup_scripts"));
            lines.map(str::to_owned).collect()
        };
        let (now, fresh) = (records(&database.fingerprint()), records(&fresh));
        let differs: Vec<_> = now.iter().filter(|line| !fresh.contains(line)).collect();
        assert!(differs.is_empty() && now.len() == fresh.len(), "{differs:#?}");
    }
    let database = after_setup();
    for scenario in ["add", "split", "detach", "migrate"] {
        let _ = ran(database.process("repartition").arg(scenario)).ok();
    }
    assert_complete(&json(&database, &["--reset"]).ok().document(), 1);
    let left = "SELECT relname::text FROM pg_class WHERE relname ~ 'week|archive|by_date|2024_04' AND relnamespace = 'public'::regnamespace";
    assert_eq!(database.texts(left), [""; 0]);
}

#[test]
fn on_an_empty_database_it_is_a_plain_setup() {
    let database = testbed::server().database();
    assert_complete(&json(&database, &["--reset"]).ok().document(), 1);
}

#[test]
fn scale_multiplies_the_rows() {
    let database = after_setup();
    assert_complete(&json(&database, &["--reset", "--scale", "3"]).ok().document(), 3);
    let again = json(&database, &["--scale", "3"]).ok();
    assert_eq!(again.err, "", "the same scale is no news");
}

#[test]
fn the_same_rows_come_again() {
    let rows = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM event_logs AS t";
    let database = after_setup();
    let before = database.text(rows);
    let _ = json(&database, &["--reset"]).ok();
    assert_eq!(database.text(rows), before);
}

#[test]
fn strangers_survive_it() {
    let database = after_setup();
    database.batch(
        "CREATE TABLE letters AS SELECT 'Dear Ann' AS text;
         COMMENT ON TABLE letters IS 'mine';
         CREATE TABLE partition_lab.notes AS SELECT 1 AS x;
         CREATE SCHEMA elsewhere;
         CREATE TABLE elsewhere.event_logs AS SELECT 2 AS x;
         CREATE VIEW five AS SELECT 5 AS x",
    );
    let mine = |print: &str| -> Vec<String> {
        let ours = ["letters", "notes", "elsewhere", "five"];
        let is_mine = |line: &&str| ours.iter().any(|name| line.contains(name));
        print.lines().filter(is_mine).map(str::to_owned).collect()
    };
    let before = mine(&database.fingerprint());
    assert_eq!(before.len(), 4);
    assert_complete(&json(&database, &["--reset"]).ok().document(), 1);
    assert_eq!(mine(&database.fingerprint()), before);
}

#[test]
fn a_view_of_somebodys_on_our_table_stops_it_and_all_stays() {
    let database = after_setup();
    database.batch("CREATE VIEW report AS SELECT count(*) FROM event_logs");
    let before = database.fingerprint();
    let _ = json(&database, &["--reset"]).exited(1).says(&[
        "view public.report",
        "rolled back",
        "next",
    ]);
    database.assert_unchanged(&before, "refused");
}
