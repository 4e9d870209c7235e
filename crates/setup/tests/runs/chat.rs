//! `--chat`: the tables that `convert` is shown with.

use testbed::{Database, ran, server};

use crate::bench::{after_setup, json};

fn messages(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM chat_messages")
}

#[test]
fn it_adds_the_chat_and_reset_takes_it_away_and_brings_it_again() {
    let database = after_setup();
    let document = json(&database, &["--chat", "--scale", "2"]).ok().document();
    let names: Vec<_> =
        document["tables"].as_array().unwrap()[4..].iter().map(|table| &table["table"]).collect();
    assert_eq!(names, ["chat_messages", "tasks", "users"]);
    assert_eq!(document["tables"][4]["rows_old"], 2_000);
    let checksum = "SELECT md5(string_agg(m::text, ',' ORDER BY id)) FROM chat_messages m";
    let before = database.text(checksum);
    // What is done is left alone.
    let _ = json(&database, &["--chat", "--scale", "2"]).ok();
    let _ = json(&database, &["--chat", "--scale", "2", "--reset"]).ok();
    assert_eq!(database.text(checksum), before);
    let _ = json(&database, &["--reset"]).ok();
    let left = "SELECT count(*) FROM pg_class WHERE relname IN ('users', 'tasks', 'chat_messages')";
    assert_eq!(database.count(left), 0);
    assert_eq!(database.count("SELECT count(*) FROM pg_type WHERE typname = 'messagerole'"), 0);
}

#[test]
fn its_rows_cover_eight_quarters_and_its_keys_are_those_of_the_specification() {
    let database = server().database();
    let _ = json(&database, &["--until", "base", "--chat"]).ok();
    assert_eq!(messages(&database), 1_000);
    let quarters = database.texts(
        "SELECT to_char(created_at, 'YYYY-\"Q\"Q') FROM chat_messages
         GROUP BY 1 HAVING count(*) > 100 ORDER BY 1",
    );
    assert_eq!(
        (quarters.len(), quarters[0].as_str(), quarters[7].as_str()),
        (8, "2024-Q1", "2025-Q4")
    );
    let outside = "SELECT count(*) FROM chat_messages
                   WHERE created_at < '2024-01-01' OR created_at >= '2026-01-01'";
    assert_eq!(database.count(outside), 0);
    let keys = database.texts(
        "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = 'chat_messages'::regclass AND contype <> 'n' ORDER BY 1",
    );
    assert_eq!(
        keys,
        [
            "chat_messages_message_id_key UNIQUE (message_id)",
            "chat_messages_pkey PRIMARY KEY (id)",
            "chat_messages_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks(id)",
            "chat_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)",
        ]
    );
    let indexes = database.texts(
        "SELECT indexname::text FROM pg_indexes WHERE tablename = 'chat_messages' AND indexname ~ 'idx$' ORDER BY 1",
    );
    let wanted = ["created_at", "session_id", "user_id"];
    assert_eq!(indexes, wanted.map(|column| format!("chat_messages_{column}_idx")));
}

#[test]
fn load_fills_it() {
    let database = after_setup();
    let _ = json(&database, &["--chat"]).ok();
    let mut load = database.process("load");
    let ran = ran(load.args([
        "--rows",
        "500",
        "--table",
        "chat_messages",
        "--verify",
        "--format",
        "json",
    ]))
    .ok();
    assert_eq!(ran.document()["inserted"], 500);
    assert_eq!(messages(&database), 1_500);
}

#[test]
fn somebody_elses_users_are_left_alone() {
    let database = server().database();
    database.batch("CREATE TABLE users (id int)");
    let before = database.fingerprint();
    let _ = json(&database, &["--chat"]).exited(1).says(&["public.users", "setup did not make it"]);
    database.assert_unchanged(&before, "refused");
}
