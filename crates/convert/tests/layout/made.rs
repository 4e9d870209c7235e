//! Partitions are there ahead of time, like their siblings, whatever the calendar does.

use std::time::Duration;

use convert::premake::Done;
use lab::catalog::Name;
use testbed::{Database, ran, server};

use crate::premake::{carried_out, names, notices, partitions, survey, wish, within};

const BUDGET: Duration = Duration::from_secs(30);

/// A table of months in UTC whose newest is November 2026.
fn months(database: &Database) {
    database.batch(
        "CREATE TABLE t (at timestamptz NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, note text,
                         length int GENERATED ALWAYS AS (length(note)) STORED, PRIMARY KEY (at, id))
             PARTITION BY RANGE (at);
         CREATE TABLE t_2026_10 PARTITION OF t FOR VALUES FROM ('2026-10-01 00:00+00') TO ('2026-11-01 00:00+00');
         CREATE TABLE t_2026_11 PARTITION OF t FOR VALUES FROM ('2026-11-01 00:00+00') TO ('2026-12-01 00:00+00')",
    );
}

/// The names of the partitions that premake adds to two that end with `ends`.
async fn goes_on(column: &str, zone: Option<&str>, ends: [&str; 3], now: &str) -> Vec<String> {
    let database = server().database();
    let [first, second, third] = ends;
    database.batch(&format!(
        "CREATE TABLE t (k {column}) PARTITION BY RANGE (k);
         CREATE TABLE one PARTITION OF t FOR VALUES FROM ('{first}') TO ('{second}');
         CREATE TABLE two PARTITION OF t FOR VALUES FROM ('{second}') TO ('{third}')"
    ));
    carried_out(&database, "t", &wish(2, zone), now).await;
    let all = partitions(&database, "t");
    all.into_iter().filter(|text| !text.starts_with("one ") && !text.starts_with("two ")).collect()
}

#[tokio::test]
async fn the_calendar_is_followed() {
    // Over the end of a year whose successor is a leap year.
    let made =
        goes_on("date", None, ["2027-11-01", "2027-12-01", "2028-01-01"], "2028-01-31T12:00:00Z");
    assert_eq!(
        made.await,
        [
            "t_2028_01 FOR VALUES FROM ('2028-01-01') TO ('2028-02-01')",
            "t_2028_02 FOR VALUES FROM ('2028-02-01') TO ('2028-03-01')",
            "t_2028_03 FOR VALUES FROM ('2028-03-01') TO ('2028-04-01')",
        ]
    );
    // Days over the end of a leap February.
    let made = goes_on(
        "timestamp",
        None,
        ["2028-02-26", "2028-02-27", "2028-02-28"],
        "2028-02-28T23:59:59Z",
    );
    assert_eq!(
        made.await.last().unwrap(),
        "t_2028_03_01 FOR VALUES FROM ('2028-03-01 00:00:00') TO ('2028-03-02 00:00:00')"
    );
    // Four weeks of February are a month, not 28 days.
    let made =
        goes_on("date", None, ["2027-01-01", "2027-02-01", "2027-03-01"], "2027-03-01T00:00:00Z");
    assert!(made.await.last().unwrap().ends_with("FROM ('2027-05-01') TO ('2027-06-01')"));
    // Weeks that begin on a Sunday.
    let made =
        goes_on("date", None, ["2026-11-08", "2026-11-15", "2026-11-22"], "2026-11-21T00:00:00Z");
    assert_eq!(made.await[0], "t_2026_11_22 FOR VALUES FROM ('2026-11-22') TO ('2026-11-29')");
}

#[tokio::test]
async fn days_are_those_of_the_time_zone() {
    // Clocks go forward on 28 March 2027 in Berlin, which then is two hours ahead of UTC.
    let made = goes_on(
        "timestamptz",
        Some("Europe/Berlin"),
        ["2027-03-26 00:00+01", "2027-03-27 00:00+01", "2027-03-28 00:00+01"],
        "2027-03-28T12:00:00Z",
    );
    let made = made.await;
    assert_eq!(made.len(), 3);
    assert!(
        made[0].contains("('2027-03-27 23:00:00+00') TO ('2027-03-28 22:00:00+00')"),
        "{made:?}"
    );
    // UUIDs of version 7.
    let uuid = |ms: u64| format!("{:08x}-{:04x}-0000-0000-000000000000", ms >> 16, ms & 0xffff);
    let day = 86_400_000;
    let ends = [1_793_491_200_000, 1_793_491_200_000 + day, 1_793_491_200_000 + 2 * day].map(uuid);
    let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
    let made =
        goes_on("uuid", Some("UTC"), [ends[0], ends[1], ends[2]], "2026-11-03T05:00:00Z").await;
    assert_eq!(made.len(), 3, "{made:?}");
    assert!(made[0].contains(&uuid(1_793_491_200_000 + 3 * day)), "{made:?}");
}

