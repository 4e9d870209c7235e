//! The command killed by SIGKILL after a swap or rollback, while it settles what that left.

use convert::request::{Every, Level};
use testbed::{Database, ran, server};

use crate::conversion::{Converter, request};
use crate::describe::{describe, same};
use crate::halt::{Moment, killed_at};
use crate::moves::adorned;
use crate::whole::machinery;

/// A leaf's key; the table's own; a copy of a materialised view; that takes the view's place; the
/// list is empty, and old selves are left.
const MOMENTS: [Moment<'static>; 5] = [
    ("ALTER TABLE", "ALTER TABLE IF EXISTS % VALIDATE CONSTRAINT%"),
    ("ALTER TABLE", "%ADD CONSTRAINT %AND position = %"),
    ("CREATE MATERIALIZED VIEW", "%partition_convert.new_%"),
    ("ALTER MATERIALIZED VIEW", "% SET SCHEMA partition_convert%"),
    ("DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW partition_convert%"),
];

/// A table with one of everything, converted up to the swap; and what can be seen of it.
async fn ready(database: &Database) -> (String, String) {
    let table = adorned(database);
    let before = describe(database, &table).await;
    let years = request(Level::Range { column: "day".into(), every: Every::Year });
    Converter::new(database).await.run(&table, &years).await;
    (table, before)
}

/// Carries out `verb` and kills it when it is at `moment`. How many settlements are left then.
async fn killed(database: &Database, verb: &str, table: &str, moment: Moment<'_>) -> i64 {
    killed_at(database, &[verb, table], moment).await;
    database.query_one_i64("SELECT count(*) FROM partition_convert.settlements").await
}

/// Carries out `verb`, to its end.
async fn done(database: &Database, verb: &str, table: &str, before: &str, when: Moment<'_>) {
    let yes = (verb == "finish").then_some("--yes");
    let _ = ran(database.process("convert").args([verb, table]).args(yes)).ok();
    same(before, &describe(database, table).await, &format!("killed at {when:?}, then {verb}"));
    let left = "SELECT count(*) FROM pg_class WHERE relkind = 'm' AND relnamespace = 'partition_convert'::regnamespace";
    assert_eq!(database.count(left), 0, "old materialised views: killed at {when:?}, then {verb}");
    let left = "SELECT count(*) FROM partition_convert.settlements";
    assert_eq!(database.count(left), 0, "settlements: killed at {when:?}, then {verb}");
}

#[tokio::test]
async fn what_a_killed_swap_left_is_settled_by_the_next_and_does_not_hinder_a_rollback() {
    for moment in MOMENTS {
        let database = server().database();
        let (table, before) = ready(&database).await;
        let left = killed(&database, "swap", &table, moment).await;
        assert_eq!(left == 0, moment == MOMENTS[4], "{left} left at {moment:?}");
        done(&database, "rollback", &table, &before, moment).await;
        killed(&database, "swap", &table, moment).await;
        done(&database, "swap", &table, &before, moment).await;
    }
}

#[tokio::test]
async fn finish_and_abort_settle_first() {
    for (moment, verb) in [(MOMENTS[1], "abort"), (MOMENTS[3], "finish")] {
        let database = server().database();
        let (table, before) = ready(&database).await;
        killed(&database, "swap", &table, moment).await;
        if verb == "abort" {
            killed(&database, "rollback", &table, moment).await;
        }
        done(&database, verb, &table, &before, moment).await;
        assert_eq!(machinery(&database), Vec::<String>::new(), "{verb} at {moment:?}");
    }
}

/// Before triggers and log go, and between that and the target.
#[tokio::test]
async fn an_abort_that_was_killed_goes_on_and_leaves_the_source_as_it_was() {
    let ends = ("DROP FUNCTION", "%DROP FUNCTION IF EXISTS partition_convert.%");
    let drops = ("DROP TABLE", "SET LOCAL search_path%DROP TABLE IF EXISTS%");
    for moment in [ends, drops] {
        let database = server().database();
        let (table, before) = ready(&database).await;
        let left = killed(&database, "abort", &table, moment).await;
        assert_eq!(left, i64::from(moment == drops), "{moment:?}");
        done(&database, "abort", &table, &before, moment).await;
        assert_eq!(machinery(&database), Vec::<String>::new(), "{moment:?}");
        assert_eq!(database.count("SELECT count(*) FROM pg_class WHERE relname ~ '_new$'"), 0);
    }
}
