//! Who uses the application while it is migrated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testbed::Database;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// A todo whose place in the tree never changes, so that no two writers make a circle or a chain that is too deep.
const ROOT: &str = "md5('todo ' || ($1::bigint - $1::bigint % 8))::uuid";

/// Any todo that was seeded.
const ANY: &str = "md5('todo ' || $1::bigint)::uuid";

const CHANGES: [&str; 8] = [
    "INSERT INTO todo_app.todos (user_id, parent_todo_id, title)
     SELECT user_id, id, 'child' FROM todo_app.todos WHERE id = {root}",
    "UPDATE todo_app.todos SET title = title || '.', priority = 1 + (priority + 1) % 5 WHERE id = {any}",
    "UPDATE todo_app.todos SET status = 'done', completed_at = now() - $1::bigint % 60 * interval '1 day' WHERE id = {any}",
    "UPDATE todo_app.todos SET status = 'todo', completed_at = NULL WHERE id = {any}",
    "UPDATE todo_app.todos SET parent_todo_id = CASE WHEN $1::bigint % 3 > 0 THEN {root} END
     WHERE id = {any} AND $1::bigint % 8 <> 0 AND EXISTS (SELECT FROM todo_app.todos WHERE id = {root})",
    "DELETE FROM todo_app.todos WHERE id = {any} AND $1::bigint % 8 <> 0",
    "UPDATE todo_app.todos SET user_id = md5('user ' || $1::bigint % 10)::uuid WHERE id = {any}",
    "UPDATE todo_app.todos SET id = gen_random_uuid()
     WHERE id = (SELECT id FROM todo_app.todos WHERE title = 'child' AND parent_todo_id = {root} LIMIT 1)",
];

/// Writers at work on `todos` of the seed's numbers.
pub struct Writers {
    stop: Arc<AtomicBool>,
    pub commits: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<()>>,
}

impl Writers {
    /// Starts `count` of them; every other one in REPEATABLE READ.
    pub async fn start(database: &Database, count: u64, todos: i64) -> Self {
        let (stop, commits) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let mut tasks = Vec::new();
        for seed in 0..count {
            let client = database.client().await;
            let isolation = if seed % 2 == 1 { "repeatable read" } else { "read committed" };
            let set = format!("SET default_transaction_isolation = '{isolation}'");
            client.batch_execute(&set).await.unwrap();
            tasks.push(tokio::spawn(write(client, seed, todos, stop.clone(), commits.clone())));
        }
        Self { stop, commits, tasks }
    }

    /// Ends them. Panics when one met an error.
    pub async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

async fn write(
    client: Client,
    seed: u64,
    todos: i64,
    stop: Arc<AtomicBool>,
    commits: Arc<AtomicU64>,
) {
    let mut random = StdRng::seed_from_u64(seed);
    while !stop.load(Ordering::SeqCst) {
        let change = CHANGES[random.random_range(0..CHANGES.len())];
        let change = change.replace("{root}", ROOT).replace("{any}", ANY);
        let n: i64 = random.random_range(0..todos);
        match client.execute(&change, &[&n]).await {
            Ok(_) => commits.fetch_add(1, Ordering::SeqCst),
            // Two writers met, or a parent was just deleted: the application's own affair.
            Err(error) if is_their_own(&error) => 0,
            Err(error) => panic!("{change}, {n}: {error:?}"),
        };
    }
}

fn is_their_own(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::FOREIGN_KEY_VIOLATION,
        ]
        .contains(&code)
    })
}
