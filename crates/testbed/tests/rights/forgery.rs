//! A role without rights tries to write through functions that write with the rights of others.

use testbed::{Database, process, ran, server};
use tokio_postgres::{Client, NoTls};

use crate::unique;

fn run(database: &Database, line: &str) {
    let mut words = line.split_whitespace();
    let mut command = process(words.next().unwrap());
    let _ = ran(command.args(words).env("DATABASE_URL", database.url())).ok();
}

/// A role of its own, and its connection.
async fn stranger(database: &Database) -> (String, Client) {
    let role = format!("stranger_{}", unique());
    database.batch(&format!("CREATE ROLE {role} LOGIN"));
    let mut config = database.config().clone();
    let (client, connection) = config.user(&role).connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    (role, client)
}

/// The SQLSTATE with which the server refuses.
async fn refused(client: &Client, sql: &str) -> String {
    let Err(error) = client.batch_execute(sql).await else { panic!("{sql} was done") };
    error.code().unwrap_or_else(|| panic!("{sql}: {error:?}")).code().to_owned()
}

const DENIED: &str = "42501";

/// `chat_messages` with a side table, in the middle of its conversion or after it.
fn chat(swap: bool) -> Database {
    let database = server().database();
    run(&database, "setup --chat");
    run(
        &database,
        &format!(
            "convert run chat_messages --range created_at --every quarter \
             --unique chat_messages_message_id_key=side-table{}",
            if swap { " --swap" } else { "" }
        ),
    );
    database
}

const SIDE: &str = "SELECT md5(string_agg(g::text, ',' ORDER BY message_id)) FROM chat_messages_message_id_key_global g";

/// First without any right, then with what an administrator may have granted by mistake.
#[tokio::test]
async fn nobody_forges_entries_of_a_side_table() {
    let database = chat(true);
    let before = database.text(SIDE);
    let (role, client) = stranger(&database).await;
    client
        .batch_execute("CREATE TEMP TABLE mine (message_id text, created_at timestamp)")
        .await
        .unwrap();
    let attach = "CREATE TRIGGER t AFTER INSERT OR DELETE ON mine FOR EACH ROW
                  EXECUTE FUNCTION public.chat_messages_message_id_key_global_keep()";
    assert_eq!(refused(&client, attach).await, DENIED);
    database.batch(&format!(
        "GRANT EXECUTE ON FUNCTION chat_messages_message_id_key_global_keep() TO {role}"
    ));
    client.batch_execute(attach).await.unwrap();
    for sql in [
        "INSERT INTO mine VALUES ('forged', '2024-01-01')",
        "COPY mine FROM PROGRAM 'echo x'",
        "SELECT public.chat_messages_message_id_key_global_keep()",
    ] {
        let state = refused(&client, sql).await;
        assert!([DENIED, "0A000"].contains(&state.as_str()), "{sql}: {state}");
    }
    // A partitioned one of theirs, whose root is theirs too.
    database.batch(&format!("GRANT CREATE ON SCHEMA public TO {role}"));
    client
        .batch_execute(
            "CREATE TABLE public.parts (message_id text, created_at timestamp) PARTITION BY LIST (message_id);
             CREATE TABLE public.parts_1 PARTITION OF public.parts DEFAULT;
             CREATE TRIGGER t AFTER INSERT ON public.parts FOR EACH ROW
             EXECUTE FUNCTION public.chat_messages_message_id_key_global_keep()",
        )
        .await
        .unwrap();
    assert_eq!(refused(&client, "INSERT INTO public.parts VALUES ('forged', now())").await, DENIED);
    assert_eq!(database.text(SIDE), before);
}

/// So changes could be made up, or the log be filled until the disk is full.
#[tokio::test]
async fn nobody_forges_entries_of_a_log() {
    for swap in [false, true] {
        let database = chat(swap);
        let (role, client) = stranger(&database).await;
        client
            .batch_execute(
                "CREATE TEMP TABLE mine (id uuid, created_at timestamp, message_id text)",
            )
            .await
            .unwrap();
        for function in database.texts(
            "SELECT oid::regproc::text FROM pg_proc WHERE pronamespace = 'partition_convert'::regnamespace AND prosecdef",
        ) {
            let attach = format!(
                "CREATE TRIGGER t AFTER INSERT OR DELETE ON mine FOR EACH ROW EXECUTE FUNCTION {function}()"
            );
            assert_eq!(refused(&client, &attach).await, DENIED);
            database.batch(&format!(
                "GRANT USAGE ON SCHEMA partition_convert TO {role}; GRANT EXECUTE ON FUNCTION {function}() TO {role}"
            ));
            client.batch_execute(&attach).await.unwrap();
            let forge = "INSERT INTO mine VALUES (gen_random_uuid(), now(), 'x')";
            assert_eq!(refused(&client, forge).await, DENIED);
            client.batch_execute("DROP TRIGGER t ON mine").await.unwrap();
            database.batch(&format!("REVOKE USAGE ON SCHEMA partition_convert FROM {role}"));
        }
    }
}