#[tokio::test]
async fn numbers_go_on_from_the_greatest_value() {
    let database = server().database();
    database.batch(
        "CREATE TABLE n (id int2) PARTITION BY RANGE (id);
         CREATE TABLE n_10000 PARTITION OF n FOR VALUES FROM (10000) TO (20000);
         CREATE TABLE n_0 PARTITION OF n FOR VALUES FROM (0) TO (10000)",
    );
    // Empty: as if the present were the beginning.
    assert_eq!(carried_out(&database, "n", &wish(1, None), "2026-01-01T00:00:00Z").await, []);
    database.batch("INSERT INTO n VALUES (15000)");
    carried_out(&database, "n", &wish(4, None), "2026-01-01T00:00:00Z").await;
    assert_eq!(
        partitions(&database, "n"),
        [
            "n_0 FOR VALUES FROM ('0') TO ('10000')",
            "n_10000 FOR VALUES FROM ('10000') TO ('20000')",
            "n_20000 FOR VALUES FROM ('20000') TO ('30000')",
            "n_30000 FOR VALUES FROM ('30000') TO (MAXVALUE)",
        ]
    );
    database.batch(
        "CREATE TABLE m (at date) PARTITION BY RANGE (at);
         CREATE TABLE m_0 PARTITION OF m FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
         CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO (MAXVALUE)",
    );
    let error = within(&database, "m", &wish(1, None), "2026-01-01T00:00:00Z", BUDGET).await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains("MAXVALUE") && text.contains("--split m_1"), "{text}");
}

#[tokio::test]
async fn a_new_partition_is_like_its_siblings() {
    let database = server().database();
    months(&database);
    database.batch(
        "CREATE ROLE premake_owner; CREATE ROLE premake_reader;
         CREATE TABLE ref (note text PRIMARY KEY); INSERT INTO ref VALUES ('a');
         ALTER TABLE t ADD FOREIGN KEY (note) REFERENCES ref; CREATE INDEX ON t (note);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
         ALTER TABLE t_2026_11 SET (fillfactor = 70, toast.autovacuum_enabled = off);
         CREATE INDEX ON t_2026_11 (lower(note)); ALTER TABLE t_2026_11 REPLICA IDENTITY FULL;
         ALTER TABLE t_2026_11 ENABLE ROW LEVEL SECURITY;
         CREATE POLICY p ON t_2026_11 TO premake_reader USING (note = 'a');
         GRANT SELECT ON t_2026_11 TO premake_reader; ALTER TABLE t_2026_11 OWNER TO premake_owner",
    );
    carried_out(&database, "t", &wish(2, Some("UTC")), "2026-11-21T00:00:00Z").await;
    let like = |sql: &str| {
        let of = |month: &str| database.texts(&sql.replace("{}", &format!("t_2026_{month}")));
        let (old, new) = (of("11"), of("12"));
        let new: Vec<_> = new.iter().map(|text| text.replace("2026_12", "2026_11")).collect();
        assert_eq!(old, new, "{sql}");
        assert!(!old.is_empty(), "{sql}");
    };
    like(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{}'::regclass ORDER BY 1",
    );
    like(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{}'::regclass AND contype <> 'n' ORDER BY 1",
    );
    like(
        "SELECT concat(relowner::regrole, relacl, reloptions, relreplident, relrowsecurity) FROM pg_class WHERE oid = '{}'::regclass",
    );
    like(
        "SELECT polname || pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = '{}'::regclass",
    );
    like(
        "SELECT concat(tgname, tgenabled) FROM pg_trigger WHERE tgrelid = '{}'::regclass AND NOT tgisinternal",
    );
    like(
        "SELECT concat(attname, ' ', atttypid, attnotnull, attgenerated, attstorage) FROM pg_attribute WHERE attrelid = '{}'::regclass AND attnum > 0 ORDER BY attnum",
    );
    like(
        "SELECT reloptions::text FROM pg_class WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = '{}'::regclass)",
    );
    database.batch("INSERT INTO t (at, note) VALUES ('2026-12-24 00:00+00', 'a')");
    assert_eq!(database.count("SELECT length::bigint FROM t_2026_12"), 1);
}

