//! What is decided, and each blocker by its message.

use convert::design::{Blocker, Design};
use convert::request::{Level, Shape, UniqueKey};
use testbed::server;

use crate::bench::{chat, decided, quarters, request, unique};

fn blocker<'a>(design: &'a Design, code: &str) -> &'a Blocker {
    let found = design.blockers.iter().find(|blocker| blocker.code == code);
    found.unwrap_or_else(|| panic!("no {code} among {:#?}", design.blockers))
}

fn says(design: &Design, code: &str, words: &[&str]) {
    let blocker = blocker(design, code);
    let text = format!("{}: {}; {}", blocker.object, blocker.why, blocker.ways.join("; "));
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text}");
    }
}

#[tokio::test]
async fn the_chat_by_quarters() {
    let design = decided(&chat(), "chat_messages", &quarters("created_at")).await;
    assert_eq!(design.key, ["id"]);
    assert_eq!(design.log_columns, ["id", "created_at"]);
    assert_eq!(design.columns.len(), 14);
    assert_eq!(
        (&*design.target_name, &*design.old_name),
        ("chat_messages_new", "chat_messages_old")
    );
    assert_eq!(design.layout.parts[0].name, "chat_messages_2024_q1");
    let key = &design.indexes[0];
    assert_eq!((&*key.name, &*key.using), ("chat_messages_pkey", "btree (id, created_at)"));
    assert_eq!((key.constraint, key.added.as_slice()), (Some('p'), &["created_at".to_owned()][..]));
    let codes: Vec<_> = design.blockers.iter().map(|blocker| blocker.code.as_str()).collect();
    assert_eq!(codes, ["unique-key"]);
    says(
        &design,
        "unique-key",
        &[
            "chat_messages_message_id_key",
            "(message_id) of public.chat_messages lacks created_at",
            "--unique 'chat_messages_message_id_key=extend'",
            "=drop'",
            "=side-table'",
        ],
    );
    for (way, using) in [
        (UniqueKey::Extend, "btree (message_id, created_at)"),
        (UniqueKey::Drop, "btree (message_id)"),
    ] {
        let design = decided(&chat(), "chat_messages", &unique(quarters("created_at"), way)).await;
        assert_eq!(design.blockers, []);
        let index =
            design.indexes.iter().find(|i| i.name == "chat_messages_message_id_key").unwrap();
        assert_eq!((&*index.using, index.unique), (using, way == UniqueKey::Extend));
    }
}

#[tokio::test]
async fn what_hangs_on_a_table_can_stand_in_the_way() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamp, w int, p point,
             EXCLUDE USING gist (p WITH ~=), CHECK (id > 0));
         ALTER TABLE t ADD CONSTRAINT small CHECK (w < 5) NOT VALID;
         ALTER TABLE t ADD CONSTRAINT own CHECK (w > 1) NO INHERIT;
         CREATE TABLE r (t int); ALTER TABLE r ADD CONSTRAINT r_t FOREIGN KEY (t) REFERENCES t NOT VALID;
         ALTER TABLE t ADD CONSTRAINT late UNIQUE (id, at) DEFERRABLE;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER changed AFTER UPDATE ON t REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION f();
         CREATE RULE quiet AS ON DELETE TO t DO ALSO NOTHING;
         CREATE VIEW v AS SELECT id, at FROM t GROUP BY id;
         CREATE FUNCTION g(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE PUBLICATION every FOR ALL TABLES; CREATE PUBLICATION one FOR TABLE t;
         ALTER TABLE t REPLICA IDENTITY NOTHING; CREATE TABLE child () INHERITS (t);",
    );
    let design = decided(&database, "t", &quarters("at")).await;
    for (code, words) in [
        ("nullable-partition-column", &["column at", "SET NOT NULL", "NOT VALID"][..]),
        (
            "foreign-key-in",
            &["foreign key r_t of public.r", "references (id)", "DROP CONSTRAINT r_t", "--hash id"],
        ),
        ("foreign-key-not-valid", &["r_t", "VALIDATE CONSTRAINT"]),
        ("deferrable", &["constraint late", "--accept deferrable"]),
        ("exclusion-constraint", &["t_p_excl", "DROP CONSTRAINT"]),
        ("check-not-valid", &["constraint small", "VALIDATE CONSTRAINT small"]),
        ("check-no-inherit", &["constraint own", "NO INHERIT", "DROP CONSTRAINT own"]),
        ("trigger", &["trigger changed", "transition table"]),
        ("rule", &["CREATE RULE quiet", "--accept rule"]),
        ("view", &["view public.v", "GROUP BY"]),
        ("dependent", &["function public.g(public.t)", "row type"]),
        ("publication-all", &["publication every", "every table"]),
        ("publication-partitions", &["publication one", "publish_via_partition_root"]),
        ("inheritance", &["public.child"]),
    ] {
        says(&design, code, words);
    }
    let mut accepting = quarters("at");
    accepting.accept = ["rule", "foreign-key-in"].map(str::to_owned).to_vec();
    let design = decided(&database, "t", &accepting).await;
    assert!(design.blockers.iter().all(|blocker| blocker.code != "rule"));
    assert!(
        design.remarks.iter().any(|remark| remark.contains("rule, which")),
        "{:?}",
        design.remarks
    );
    // What cannot be accepted still stands in the way.
    blocker(&design, "foreign-key-in");
}

