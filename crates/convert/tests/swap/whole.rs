//! From the request to the end: what is carried over, what is exactly as before.

use convert::state::Side;
use testbed::{Database, server};

use crate::conversion::{Converter, months};
use crate::describe::{describe, same};
use crate::moves::adorned;

/// Relations and rows outside our schema, which keeps the history of conversions.
fn fingerprint(database: &Database) -> String {
    let all = database.fingerprint();
    let theirs: Vec<&str> =
        all.lines().filter(|line| !line.starts_with("partition_convert.")).collect();
    theirs.join("\n")
}

/// Functions, tables, triggers and constraints that a conversion needs.
pub fn machinery(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT format('function %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = to_regnamespace('partition_convert')
         UNION ALL
         SELECT format('trigger %s', tgname) FROM pg_trigger WHERE tgname ~ '^partition_convert'
         UNION ALL
         SELECT format('constraint %s', conname) FROM pg_constraint WHERE conname ~ '^partition_convert'
         UNION ALL
         SELECT format('relation %s', oid::regclass) FROM pg_class
         WHERE relnamespace = to_regnamespace('partition_convert') AND relkind IN ('r', 'm')
           AND relname NOT IN ('conversions', 'segments', 'steps', 'settlements')
         UNION ALL
         SELECT 'a settlement' FROM partition_convert.settlements",
    )
}

#[tokio::test]
async fn all_that_hangs_on_a_table_is_carried_over_and_back_and_abort_leaves_nothing() {
    let database = server().database();
    let table = adorned(&database);
    let (before, print) = (describe(&database, &table).await, fingerprint(&database));
    let mut converter = Converter::new(&database).await;
    converter.run(&table, &months("day")).await;
    same(&before, &describe(&database, &table).await, "run");
    for round in 1..=2 {
        converter.swap().await.unwrap();
        assert_eq!(converter.conversion().await.live, Side::Target);
        same(&before, &describe(&database, &table).await, &format!("swap {round}"));
        converter.rollback().await.unwrap();
        assert_eq!(converter.conversion().await.live, Side::Source);
        same(&before, &describe(&database, &table).await, &format!("rollback {round}"));
    }
    converter.abort().await.unwrap();
    same(&before, &describe(&database, &table).await, "abort");
    same(&print, &fingerprint(&database), "abort");
    assert_eq!(machinery(&database), Vec::<String>::new());
}

#[tokio::test]
async fn finish_leaves_the_new_table_alone() {
    let database = server().database();
    let table = adorned(&database);
    let before = describe(&database, &table).await;
    let mut converter = Converter::new(&database).await;
    converter.run(&table, &months("day")).await;
    converter.swap().await.unwrap();
    let old = converter.conversion().await.source;
    converter.finish().await.unwrap();
    same(&before, &describe(&database, &table).await, "finish");
    assert_eq!(machinery(&database), Vec::<String>::new());
    assert_eq!(database.count(&format!("SELECT count(*) FROM pg_class WHERE oid = {old}")), 0);
}