#[tokio::test]
async fn what_default_holds_moves_along() {
    let database = server().database();
    months(&database);
    // A trigger or a cascade that noticed would be wrong: no row comes or goes.
    database.batch(
        "CREATE TABLE t_default PARTITION OF t DEFAULT;
         CREATE TABLE seen (n int);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (1); RETURN OLD; END';
         CREATE TRIGGER g AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION f();
         CREATE TABLE child (at timestamptz, id bigint, FOREIGN KEY (at, id) REFERENCES t ON DELETE CASCADE);
         INSERT INTO t (at, note) VALUES ('2026-12-31 23:59:59.999999+00', 'december'), ('2027-01-01 00:00+00', 'january'),
                                         ('2030-01-01 00:00+00', 'later');
         INSERT INTO child SELECT at, id FROM t",
    );
    let done = carried_out(&database, "t", &wish(2, Some("UTC")), "2026-11-21T00:00:00Z").await;
    let made = |name: &str| Done::Made { name: Name::new("public", name), moved: 1 };
    assert_eq!(done, [made("t_2026_12"), made("t_2027_01")]);
    assert_eq!(database.texts("SELECT note FROM t_2026_12"), ["december"]);
    assert_eq!(database.texts("SELECT note FROM t_2027_01"), ["january"]);
    assert_eq!(database.texts("SELECT note FROM t_default"), ["later"]);
    assert_eq!(database.count("SELECT count(*) FROM seen"), 0);
    assert_eq!(database.count("SELECT count(*) FROM child"), 3);
    let checks = "SELECT count(*) FROM pg_constraint WHERE conname = 'partition_convert_premake'";
    assert_eq!(database.count(checks), 0);
    database.batch("DELETE FROM t WHERE note = 'january'");
    assert_eq!(database.count("SELECT count(*) FROM child"), 2, "foreign keys are at work again");
}

#[tokio::test]
async fn too_many_rows_in_default_are_reported_and_stay() {
    let database = server().database();
    months(&database);
    database.batch(
        "CREATE TABLE t_default PARTITION OF t DEFAULT;
         INSERT INTO t (at) SELECT '2026-12-02 00:00+00' FROM generate_series(0, 100000)",
    );
    let done = within(&database, "t", &wish(1, Some("UTC")), "2026-11-21T00:00:00Z", BUDGET).await;
    let text = done.unwrap_err().to_string();
    assert!(text.contains("t_default holds more than 100000 rows"), "{text}");
    assert_eq!(names(&database, "t"), ["t_2026_10", "t_2026_11", "t_default"]);
}

#[tokio::test]
async fn a_large_default_is_not_scanned_under_a_lock() {
    let database = server().database();
    months(&database);
    // The server says at this level when a CHECK spares it the scan.
    database.batch(&format!(
        "CREATE TABLE t_default PARTITION OF t DEFAULT;
         ALTER TABLE t_default ADD CONSTRAINT partition_convert_premake CHECK (at < 'infinity') NOT VALID;
         ALTER DATABASE {} SET client_min_messages = debug1",
        database.name()
    ));
    let spared = async |ahead: u32| {
        let said = notices(&database, "t", &wish(ahead, Some("UTC")), "2026-11-21T00:00:00Z").await;
        said.iter()
            .filter(|text| text.contains("default partition") && text.contains("implied"))
            .count()
    };
    assert_eq!(spared(1).await, 0, "a small one is scanned");
    database.batch("INSERT INTO t (at, note) SELECT '2020-01-01', repeat('x', 500) FROM generate_series(1, 20000)");
    assert_eq!(spared(3).await, 2);
    assert_eq!(names(&database, "t").len(), 6);
    let checks = "SELECT count(*) FROM pg_constraint WHERE conname = 'partition_convert_premake'";
    assert_eq!(database.count(checks), 0, "the check of a run that was killed is gone, too");
    database.batch("INSERT INTO t (at) VALUES ('2030-01-01')");
}

