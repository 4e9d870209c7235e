//! One store, many tasks.

use jiff::SignedDuration;
use todos::store::{Change, Filter, NewTodo, StoreError};

use crate::bench::{cut_over, store, user};

/// Each does everything; two in eight work for the same user.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_share_eight_connections() {
    let (database, users) =
        (cut_over("seed --users 50 --todos 400"), (0..32).map(user).collect::<Vec<_>>());
    let before = database.query_one_i64("SELECT count(*) FROM todo_app.todos").await;
    let store = store(&database, 8).await;
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let (store, user) = (store.clone(), users[n % users.len()]);
            tokio::spawn(async move {
                for round in 0..5 {
                    let root =
                        store.create(user, &NewTodo::titled(format!("{n} {round}"))).await?.id;
                    let child =
                        store.create_subtask(user, root, &NewTodo::titled("child")).await?.id;
                    store
                        .update(user, root, &Change { priority: Some(5), ..Change::default() })
                        .await?;
                    store.complete(user, child).await?;
                    store.archive_completed(user, SignedDuration::ZERO).await?;
                    assert!(
                        store
                            .list(user, &Filter::default())
                            .await?
                            .todos
                            .iter()
                            .any(|todo| todo.id == root)
                    );
                    assert_eq!(store.subtasks(user, root).await?.len(), 1);
                    store.reopen(user, child).await?;
                    store.delete(user, root).await?;
                    assert!(matches!(
                        store.get(user, child).await,
                        Err(StoreError::TodoNotFound(_))
                    ));
                    store.create(user, &NewTodo::titled("kept")).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(
        database.query_one_i64("SELECT count(*) FROM todo_app.todos").await,
        before + 64 * 5
    );
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'partition-lab store' AND datname = current_database()";
    assert!(database.query_one_i64(connections).await <= 9);
}
