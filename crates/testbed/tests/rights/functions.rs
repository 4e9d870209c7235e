//! Each function that we make is its owner's alone to call, and finds names where we mean, whoever calls it.

use testbed::{Database, process, ran, server};

/// Functions and procedures that PUBLIC may call.
const PUBLIC: &str = "
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace::regnamespace::text IN ('public', 'todo_app', 'partition_convert', 'partition_lab')
      AND has_function_privilege('public', p.oid, 'EXECUTE')
    ORDER BY 1";

/// Those that look names up where the caller does: no path of their own, and a body that is parsed when they are called.
const PATHLESS: &str = "
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace::regnamespace::text IN ('public', 'todo_app', 'partition_convert', 'partition_lab')
      AND p.prosqlbody IS NULL AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')
    ORDER BY 1";

fn run(database: &Database, line: &str) {
    let mut words = line.split_whitespace();
    let mut command = process(words.next().unwrap());
    let _ = ran(command.args(words).env("DATABASE_URL", database.url())).ok();
}

fn assert_ours(database: &Database, public: &[&str]) {
    assert_eq!(database.texts(PUBLIC), public, "PUBLIC may call these");
    assert_eq!(database.texts(PATHLESS), [""; 0], "these have no search_path");
}

#[test]
fn of_a_conversion() {
    let database = server().database();
    run(&database, "setup");
    run(&database, "setup --chat");
    run(
        &database,
        "convert run chat_messages --range created_at --every quarter \
         --unique chat_messages_message_id_key=side-table",
    );
    let made = "SELECT count(*) FROM pg_proc WHERE pronamespace::regnamespace::text IN ('public', 'partition_convert')";
    assert!(
        database.count(made) >= 4,
        "log functions, what refuses TRUNCATE, what keeps the side table"
    );
    assert_ours(&database, &[]);
    for line in [
        "convert swap chat_messages",
        "convert rollback chat_messages",
        "convert swap chat_messages",
    ] {
        run(&database, line);
        assert_ours(&database, &[]);
    }
    run(&database, "repartition all --online");
    run(&database, "convert finish chat_messages --yes");
    assert_ours(&database, &[]);
    assert_eq!(database.count(made), 1, "the side table's alone is left");
}

/// Of the script too, as long as it runs: its procedures commit, so that they cannot have a path of their own, and name
/// everything under the path that the script sets.
#[test]
fn of_a_plans_script() {
    let database = server().database();
    run(&database, "setup --chat");
    let plan = "plan chat_messages --range created_at --every quarter --unique *=side-table --sql";
    let script = ran(database.process("convert").args(plan.split(' '))).ok().out;
    let (makes, _) = script.split_once("CALL ").unwrap();
    database.batch(makes);
    assert_eq!(database.texts(PUBLIC), [""; 0]);
    let commit = ["partition_convert.chat_messages_briefly(text)"];
    assert!(commit.iter().all(|name| database.texts(PATHLESS).contains(&(*name).to_owned())));
}

/// The view's checks run with the rights of the writer, and call two that only read a setting or raise an error.
#[test]
fn of_todos() {
    let database = server().database();
    let public = ["todo_app.current_user_id()", "todo_app.no_such_parent(uuid)"];
    let public = public.map(str::to_owned);
    for line in [
        "seed --users 20 --todos 400",
        "partition",
        "migrate",
        "cutover",
        "indexes",
        "maintain daily",
        "secure",
    ] {
        run(&database, &format!("todos {line}"));
        let may: Vec<String> = database.texts(PUBLIC);
        assert!(may.iter().all(|name| public.contains(name)), "{line}: PUBLIC may call {may:?}");
        assert_eq!(database.texts(PATHLESS), [""; 0], "{line}");
    }
    assert_eq!(database.texts(PUBLIC), public);
}
