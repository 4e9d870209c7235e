//! Converters that are killed at random while writers write.

use std::sync::Arc;

use convert::event::Point;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::{Database, server};
use tokio::sync::Notify;

use super::{Moment, killed, kills};
use crate::converter::{Converter, Job, Verb};
use crate::equal::assert_equal;
use crate::fire::Fire;
use crate::observer::At;
use crate::table::Table;

#[tokio::test]
async fn a_converter_killed_at_random_loses_nothing() {
    let (mut left, mut seed) = (kills(6), 1000);
    while left > 0 {
        let killed = campaign(&Table::invent(seed)).await;
        println!("seed {seed}: {killed} kills");
        left = left.saturating_sub(killed);
        seed += 1;
    }
}

/// A conversion there and back; how often its converter was killed.
async fn campaign(table: &Arc<Table>) -> usize {
    let database = server().database();
    database.batch(&table.script());
    let server = database.config();
    let fire = Fire::open(database.config(), table).await;
    let mut random = StdRng::seed_from_u64(table.seed ^ 4);
    let mut done = 0;
    for verb in [Verb::Run, Verb::Swap, Verb::Rollback, Verb::Swap] {
        for _ in 0..random.random_range(1..4) {
            done += usize::from(kill_once(&database, table, verb, &fire, &mut random).await);
        }
        Converter::new(&database, table, &At::nothing()).await.well(verb).await;
        assert_equal(server, table, &format!("after {verb:?}")).await;
        fire.commits(random.random_range(0..30)).await;
    }
    done += usize::from(kill_once(&database, table, Verb::Finish, &fire, &mut random).await);
    fire.cease(database.config()).await;
    done
}

/// Whether the verb was killed before it ended.
async fn kill_once(
    database: &Database,
    table: &Table,
    verb: Verb,
    fire: &Fire,
    random: &mut StdRng,
) -> bool {
    let points = [
        Point::BatchCopied,
        Point::LoggedKeysDeleted,
        Point::BatchTaken,
        Point::BatchReplayed,
        Point::SwapLocked,
        Point::LastReplayed,
        Point::SwapBeforeCommit,
        Point::Swapped,
    ];
    let told = Arc::new(Notify::new());
    let moment = match random.random_range(0..3) {
        0 => Moment::At(points[random.random_range(0..points.len())], random.random_range(0..3)),
        _ => Moment::Told,
    };
    let commits = random.random_range(0..60);
    let job = Job::from(table);
    let converting = killed(database, &job, verb, moment, &told);
    let telling = async {
        if matches!(moment, Moment::Told) {
            fire.commits(commits).await;
            told.notify_one();
        }
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = converting => ended,
        () = telling => unreachable!("it never ends"),
    };
    if let Some(Err(error)) = &ended {
        panic!("seed {}: {verb:?}: {error:?}", table.seed);
    }
    ended.is_none()
}
