//! `plan --sql`, run by psql.

use std::fs;
use std::process::Command;

use convert::design;
use convert::plan::sql;
use convert::request::{Level, UniqueKey};
use testbed::{Database, server};

use crate::bench::{chat, quarters, request, unique};

/// The script for `table`, which psql then runs while `meanwhile` is repeated by another session.
async fn converted(
    database: &Database,
    table: &str,
    request: &convert::request::Request,
    meanwhile: &str,
) {
    let client = database.client().await;
    let oid = client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0);
    let design = design::decide(&client, oid, request).await.unwrap();
    let script = sql::script(&client, &design).await.unwrap();
    let folder = tempfile();
    let file = folder.join("convert.sql");
    fs::write(&file, script).unwrap();
    let mut psql = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(&file)
        .arg(database.url())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut rounds = 0;
    while psql.try_wait().unwrap().is_none() {
        client.batch_execute(meanwhile).await.unwrap();
        rounds += 1;
    }
    let output = psql.wait_with_output().unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(rounds > 3, "nothing was written while it ran: {rounds}");
}

fn tempfile() -> std::path::PathBuf {
    let folder =
        std::env::temp_dir().join(format!("convert-script-{}-{:p}", std::process::id(), &()));
    let folder =
        folder.with_extension(format!("{:?}", std::thread::current().id()).replace(['(', ')'], ""));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Constraints and indexes by their definitions, without those of partitions.
fn shape(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "SELECT conname || ' ' || pg_get_constraintdef(oid) || convalidated FROM pg_constraint
         WHERE conrelid = '{table}'::regclass AND contype <> 'n'
         UNION ALL SELECT replace(indexdef, ' ONLY', '') FROM pg_indexes WHERE tablename = '{table}'
         UNION ALL SELECT tgname || pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal
         ORDER BY 1"
    ))
}

#[tokio::test]
async fn psql_converts_the_chat_while_it_is_written_to() {
    let database = chat();
    let before = "SELECT md5(string_agg(m::text, ',' ORDER BY id)) FROM chat_messages m WHERE content !~ '^new'";
    database.batch("UPDATE chat_messages SET content = 'new ' || content WHERE id < '40000000-0000-0000-0000-000000000000'");
    let untouched = database.text(before);
    let meanwhile = "
        UPDATE chat_messages SET created_at = created_at + interval '95 days', updated_at = now()
            WHERE id = (SELECT id FROM chat_messages WHERE content ~ '^new' AND created_at < '2025-06-01' ORDER BY random() LIMIT 1);
        DELETE FROM chat_messages WHERE id = (SELECT id FROM chat_messages WHERE content ~ '^new' ORDER BY random() LIMIT 1);
        INSERT INTO chat_messages (user_id, session_id, message_id, role, content, id, created_at, updated_at)
            SELECT id, gen_random_uuid(), gen_random_uuid()::text, 'user', 'new', gen_random_uuid(), '2025-02-03', now() FROM users LIMIT 1";
    let request = unique(quarters("created_at"), UniqueKey::SideTable);
    converted(&database, "chat_messages", &request, meanwhile).await;
    assert_eq!(database.text(before), untouched);
    let shape = shape(&database, "chat_messages");
    for wanted in [
        "chat_messages_pkey PRIMARY KEY (id, created_at)",
        "chat_messages_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks(id)true",
        "chat_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)true",
        "CREATE INDEX chat_messages_created_at_idx ON public.chat_messages USING btree (created_at)",
        "CREATE INDEX chat_messages_message_id_key ON public.chat_messages USING btree (message_id)",
    ] {
        assert!(shape.iter().any(|line| line.contains(wanted)), "{wanted} is not in {shape:#?}");
    }
    // The side table holds exactly what the table holds, and keeps doing so.
    let global = "chat_messages_message_id_key_global";
    let differ = format!(
        "SELECT count(*) FROM (SELECT message_id, created_at FROM chat_messages WHERE message_id IS NOT NULL) m
         FULL JOIN {global} g USING (message_id, created_at) WHERE m IS NULL OR g IS NULL"
    );
    assert_eq!(database.count(&differ), 0);
    let client = database.client().await;
    let twice = client.batch_execute(
        "INSERT INTO chat_messages (user_id, session_id, message_id, role, content, id, created_at, updated_at)
         SELECT user_id, session_id, message_id, role, content, gen_random_uuid(), created_at + interval '1 year', updated_at
         FROM chat_messages WHERE message_id IS NOT NULL AND created_at < '2025-01-01' LIMIT 1",
    );
    assert_eq!(twice.await.unwrap_err().code().unwrap().code(), "23505");
    assert_eq!(
        database.count(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'partition_convert'::regnamespace"
        ),
        0
    );
}

