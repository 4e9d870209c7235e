//! `--seed`: the same rows in the same order.

use testbed::{Database, ran};

use crate::bench::{after_base, after_setup, load};

/// The new rows of each table in the order in which they came, without ids.
fn rows(database: &Database, seed: &str) -> Vec<Vec<String>> {
    let _ = ran(&mut load(database, &["0", "1", "--seed", seed])).ok();
    let new = |table: &str, seeded: u32| {
        let sql = format!(
            "SELECT (to_jsonb(t) - 'id')::text FROM {table} AS t WHERE id > {seeded} ORDER BY id"
        );
        database.texts(&sql)
    };
    vec![
        new("event_logs", 500),
        new("users_distributed", 200),
        new("orders_by_region", 300),
        new("sales_data", 400),
    ]
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let seven = rows(&after_setup(), "7");
    // Wherever they go.
    let again = rows(&after_base(), "7");
    let eight = rows(&after_setup(), "8");
    for ((one, other), different) in seven.iter().zip(&again).zip(&eight) {
        let both = one.len().min(other.len());
        assert!(both > 10, "too few rows to compare: {both}");
        assert_eq!(one[..both], other[..both]);
        assert_ne!(one[..10], different[..10]);
    }
}
