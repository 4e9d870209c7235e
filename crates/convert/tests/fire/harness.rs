//! The harness, held against a table that nobody converts: it is quiet then, and it is not when
//! somebody tampers with the table.

use testbed::{Database, server};

use crate::fire::Fire;
use crate::table::{Col, Table};

async fn under_fire(table: &std::sync::Arc<Table>) -> (Database, Fire) {
    let database = server().database();
    database.batch(&table.script());
    let fire = Fire::open(database.config(), table).await;
    fire.commits(60).await;
    (database, fire)
}

#[tokio::test]
async fn a_table_that_nobody_touches_is_as_its_writers_left_it() {
    for seed in 0..4 {
        let (database, fire) = under_fire(&Table::invent(seed)).await;
        fire.cease(database.config()).await;
    }
}

#[tokio::test]
#[should_panic(expected = "lost")]
async fn a_row_that_is_gone_is_missed() {
    let table = Table::invent(7);
    let (database, fire) = under_fire(&table).await;
    let writers = fire.end().await;
    let (name, writer) = (&table.name, table.col(Col::Writer));
    database.batch(&format!(
        "DELETE FROM {name} WHERE ctid = (SELECT min(ctid) FROM {name} WHERE {writer} = 1)"
    ));
    writers[0].check(database.config()).await;
}

#[tokio::test]
#[should_panic(expected = "a reader's count and sums changed")]
async fn a_count_that_dips_is_seen() {
    let table = Table::invent(7);
    let (database, fire) = under_fire(&table).await;
    let (name, writer) = (&table.name, table.col(Col::Writer));
    database.batch(&format!(
        "DELETE FROM {name} WHERE ctid = (SELECT min(ctid) FROM {name} WHERE {writer} = 0)"
    ));
    // It may read once more before it is asked to end.
    fire.reads_fail().await;
}