#[tokio::test]
async fn psql_carries_over_what_hangs_on_a_strangely_named_table() {
    let database = server().database();
    database.batch(
        "CREATE SCHEMA \"My Shop\"; SET search_path = \"My Shop\";
         CREATE TABLE kinds (kind text PRIMARY KEY); INSERT INTO kinds VALUES ('a'), ('b');
         CREATE TABLE \"Order Lines {log}\" (gone int, \"Id\" int GENERATED ALWAYS AS IDENTITY, kind text REFERENCES kinds,
             n int NOT NULL DEFAULT 1 CHECK (n > 0), twice int GENERATED ALWAYS AS (n * 2) STORED, PRIMARY KEY (\"Id\"));
         ALTER TABLE \"Order Lines {log}\" DROP COLUMN gone;
         CREATE INDEX \"by kind\" ON \"Order Lines {log}\" (lower(kind), n DESC) INCLUDE (twice) WHERE n > 1;
         INSERT INTO \"Order Lines {log}\" (kind, n) SELECT 'a', g FROM generate_series(1, 5000) g;
         CREATE TABLE refers (line int REFERENCES \"Order Lines {log}\"); INSERT INTO refers VALUES (1);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER \"a trigger\" BEFORE UPDATE ON \"Order Lines {log}\" FOR EACH ROW EXECUTE FUNCTION f();
         CREATE VIEW seen AS SELECT * FROM \"Order Lines {log}\";
         CREATE STATISTICS related ON kind, n FROM \"Order Lines {log}\";
         COMMENT ON TABLE \"Order Lines {log}\" IS 'it''s $work$ here';
         ANALYZE;",
    );
    let table = "\"My Shop\".\"Order Lines {log}\"";
    let hash = request(Level::Hash { column: "Id".to_owned(), partitions: 3 });
    let meanwhile = format!(
        "INSERT INTO {table} (kind, n) VALUES ('b', 7);
         UPDATE {table} SET n = n + 1 WHERE \"Id\" = 1 + (random() * 4000)::int;
         DELETE FROM {table} WHERE \"Id\" = 2 + (random() * 4000)::int"
    );
    converted(&database, table, &hash, &meanwhile).await;
    let kind = format!("SELECT relkind::text FROM pg_class WHERE oid = '{table}'::regclass");
    assert_eq!(database.text(&kind), "p");
    database.batch(&format!("INSERT INTO {table} (kind) VALUES ('a'); INSERT INTO \"My Shop\".refers SELECT max(\"Id\") FROM {table}"));
    assert_eq!(
        database.count(&format!("SELECT count(*) FROM {table}")),
        database.count("SELECT count(*) FROM \"My Shop\".seen"),
        "the view reads the new table"
    );
    let orphan = format!("INSERT INTO {table} (kind) VALUES ('nobody')");
    assert!(database.client().await.batch_execute(&orphan).await.is_err(), "its foreign key holds");
    let found = database.texts(&format!(
        "SELECT tgname::text FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal
         UNION ALL SELECT stxname::text FROM pg_statistic_ext WHERE stxrelid = '{table}'::regclass
         UNION ALL SELECT obj_description('{table}'::regclass)
         UNION ALL SELECT c.relname::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE indrelid = '{table}'::regclass
         UNION ALL SELECT pg_get_serial_sequence('{table}', 'Id') ORDER BY 1"
    ));
    let wanted = [
        "\"My Shop\".\"Order Lines {log}_Id_seq\"",
        "Order Lines {log}_pkey",
        "a trigger",
        "by kind",
        "it's $work$ here",
        "related",
    ];
    let mut wanted = wanted.map(str::to_owned).to_vec();
    let mut found = found;
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn psql_keeps_tablespaces_and_what_is_said_of_indexes() {
    let database = server().database();
    let client = database.client().await;
    let space = format!("{}_script", database.name());
    client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
    client.batch_execute(&format!("CREATE TABLESPACE {space} LOCATION ''")).await.unwrap();
    database.batch(&format!(
        "CREATE TABLE t (id int NOT NULL, n int NOT NULL, PRIMARY KEY (id) USING INDEX TABLESPACE {space}) TABLESPACE {space};
         CREATE INDEX by_n ON t (n) TABLESPACE {space} WHERE n > 0; ALTER TABLE t CLUSTER ON t_pkey;
         ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey; INSERT INTO t SELECT g, g FROM generate_series(1, 100) g"
    ));
    let hash = request(Level::Hash { column: "id".to_owned(), partitions: 2 });
    converted(&database, "t", &hash, "UPDATE t SET n = n + 1 WHERE id = 5").await;
    let placed = database.texts(&format!(
        "SELECT format('%s %s %s %s', p.relid::regclass, i.relkind, x.indisclustered, x.indisreplident)
         FROM pg_partition_tree('t') p JOIN pg_class c ON c.oid = p.relid JOIN pg_index x ON x.indrelid = c.oid
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_tablespace s ON s.oid = i.reltablespace AND s.spcname = '{space}'
         WHERE c.reltablespace = s.oid ORDER BY 1"
    ));
    let wanted = ["t I f f", "t I f t", "t_p0 i f f", "t_p0 i t t", "t_p1 i f f", "t_p1 i t t"];
    assert_eq!(placed, wanted);
}