#[tokio::test]
async fn subpartitions_come_along_and_are_kept_ahead_themselves() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (region text, at date, id int) PARTITION BY LIST (region);
         CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu') PARTITION BY RANGE (at);
         CREATE TABLE t_us PARTITION OF t FOR VALUES IN ('us') PARTITION BY RANGE (at);
         CREATE TABLE t_eu_2026_11 PARTITION OF t_eu FOR VALUES FROM ('2026-11-01') TO ('2026-12-01') PARTITION BY HASH (id);
         CREATE TABLE t_eu_2026_11_p0 PARTITION OF t_eu_2026_11 FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (fillfactor = 50);
         CREATE TABLE t_eu_2026_11_p1 PARTITION OF t_eu_2026_11 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE \"T us 2026-11\" PARTITION OF t_us FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')",
    );
    carried_out(&database, "t", &wish(1, None), "2026-11-30T23:00:00Z").await;
    assert_eq!(names(&database, "t_eu"), ["t_eu_2026_11", "t_eu_2026_12"]);
    assert_eq!(names(&database, "t_us"), ["T us 2026-11", "T us 2026-12"]);
    assert_eq!(names(&database, "t_eu_2026_12"), ["t_eu_2026_12_p0", "t_eu_2026_12_p1"]);
    let options = "SELECT reloptions::text FROM pg_class WHERE relname = 't_eu_2026_12_p0'";
    assert_eq!(database.text(options), "{fillfactor=50}");
    database.batch("INSERT INTO t SELECT 'eu', '2026-12-31', n FROM generate_series(1, 9) n");
}

#[tokio::test]
async fn writers_and_readers_go_on() {
    let database = server().database();
    months(&database);
    database.batch("CREATE TABLE t_default PARTITION OF t DEFAULT");
    let stop = lab::interrupt::Interrupt::default();
    let writing = |n: usize| {
        let (database, stop) = (database.clone(), stop.clone());
        tokio::spawn(async move {
            let client = database.client().await;
            let mut rows = 0;
            while !stop.is_raised() {
                // Into partitions, DEFAULT, and what is being made.
                let at = ["2026-11-05", "2027-01-05", "2027-02-05", "2031-01-01"][(rows + n) % 4];
                let insert = format!("INSERT INTO t (at, note) VALUES ('{at} 00:00+00', 'w')");
                client.batch_execute(&insert).await.expect("a writer sees no error");
                rows += 1;
            }
            rows
        })
    };
    let writers: Vec<_> = (0..4).map(writing).collect();
    let done = carried_out(&database, "t", &wish(4, Some("UTC")), "2026-11-21T00:00:00Z").await;
    assert_eq!(done.len(), 4);
    stop.raise();
    let mut rows = 0;
    for writer in writers {
        rows += writer.await.unwrap();
    }
    assert_eq!(database.count("SELECT count(*) FROM t"), i64::try_from(rows).unwrap());
    let wrong = "SELECT count(*) FROM t_default WHERE at < '2027-04-01 00:00+00'";
    assert_eq!(database.count(wrong), 0);
}

