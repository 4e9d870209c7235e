//! Random tables, converted by random strategies, to the end and back, while writers write.

use std::cell::RefCell;
use std::env;

use convert::event::Point;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::server;

use crate::converter::{Converter, Verb};
use crate::equal::assert_equal;
use crate::fire::Fire;
use crate::observer::At;
use crate::table::Table;

/// Runs when `CONVERT_RUNS` does not say otherwise.
const RUNS: u64 = 6;

/// `CONVERT_RUNS` says how many, `CONVERT_SEED` the first one's seed.
#[tokio::test]
async fn whatever_is_written_meanwhile_is_there_in_the_end() {
    let number = |name: &str, default| match env::var(name) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => default,
    };
    let first = number("CONVERT_SEED", 1);
    for seed in first..first + number("CONVERT_RUNS", RUNS) {
        println!("seed {seed}");
        converted_under_fire(&Table::invent(seed)).await;
    }
}

async fn converted_under_fire(table: &std::sync::Arc<Table>) {
    let database = server().database();
    database.batch(&table.script());
    let server = database.config();
    let fire = Fire::open(database.config(), table).await;
    let random = RefCell::new(StdRng::seed_from_u64(table.seed ^ 3));
    let some = || random.borrow_mut().random_range(0..12);
    // Nobody can commit while the swap holds its locks.
    let observer = At::new(|point| {
        let commits = match point {
            Point::SwapLocked | Point::LastReplayed | Point::SwapBeforeCommit => 0,
            _ => some(),
        };
        let fire = &fire;
        async move {
            fire.commits(commits).await;
            Ok(())
        }
    });
    let mut converter = Converter::new(&database, table, &observer).await;
    converter.well(Verb::Run).await;
    assert_equal(server, table, "before the swap").await;
    converter.well(Verb::Swap).await;
    assert_equal(server, table, "after the swap").await;
    fire.commits(some() * 4).await;
    converter.well(Verb::Rollback).await;
    assert_equal(server, table, "after the rollback").await;
    fire.commits(some() * 4).await;
    converter.well(Verb::Swap).await;
    assert_equal(server, table, "after the second swap").await;
    fire.commits(some()).await;
    if table.seed.is_multiple_of(2) {
        converter.well(Verb::Finish).await;
        fire.commits(some()).await;
    }
    drop(observer);
    fire.cease(database.config()).await;
}
