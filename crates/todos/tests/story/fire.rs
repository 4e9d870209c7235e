//! While writers insert, update, move and delete, `migrate` is killed again and again.

use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::{Database, Running, until};

use crate::bench::{after, failing, todos};
use crate::writer::Writers;

const LIMIT: Duration = Duration::from_secs(300);
const KILLS: i64 = 10;
const COPIED: &str = "SELECT rows FROM todo_app.migration_progress WHERE phase = 'copy'";

/// `TODOS_FIRE` asks for more.
fn todos_in_all() -> i64 {
    std::env::var("TODOS_FIRE").map_or(8_000, |todos| todos.parse().unwrap())
}

async fn copied(database: &Database) -> i64 {
    database.query_one_i64(COPIED).await
}

/// The command, until so many rows were copied.
async fn killed_at(database: &Database, rows: i64) {
    let line = ["migrate", "--batch-size", &(todos_in_all() / 400).to_string()];
    let migrate = Running::start(database.process("todos").args(line).stdin(Stdio::null()));
    until(LIMIT, "rows are copied", async || copied(database).await >= rows).await;
    migrate.kill();
}

fn seeded() -> Database {
    let seed = format!("seed --users 10 --todos {}", todos_in_all());
    after(&[&seed, "partition", "migrate --batch-size 20 --max-batches 1"])
}

#[tokio::test]
async fn ten_kills_and_all_is_there() {
    let (database, all) = (seeded(), todos_in_all());
    let writers = Writers::start(&database, 4, all).await;
    let mut random = StdRng::seed_from_u64(1);
    let mut moments: Vec<i64> = (0..KILLS).map(|_| random.random_range(0..all * 9 / 10)).collect();
    moments.sort_unstable();
    for rows in moments {
        killed_at(&database, rows).await;
    }
    let rest = format!("migrate --batch-size {} --max-batches 40", all / 16);
    let _ = todos(&database, &rest).ok();
    until(LIMIT, "writers go on", async || writers.commits.load(Ordering::SeqCst) > 2_000).await;
    // In one snapshot, while they write: what waits in the log is left out on both sides.
    let (failed, checks) = failing(&database);
    let failed: Vec<_> = failed.iter().filter(|check| *check != "changes to carry over").collect();
    assert!(failed.is_empty() && checks == 9, "{failed:?}");
    writers.end().await;
    let _ = todos(&database, "migrate").ok();
    assert_eq!(failing(&database), (vec![], 9));
}

/// Nothing else tells of a row that is changed behind the copy.
#[tokio::test]
async fn without_the_log_changes_are_lost() {
    let database = seeded();
    database.batch("ALTER TABLE todo_app.todos DISABLE TRIGGER todos_log");
    let writers = Writers::start(&database, 4, todos_in_all()).await;
    let _ = todos(&database, "migrate --batch-size 500").ok();
    let commits = writers.commits.load(Ordering::SeqCst);
    until(LIMIT, "writers go on", async || writers.commits.load(Ordering::SeqCst) > commits + 100)
        .await;
    writers.end().await;
    assert!(failing(&database).0.contains(&"content".to_owned()));
}
