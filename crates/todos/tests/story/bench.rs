//! What the tests share.

use std::process::Command;

use testbed::{Database, Ran, ran, server};

/// Runs `todos` with these words.
pub fn todos(database: &Database, line: &str) -> Ran {
    ran(database.process("todos").args(line.split(' ')))
}

/// Runs psql, up to the first error. The rows of each answer, with `|` between columns.
pub fn psql(database: &Database, args: &[&str]) -> Vec<Vec<String>> {
    let mut psql = Command::new("psql");
    // The line that ends an answer is in the user's language.
    psql.env("LC_ALL", "C").args(["-XqA", "-v", "ON_ERROR_STOP=1"]).args(args).arg(database.url());
    let out = ran(&mut psql).ok().out;
    let lines: Vec<String> = out.lines().map(ToOwned::to_owned).collect();
    let ends =
        |line: &String| line == "(1 row)" || line.starts_with('(') && line.ends_with(" rows)");
    lines.split(ends).filter_map(|answer| Some(answer.split_first()?.1.to_vec())).collect()
}

/// Where a script of the story lies, for psql's `-f`.
pub fn script(name: &str) -> String {
    format!("{}/../../scripts/todos/{name}", env!("CARGO_MANIFEST_DIR"))
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