#[tokio::test]
async fn a_locked_table_is_left_alone_in_time_and_the_next_one_is_done() {
    let database = server().database();
    months(&database);
    database.batch(
        "CREATE TABLE u (at date) PARTITION BY RANGE (at);
         CREATE TABLE u_2026 PARTITION OF u FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    );
    let mut holder = database.client().await;
    let transaction = holder.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE").await.unwrap();
    let mut command = database.process("convert");
    command.args(["premake", "t", "u", "gone", "--ahead", "40", "--time-zone", "UTC", "--run"]);
    command.args(["--lock-budget", "1", "--format", "json"]);
    let ran = ran(&mut command).exited(1).says(&["2 of 3 tables failed", "no table gone"]);
    let document = ran.document();
    assert!(document["tables"][0]["error"].as_str().unwrap().contains("everything is as it was"));
    assert_eq!(document["tables"][1]["error"], serde_json::Value::Null);
    assert_eq!(document["tables"][1]["ranges"][0]["made"][0]["done"], true);
    assert_eq!(names(&database, "t").len(), 2);
    assert!(names(&database, "u").len() >= 41);
    drop(transaction);
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_says_how_to() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (at date) PARTITION BY RANGE (at);
         CREATE TABLE t_old PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('2000-01-01');
         CREATE TABLE t_2000 PARTITION OF t FOR VALUES FROM ('2000-01-01') TO ('2001-01-01')",
    );
    let before = database.fingerprint();
    let mut command = database.process("convert");
    command.args(["premake", "t", "--retain", "5 years", "--old", "drop"]);
    let shown = ran(&mut command).ok();
    for text in ["1 year a partition", "to make", "t_old", "to drop", "--run"] {
        assert!(shown.out.contains(text), "{text}: {shown:#?}");
    }
    assert!(!shown.out.contains("t_2001"), "too old to be made: {shown:#?}");
    database.assert_unchanged(&before, "dry run");
    command.arg("--run");
    let _ = ran(&mut command).ok();
    let shown = ran(&mut command).ok();
    assert!(shown.out.contains("nothing to do"), "{shown:#?}");
    assert_eq!(
        database.count("SELECT count(*) FROM pg_class WHERE relname IN ('t_old', 't_2000')"),
        0
    );
}

#[tokio::test]
async fn what_cannot_be_kept_ahead_says_why() {
    let database = server().database();
    database.batch(
        "CREATE TABLE plain (at date);
         CREATE TABLE hash (at date) PARTITION BY HASH (at);
         CREATE TABLE empty (at date) PARTITION BY RANGE (at);
         CREATE TABLE text (at text) PARTITION BY RANGE (at);
         CREATE TABLE expression (at date) PARTITION BY RANGE ((at + 1));
         CREATE TABLE hours (at timestamp) PARTITION BY RANGE (at);
         CREATE TABLE hours_1 PARTITION OF hours FOR VALUES FROM ('2026-01-01 01:00') TO ('2026-01-01 02:00');
         CREATE TABLE zone (at timestamptz) PARTITION BY RANGE (at);
         CREATE TABLE zone_1 PARTITION OF zone FOR VALUES FROM ('2026-01-01 00:00+01') TO ('2026-02-01 00:00+01')",
    );
    for (table, zone, says) in [
        ("plain", None, "is not partitioned"),
        ("hash", None, "partitioned by HASH (at)"),
        ("empty", None, "no partition to go by"),
        ("text", None, "no periods"),
        ("expression", None, "is an expression"),
        ("hours", None, "no beginnings of days"),
        ("zone", None, "--time-zone"),
        ("zone", Some("UTC"), "in time zone UTC"),
    ] {
        let error = survey(&database, table, &wish(2, zone), "2026-01-15T00:00:00Z").await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains(says), "{table}: {text}");
    }
    carried_out(&database, "zone", &wish(1, Some("Europe/Berlin")), "2026-01-15T00:00:00Z").await;
}

#[tokio::test]
async fn an_index_is_replica_identity_and_clustered_as_the_siblings_is() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (at date NOT NULL, id int NOT NULL) PARTITION BY RANGE (at);
         CREATE UNIQUE INDEX t_key ON t (id, at); CREATE INDEX t_at ON t (at);
         CREATE TABLE t_2026_10 PARTITION OF t FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
         ALTER TABLE t_2026_10 REPLICA IDENTITY USING INDEX t_2026_10_id_at_idx, CLUSTER ON t_2026_10_at_idx",
    );
    carried_out(&database, "t", &wish(1, None), "2026-10-21T00:00:00Z").await;
    let marked = database.texts(
        "SELECT format('%s %s %s', indexrelid::regclass, indisreplident, indisclustered) FROM pg_index
         WHERE indrelid = 't_2026_11'::regclass ORDER BY 1",
    );
    assert_eq!(marked, ["t_2026_11_at_idx f t", "t_2026_11_id_at_idx t f"]);
    // Without it, a published table without primary key refuses this.
    database.batch(
        "CREATE PUBLICATION p FOR TABLE t; INSERT INTO t VALUES ('2026-11-05', 1); DELETE FROM t",
    );
}
