//! Another user's rows cannot be read, changed or counted: by table, by view, by partition.

use testbed::Database;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::bench::{after, todos};

const ROLE: &str = "todos_application";

fn secured() -> Database {
    let database = after(&["seed --users 4 --todos 800", "partition", "migrate", "cutover"]);
    database.batch(
        "DO $$ BEGIN IF to_regrole('todos_application') IS NULL THEN CREATE ROLE todos_application; END IF; END $$;
         INSERT INTO todo_app.ai_todo_interactions (todo_id, user_id, interaction_type, prompt)
         SELECT id, user_id, 'split', 'how?' FROM todo_app.todos",
    );
    let _ = todos(&database, &format!("secure --role {ROLE}")).ok();
    database
}

/// As the application, for this user or for none.
async fn application(database: &Database, user: Option<i32>) -> Client {
    let client = database.client().await;
    client.batch_execute(&format!("SET ROLE {ROLE}")).await.unwrap();
    if let Some(user) = user {
        let set =
            format!("SELECT set_config('app.user_id', md5('user {user}')::uuid::text, false)");
        client.batch_execute(&set).await.unwrap();
    }
    client
}

/// What a statement comes to: a number, rows touched, or the code of an error.
async fn outcome(client: &Client, sql: &str) -> Result<i64, SqlState> {
    let code = |error: tokio_postgres::Error| error.code().unwrap().clone();
    if sql.starts_with("SELECT") {
        client.query_one(sql, &[]).await.map(|row| row.get(0)).map_err(code)
    } else {
        client.execute(sql, &[]).await.map(u64::cast_signed).map_err(code)
    }
}

const MINE: &str = "md5('user 1')::uuid";
const YOURS: &str = "md5('user 0')::uuid";

#[tokio::test]
async fn nobody_reads_or_counts_anothers() {
    let database = secured();
    let (one, nobody) = (application(&database, Some(1)).await, application(&database, None).await);
    for (table, owner) in [
        ("todos", "user_id"),
        ("todos_active", "user_id"),
        ("todos_archived", "user_id"),
        ("ai_todo_interactions", "user_id"),
        ("files", "user_id"),
        ("projects", "user_id"),
        ("users", "id"),
    ] {
        let mine = database
            .query_one_i64(&format!("SELECT count(*) FROM todo_app.{table} WHERE {owner} = {MINE}"))
            .await;
        let yours = database
            .query_one_i64(&format!(
                "SELECT count(*) FROM todo_app.{table} WHERE {owner} = {YOURS}"
            ))
            .await;
        assert!(mine > 0 && yours > 0, "{table}");
        let all = format!("SELECT count(*) FROM todo_app.{table}");
        assert_eq!(outcome(&one, &all).await, Ok(mine), "{table}");
        assert_eq!(outcome(&nobody, &all).await, Ok(0), "{table}");
    }
    // A function that tells what it is shown is shown nothing of others.
    database.batch(
        "CREATE FUNCTION public.tell(title text, owner uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
         BEGIN IF owner <> md5('user 1')::uuid THEN RAISE 'seen: %', title; END IF; RETURN true; END $$",
    );
    let told =
        outcome(&one, "SELECT count(*) FROM todo_app.todos WHERE tell(title, user_id)").await;
    assert!(told.is_ok(), "{told:?}");
}

