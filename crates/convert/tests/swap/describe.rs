//! What a user can see of a table, to be compared.

use testbed::Database;

const DESCRIPTION: &str = include_str!("description.sql");

/// One fact a line.
pub async fn describe(database: &Database, table: &str) -> String {
    let client = database.client().await;
    client.batch_execute("SET search_path = ''").await.unwrap();
    client.query_one(DESCRIPTION, &[&table]).await.unwrap().get(0)
}

/// Asserts that both say the same; `what` happened in between.
pub fn same(before: &str, after: &str, what: &str) {
    let only_in = |one: &str, other: &str| -> Vec<String> {
        one.lines().filter(|line| !other.lines().any(|o| o == *line)).map(str::to_owned).collect()
    };
    let (gone, come) = (only_in(before, after), only_in(after, before));
    assert!(gone.is_empty() && come.is_empty(), "{what}: gone {gone:#?}, come {come:#?}");
}