/// Who may write to the table needs no right on anything of ours, before the swap and after it.
#[tokio::test]
async fn a_role_that_may_only_write_goes_on_writing() {
    let database = server().database();
    run(&database, "setup --chat");
    let (role, client) = stranger(&database).await;
    database.batch(&format!("GRANT INSERT ON chat_messages TO {role}"));
    let insert = "INSERT INTO public.chat_messages (user_id, session_id, message_id, role, content, id, created_at, updated_at)
        VALUES ((SELECT '1'::text)::int::text::uuid, gen_random_uuid(), gen_random_uuid()::text, 'user', 'new', gen_random_uuid(), '2025-02-03', now())";
    let user = database.text("SELECT id::text FROM users LIMIT 1");
    let insert = insert.replace("(SELECT '1'::text)::int::text::uuid", &format!("'{user}'"));
    let writes = async || client.batch_execute(&insert).await.unwrap();
    writes().await;
    for line in [
        "convert run chat_messages --range created_at --every quarter --unique chat_messages_message_id_key=side-table",
        "convert swap chat_messages",
        "convert rollback chat_messages",
        "convert swap chat_messages",
        "convert finish chat_messages --yes",
    ] {
        run(&database, line);
        writes().await;
    }
    assert_eq!(database.count("SELECT count(*) FROM chat_messages WHERE content = 'new'"), 6);
}

const TODOS: &str = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM todo_app.todos t";

/// With SELECT alone: by a call, by a trigger on a table or view of their own, through the view.
#[tokio::test]
async fn who_may_only_read_todos_changes_none() {
    let database = server().database();
    for line in ["seed --users 20 --todos 400", "partition", "migrate"] {
        run(&database, &format!("todos {line}"));
    }
    let (reader, client) = stranger(&database).await;
    database.batch(&format!(
        "GRANT USAGE ON SCHEMA todo_app TO {reader}; GRANT SELECT ON todo_app.todos TO {reader}"
    ));
    run(&database, "todos cutover");
    for secured in [false, true] {
        if secured {
            run(&database, "todos secure");
        }
        let before = database.text(TODOS);
        client
            .batch_execute("CREATE TEMP TABLE IF NOT EXISTS mine (LIKE todo_app.todos)")
            .await
            .unwrap();
        client
            .batch_execute("CREATE OR REPLACE TEMP VIEW my_todos AS SELECT * FROM todo_app.todos")
            .await
            .unwrap();
        for sql in [
            "DELETE FROM todo_app.todos",
            "UPDATE todo_app.todos SET title = 'x'",
            "INSERT INTO todo_app.todos SELECT * FROM todo_app.todos LIMIT 1",
            "SELECT todo_app.delete_todo()",
            "SELECT todo_app.claim_id(gen_random_uuid())",
            "SELECT todo_app.rollback_todos()",
            "SELECT todo_app.with_descendants('{}')",
            "CREATE TRIGGER t INSTEAD OF DELETE ON my_todos FOR EACH ROW EXECUTE FUNCTION todo_app.delete_todo()",
            "CREATE TRIGGER t INSTEAD OF UPDATE ON my_todos FOR EACH ROW EXECUTE FUNCTION todo_app.update_todo()",
            "CREATE TRIGGER t INSTEAD OF INSERT ON my_todos FOR EACH ROW EXECUTE FUNCTION todo_app.insert_todo()",
            "CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION todo_app.log_todo()",
        ] {
            assert_eq!(refused(&client, sql).await, DENIED, "{sql}");
        }
        assert_eq!(database.text(TODOS), before);
    }
    // With EXECUTE, which somebody may have granted, the functions serve no view but their own.
    database.batch(&format!(
        "GRANT EXECUTE ON FUNCTION todo_app.delete_todo, todo_app.log_todo TO {reader}"
    ));
    let before = database.text(TODOS);
    client
        .batch_execute(
            "CREATE TRIGGER d INSTEAD OF DELETE ON my_todos FOR EACH ROW EXECUTE FUNCTION todo_app.delete_todo();
             CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION todo_app.log_todo();
             SET app.user_id = '00000000-0000-0000-0000-000000000000'",
        )
        .await
        .unwrap();
    let user = database.text("SELECT user_id::text FROM todo_app.todos LIMIT 1");
    client.batch_execute(&format!("SET app.user_id = '{user}'")).await.unwrap();
    assert_eq!(refused(&client, "DELETE FROM my_todos").await, DENIED);
    assert_eq!(refused(&client, "INSERT INTO mine (id) VALUES (gen_random_uuid())").await, DENIED);
    assert_eq!(database.text(TODOS), before);
}

/// An application that had rights on the table goes on through the view, with nothing granted anew.
#[tokio::test]
async fn who_may_write_todos_goes_on_through_the_view() {
    let database = server().database();
    for line in ["seed --users 20 --todos 400", "partition", "migrate"] {
        run(&database, &format!("todos {line}"));
    }
    let (writer, client) = stranger(&database).await;
    database.batch(&format!(
        "GRANT USAGE ON SCHEMA todo_app TO {writer}; GRANT SELECT, INSERT, UPDATE, DELETE ON todo_app.todos TO {writer}"
    ));
    run(&database, "todos cutover");
    let user = database.text("SELECT user_id::text FROM todo_app.todos LIMIT 1");
    for secured in [false, true] {
        if secured {
            run(&database, "todos secure");
        }
        client
            .batch_execute(&format!(
                "SET app.user_id = '{user}';
                 INSERT INTO todo_app.todos (id, user_id, title) VALUES (gen_random_uuid(), '{user}', 'mine');
                 UPDATE todo_app.todos SET priority = 3 WHERE title = 'mine';
                 DELETE FROM todo_app.todos WHERE title = 'mine'"
            ))
            .await
            .unwrap();
    }
}