#[tokio::test]
async fn nobody_changes_anothers() {
    let database = secured();
    let content = "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM todo_app.todos AS t WHERE user_id <> md5('user 1')::uuid";
    let before = database.text(content);
    let id = |owner: &str| {
        database.text(&format!(
            "SELECT id::text FROM todo_app.todos_active WHERE user_id = {owner} ORDER BY id LIMIT 1"
        ))
    };
    let (mine, yours) = (id(MINE), id(YOURS));
    let one = application(&database, Some(1)).await;
    let denied = Err(SqlState::INSUFFICIENT_PRIVILEGE);
    let missing = Err(SqlState::FOREIGN_KEY_VIOLATION);
    for (sql, comes_to) in [
        (format!("UPDATE todo_app.todos SET title = 'x' WHERE id = '{yours}'"), Ok(0)),
        (format!("UPDATE todo_app.todos_active SET title = 'x' WHERE id = '{yours}'"), Ok(0)),
        (format!("DELETE FROM todo_app.todos WHERE id = '{yours}'"), Ok(0)),
        (format!("DELETE FROM todo_app.todos WHERE user_id = {YOURS}"), Ok(0)),
        (
            format!("INSERT INTO todo_app.todos (user_id, title) VALUES ({YOURS}, 'x')"),
            denied.clone(),
        ),
        (
            format!("INSERT INTO todo_app.todos_active (user_id, title) VALUES ({YOURS}, 'x')"),
            denied.clone(),
        ),
        (
            format!("UPDATE todo_app.todos SET user_id = {YOURS} WHERE id = '{mine}'"),
            denied.clone(),
        ),
        (
            format!(
                "INSERT INTO todo_app.todos (user_id, parent_todo_id, title) VALUES ({MINE}, '{yours}', 'x')"
            ),
            missing.clone(),
        ),
        (
            format!("UPDATE todo_app.todos SET parent_todo_id = '{yours}' WHERE id = '{mine}'"),
            missing,
        ),
        (format!("INSERT INTO todo_app.todos (user_id, title) VALUES ({MINE}, 'x')"), Ok(1)),
        (
            format!(
                "UPDATE todo_app.todos SET status = 'done', completed_at = now() WHERE id = '{mine}'"
            ),
            Ok(1),
        ),
        (format!("DELETE FROM todo_app.todos WHERE id = '{mine}'"), Ok(1)),
    ] {
        assert_eq!(outcome(&one, &sql).await, comes_to, "{sql}");
    }
    assert_eq!(database.text(content), before);
}

/// A partition's own name is no way round, nor is one that was made since.
#[tokio::test]
async fn partitions_are_as_closed_as_their_table() {
    let database = secured();
    database.batch(
        "SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-01-01');
         INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at, archived_at)
         VALUES (gen_random_uuid(), md5('user 0')::uuid, '', now(), '2001-01-15');
         GRANT SELECT ON ALL TABLES IN SCHEMA todo_app TO todos_application",
    );
    let one = application(&database, Some(1)).await;
    for partition in database.texts(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'",
    ) {
        assert_eq!(outcome(&one, &format!("SELECT count(*) FROM {partition}")).await, Ok(0), "{partition}");
    }
    let _ = todos(&database, "maintain daily").ok();
    let unsecured =
        "SELECT count(*) FROM todo_app.check_partition_health() WHERE issue = 'not secured'";
    assert_eq!(database.count(unsecured), 0);
    database.batch("ALTER TABLE todo_app.todos_archived_2001_01 DISABLE ROW LEVEL SECURITY");
    assert_eq!(database.count(unsecured), 1);
}

#[test]
fn who_is_beyond_it_is_named_and_refused() {
    let database = secured();
    let document = todos(&database, "secure --format json").ok().document();
    assert_eq!(document["beyond"], serde_json::json!(["postgres"]));
    let _ = todos(&database, "secure --role postgres")
        .exited(1)
        .says(&["does not hold for role postgres"]);
    let _ = todos(&database, "secure --role no_such_role").exited(1).says(&["CREATE ROLE"]);
    let _ = todos(&database, "secure --off").ok();
    let left = "SELECT count(*) FROM pg_class WHERE relrowsecurity";
    assert_eq!(database.count(left) + database.count("SELECT count(*) FROM pg_policy"), 0);
}

/// The table that a rollback brings back is closed as well, and a cutover goes on from there.
#[tokio::test]
async fn the_way_back_and_forth_keeps_it() {
    let database = secured();
    let mine =
        database.count("SELECT count(*) FROM todo_app.todos WHERE user_id = md5('user 1')::uuid");
    for way in ["rollback", "cutover"] {
        let _ = todos(&database, way).ok();
        database.batch("GRANT SELECT, INSERT, UPDATE ON todo_app.todos TO todos_application");
        let one = application(&database, Some(1)).await;
        assert_eq!(outcome(&one, "SELECT count(*) FROM todo_app.todos").await, Ok(mine), "{way}");
        let insert = format!("INSERT INTO todo_app.todos (user_id, title) VALUES ({YOURS}, 'x')");
        assert_eq!(outcome(&one, &insert).await, Err(SqlState::INSUFFICIENT_PRIVILEGE), "{way}");
    }
}