#[tokio::test]
async fn kinds_of_tables_types_and_missing_keys() {
    let database = server().database();
    database.batch(
        "CREATE UNLOGGED TABLE u (at date NOT NULL, p point NOT NULL);
         CREATE TABLE parent (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
         CREATE TABLE part PARTITION OF parent DEFAULT;
         CREATE TABLE identity (id int NOT NULL, at date NOT NULL, code text NOT NULL);
         CREATE UNIQUE INDEX by_code ON identity (code);
         CREATE UNIQUE INDEX by_id ON identity (id, code);
         ALTER TABLE identity REPLICA IDENTITY USING INDEX by_id;",
    );
    let unlogged = decided(&database, "u", &quarters("at")).await;
    says(&unlogged, "unlogged", &["public.u", "SET LOGGED"]);
    says(&unlogged, "no-key", &["no primary key", "CREATE UNIQUE INDEX"]);
    let point = Level::Hash { column: "p".to_owned(), partitions: 4 };
    says(&decided(&database, "u", &request(point)).await, "operator-class", &["point", "hash"]);
    says(
        &decided(&database, "part", &quarters("at")).await,
        "partition",
        &["public.parent", "--split part"],
    );
    let dropped = unique(quarters("at"), UniqueKey::Drop);
    says(
        &decided(&database, "identity", &dropped).await,
        "replica-identity",
        &["index by_id", "=extend"],
    );
    // Extended it is unique, but of a column that an identity cannot have.
    database.batch("ALTER TABLE identity ALTER COLUMN at DROP NOT NULL");
    let extended = unique(quarters("at"), UniqueKey::Extend);
    says(
        &decided(&database, "identity", &extended).await,
        "replica-identity",
        &["index by_id", "must contain at", "SET NOT NULL"],
    );
}

/// New partitions have other bounds: nobody can say which of them is to have what one of the old ones had.
#[tokio::test]
async fn what_one_partition_alone_has_is_named() {
    let database = server().database();
    let client = database.client().await;
    let space = format!("{}_space", database.name());
    client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
    client.batch_execute(&format!("CREATE TABLESPACE {space} LOCATION ''")).await.unwrap();
    database.batch(&format!(
        "CREATE TABLE t (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE t_1 PARTITION OF t DEFAULT TABLESPACE {space};
         ALTER TABLE t_1 REPLICA IDENTITY FULL; ALTER INDEX t_1_pkey SET TABLESPACE {space};
         ALTER TABLE t_1 ADD CONSTRAINT own CHECK (id > 0); ALTER TABLE t_1 ENABLE ROW LEVEL SECURITY;
         GRANT SELECT ON t, t_1 TO PUBLIC; GRANT DELETE ON t_1 TO PUBLIC"
    ));
    let design = decided(&database, "t", &quarters("at")).await;
    let named: Vec<_> = design.blockers.iter().map(|blocker| blocker.object.as_str()).collect();
    let wanted = [
        "constraint own on table public.t_1",
        "the privileges of partition public.t_1",
        "the replica identity of partition public.t_1",
        "the row level security of partition public.t_1",
        "the tablespace of index public.t_1_pkey on partition public.t_1",
        "the tablespace of partition public.t_1",
    ];
    assert_eq!(named, wanted);

    database.batch(
        "ALTER TABLE t REPLICA IDENTITY FULL; ALTER TABLE t_1 SET TABLESPACE pg_default;
         ALTER INDEX t_1_pkey SET TABLESPACE pg_default; ALTER TABLE t_1 DROP CONSTRAINT own;
         ALTER TABLE t_1 DISABLE ROW LEVEL SECURITY; REVOKE DELETE ON t_1 FROM PUBLIC",
    );
    assert_eq!(decided(&database, "t", &quarters("at")).await.blockers, []);
}

#[tokio::test]
async fn a_foreign_key_to_the_hashed_key_survives() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t);
         CREATE TABLE r (t int REFERENCES t);
         CREATE TABLE p (t int REFERENCES t) PARTITION BY LIST (t)",
    );
    let hash = request(Level::Hash { column: "id".to_owned(), partitions: 4 });
    let design = decided(&database, "t", &hash).await;
    let version = database.count("SELECT current_setting('server_version_num')::int / 10000");
    let blocked: Vec<_> = design.blockers.iter().map(|blocker| blocker.object.as_str()).collect();
    let wanted: &[&str] = if version < 18 { &["foreign key p_t_fkey of public.p"] } else { &[] };
    assert_eq!(blocked, wanted);
}

