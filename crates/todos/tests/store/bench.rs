//! What the tests share.

use testbed::{Database, ran, server};
use todos::store::{TodoStore, pool};
use uuid::Uuid;

/// A database after the cutover.
pub fn cut_over(seed: &str) -> Database {
    let database = server().database();
    for line in [seed, "partition", "migrate", "indexes", "cutover", "maintain daily"] {
        let _ = ran(database.process("todos").args(line.split(' '))).ok();
    }
    database
}

/// A store with so many connections.
pub async fn store(database: &Database, connections: usize) -> TodoStore {
    TodoStore::new(pool(database.session("store").await.connector(), connections))
}

/// The seed's user of this number.
pub fn user(n: u32) -> Uuid {
    seeded(&format!("user {n}"))
}

/// The seed's rows have the MD5 sum of their name for an id.
pub fn seeded(name: &str) -> Uuid {
    let database = server().database();
    database.text(&format!("SELECT md5('{name}')::uuid::text")).parse().unwrap()
}
