//! What the tests share.

use testbed::{Database, Ran, ran, server};

/// Runs `todos` with these words.
pub fn todos(database: &Database, line: &str) -> Ran {
    ran(database.process("todos").args(line.split(' ')))
}

/// A database in which `todos` has run with each of these lines.
pub fn after(lines: &[&str]) -> Database {
    let database = server().database();
    for line in lines {
        let _ = todos(&database, line).ok();
    }
    database
}

/// The checks of `validate_migration()` that fail, and how many there are in all.
pub fn failing(database: &Database) -> (Vec<String>, usize) {
    let checks =
        database.texts(r#"SELECT "check" || ' ' || result FROM todo_app.validate_migration()"#);
    let failing = checks.iter().filter_map(|check| check.strip_suffix(" FAIL"));
    (failing.map(ToOwned::to_owned).collect(), checks.len())
}

/// The same once todos is a view; `before` runs while it is the table still.
pub fn cut_over(before: &str) -> Database {
    let database = after(&["seed --users 10 --todos 800", "partition", "migrate"]);
    database.batch(before);
    let _ = todos(&database, "cutover").ok();
    database
}