#[tokio::test]
async fn rights_that_are_missing_are_named_with_the_grant() {
    let database = chat();
    database.batch(
        "CREATE ROLE stranger_to_chat; GRANT SELECT ON chat_messages TO stranger_to_chat;
         ALTER TABLE chat_messages ENABLE ROW LEVEL SECURITY; ALTER TABLE chat_messages FORCE ROW LEVEL SECURITY",
    );
    let client = database.client().await;
    let oid = client.query_one("SELECT 'chat_messages'::regclass::oid", &[]).await.unwrap().get(0);
    client.batch_execute("SET ROLE stranger_to_chat").await.unwrap();
    let design = convert::design::decide(&client, oid, &quarters("created_at")).await.unwrap();
    let all: Vec<_> = design.blockers.iter().filter(|blocker| blocker.code == "rights").collect();
    let text = format!("{all:?}");
    for words in
        ["does not own", "GRANT CREATE ON SCHEMA public", "GRANT CREATE ON DATABASE", "BYPASSRLS"]
    {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

#[tokio::test]
async fn values_that_no_partition_will_have_are_spoken_of() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, kind text NOT NULL, PRIMARY KEY (id, kind)); INSERT INTO t VALUES (1, 'a'), (2, 'b')",
    );
    let mut attached = request(Level::List { column: "kind".to_owned() });
    attached.shape = Shape::AttachOld;
    let refused = |design: &Design| {
        design.remarks.iter().filter(|r| r.contains("after swap, too, a value of kind")).count()
    };
    let design = decided(&database, "t", &attached).await;
    assert_eq!((refused(&design), &*design.blockers), (1, &[][..]), "{:?}", design.remarks);
    // DEFAULT takes them.
    attached.default = true;
    assert_eq!(refused(&decided(&database, "t", &attached).await), 0);
    // Every value gets its own, and who makes the next one stands under "Afterwards".
    attached.shape = Shape::Table;
    assert_eq!(refused(&decided(&database, "t", &attached).await), 0);
}
