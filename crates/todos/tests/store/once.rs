//! A todo is in exactly one of active and archive at every commit, whoever completes, reopens, archives and deletes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::Database;
use todos::store::{NewTodo, StoreError, TodoStore};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::bench::{cut_over, store, user};

/// Todos that everybody works on.
const FEW: usize = 6;

fn rounds() -> u64 {
    std::env::var("TODOS_ROUNDS").map_or(3_000, |rounds| rounds.parse().unwrap())
}

/// One statement each of the store, the old application and the nightly job.
async fn change(random: &mut StdRng, store: &TodoStore, client: &Client, user: Uuid, ids: &[Uuid]) {
    let id = ids[random.random_range(0..ids.len())];
    let outcome = match random.random_range(0..8) {
        0 | 1 => store.complete(user, id).await.map(drop),
        2 => store.reopen(user, id).await.map(drop),
        3 => store.archive_completed(user, SignedDuration::ZERO).await.map(drop),
        4 => database(client, "UPDATE todo_app.todos SET status = 'done', completed_at = now() - interval '40 days' WHERE id = $1", id).await,
        5 => database(client, "UPDATE todo_app.todos SET status = 'todo', completed_at = NULL WHERE id = $1", id).await,
        6 => database(client, "SELECT todo_app.archive_completed_todos(0) WHERE $1::uuid IS NOT NULL", id).await,
        _ => match store.create_subtask(user, id, &NewTodo::titled("short-lived")).await {
            Ok(child) => store.delete(user, child.id).await,
            Err(error) => Err(error),
        },
    };
    match outcome {
        // The parent is archived; two met; a child was deleted with its parent.
        Ok(()) | Err(StoreError::ParentNotFound(_) | StoreError::Conflict(_)) => {}
        Err(error) => panic!("{error:?}"),
    }
}

async fn database(client: &Client, sql: &str, id: Uuid) -> Result<(), StoreError> {
    client.execute(sql, &[&id]).await.map(drop).map_err(StoreError::from)
}

/// How often an observer saw one of the few other than once, while `worker` tasks were at work.
async fn observed<F: Future<Output = ()> + Send + 'static>(
    database: &Database,
    ids: &[Uuid],
    workers: Vec<F>,
) -> (u64, u64) {
    let (stop, wrong, looks) =
        (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let client = database.client().await;
    let (ids, ended) = (ids.to_vec(), stop.clone());
    let (seen_wrong, seen) = (wrong.clone(), looks.clone());
    let observer = tokio::spawn(async move {
        let sql = "SELECT count(*) FROM unnest($1::uuid[]) AS few (id)
                   WHERE (SELECT count(*) FROM todo_app.todos_active AS a WHERE a.id = few.id)
                       + (SELECT count(*) FROM todo_app.todos_archived AS a WHERE a.id = few.id) <> 1";
        while !ended.load(Ordering::SeqCst) {
            let row = client.query_one(sql, &[&ids]).await.unwrap();
            seen_wrong.fetch_add(u64::try_from(row.get::<_, i64>(0)).unwrap(), Ordering::SeqCst);
            seen.fetch_add(1, Ordering::SeqCst);
        }
    });
    let tasks: Vec<_> = workers.into_iter().map(tokio::spawn).collect();
    for task in tasks {
        task.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    observer.await.unwrap();
    (wrong.load(Ordering::SeqCst), looks.load(Ordering::SeqCst))
}

async fn few() -> (Database, TodoStore, Uuid, Vec<Uuid>) {
    let (database, user) = (cut_over("seed --users 3 --todos 0"), user(1));
    let store = store(&database, 4).await;
    let mut ids = Vec::new();
    for n in 0..FEW {
        ids.push(store.create(user, &NewTodo::titled(format!("{n}"))).await.unwrap().id);
    }
    (database, store, user, ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_moves_it() {
    let (database, store, user, ids) = few().await;
    let mut workers = Vec::new();
    for seed in 0..6 {
        let (store, ids, client) = (store.clone(), ids.clone(), database.client().await);
        workers.push(async move {
            let mut random = StdRng::seed_from_u64(seed);
            for _ in 0..rounds() / 6 {
                change(&mut random, &store, &client, user, &ids).await;
            }
        });
    }
    let (wrong, looks) = observed(&database, &ids, workers).await;
    assert_eq!(wrong, 0, "of {looks} looks");
    assert!(looks > 20, "{looks}");
    assert_eq!(
        database.query_one_i64("SELECT count(*) FROM todo_app.todos").await,
        i64::try_from(FEW).unwrap()
    );
}

/// The observer sees it when a move is two transactions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_of_two_statements_is_noticed() {
    let (database, store, user, ids) = few().await;
    let client = database.client().await;
    let worker = async move {
        for _ in 0..300 {
            store.complete(user, ids[0]).await.unwrap();
            let copy = "INSERT INTO todo_app.todos_archived SELECT a.*, now() FROM todo_app.todos_active AS a WHERE id = $1";
            client.execute(copy, &[&ids[0]]).await.unwrap();
            client
                .execute("DELETE FROM todo_app.todos_active WHERE id = $1", &[&ids[0]])
                .await
                .unwrap();
            store.reopen(user, ids[0]).await.unwrap();
        }
    };
    let ids = [uuid_of_first(&database).await];
    let (wrong, looks) = observed(&database, &ids, vec![worker]).await;
    assert!(wrong > 0, "in {looks} looks");
}

async fn uuid_of_first(database: &Database) -> Uuid {
    let client = database.client().await;
    client
        .query_one("SELECT id FROM todo_app.todos_active WHERE title = '0'", &[])
        .await
        .unwrap()
        .get(0)
}
