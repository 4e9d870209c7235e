//! The commands, one after the other and out of order.

use std::process::Stdio;

use testbed::{Running, server};

use crate::bench::{after, todos};

const SEED: &str = "seed --users 50 --todos 2000";

#[test]
fn from_seed_to_validate() {
    let database = after(&[SEED, "partition", "migrate --batch-size 300 --max-batches 2"]);
    let copied = "SELECT count(*) FROM todo_app.todos_active";
    let archived = "SELECT count(*) FROM todo_app.todos_archived";
    assert_eq!(database.count(copied) + database.count(archived), 600);
    database.batch(
        "UPDATE todo_app.todos SET title = 'changed', priority = 5 WHERE status = 'in_progress';
         DELETE FROM todo_app.todos WHERE priority = 1",
    );
    let migrated = todos(&database, "migrate --batch-size 300 --format json").ok().document();
    assert_eq!(migrated["finished"], true);
    assert!(migrated["carried"].as_i64() > Some(300), "{migrated}");
    let checks = todos(&database, "validate --format json").ok().document();
    let checks = checks.as_array().unwrap();
    assert_eq!(checks.len(), 9);
    assert!(checks.iter().all(|check| check["result"] == "PASS"), "{checks:#?}");
    assert_eq!(database.count("SELECT count(*) FROM todo_app.todos_archived_default"), 0);

    let again = todos(&database, "migrate --format json").ok().document();
    assert_eq!((&again["copied"], &again["carried"]), (&0.into(), &0.into()));
}

#[test]
fn the_same_seed_makes_the_same_todos() {
    let sum = "SELECT count(*) || ' ' || sum(hashtextextended(t.id::text || t.user_id || t.status || t.title, 0))
               FROM todo_app.todos AS t";
    let (one, other) = (after(&[SEED]), after(&[SEED]));
    assert_eq!(one.text(sum), other.text(sum));
}

#[test]
fn a_step_that_is_missing_is_named() {
    let database = server().database();
    for (verb, next) in [("partition", "seed"), ("migrate", "seed"), ("validate", "seed")] {
        let _ = todos(&database, verb).exited(1).says(&[&format!("cargo run -p todos -- {next}")]);
    }
    let _ = todos(&database, SEED).ok();
    for (verb, next) in [("migrate", "partition"), ("validate", "partition")] {
        let _ = todos(&database, verb).exited(1).says(&[&format!("cargo run -p todos -- {next}")]);
    }
    let _ = todos(&database, SEED).exited(1).says(&["seed --reset"]);
    let _ = todos(&database, &format!("{SEED} --reset")).ok();
    let _ = todos(&database, "partition").ok();
    let _ = todos(&database, "partition").ok().says(&["there already"]);
    let _ = todos(&database, "validate").exited(1).says(&["todos -- migrate"]);
}

#[test]
fn a_schema_of_somebody_else_is_left_alone() {
    let database = server().database();
    database.batch("CREATE SCHEMA todo_app; CREATE TABLE todo_app.todos (id int); INSERT INTO todo_app.todos VALUES (1)");
    let before = database.fingerprint();
    for verb in ["seed", "seed --reset", "partition", "migrate", "validate"] {
        let _ = todos(&database, verb).exited(1).says(&["todos did not make it"]);
    }
    database.assert_unchanged(&before, "every verb");
}

#[test]
fn the_whole_story_in_one_go() {
    let database = server().database();
    let story = todos(&database, "all --users 50 --todos 2000 --format json").ok().document();
    let parts = story.as_array().unwrap();
    let brought_back = parts.iter().find_map(|part| part["brought_back"].as_i64());
    assert!(brought_back > Some(10), "{story}");
    assert!(
        parts
            .iter()
            .any(|part| part[0]["details"] == format!("{} archived", brought_back.unwrap())),
        "{story}"
    );
    assert_eq!(database.text("SELECT todo_app.todos_is()"), "view");
    let _ = todos(&database, "all").exited(1).says(&["seed --reset"]);
    let line = "all --users 5 --todos 80 --reset --step";
    let _ = todos(&database, line).exited(2).says(&["Enter goes on", "the input has ended"]);
    let mut command = database.process("todos");
    let mut running = Running::start(command.args(line.split(' ')).stdin(Stdio::piped()));
    running.types(&"\n".repeat(15));
    let steps = running.finish().ok();
    assert_eq!(steps.err.matches("Enter goes on").count(), 15);
}
