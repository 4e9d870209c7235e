//! Wrong input, all over the commands: each gets its exit code, words that help, a next step, and
//! changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod case;
mod places;

use testbed::Database;

use case::{Case, case};
use places::{Places, SmallDisk};

#[tokio::test]
async fn wrong_input_is_named_with_a_next_step_and_changes_nothing() {
    let places = Places::new().await;
    let disk = SmallDisk::mount(places.folder.path(), 24);
    let mut cases = usage(&places.ready);
    cases.extend(settings(&places));
    cases.extend(connections(&places));
    cases.extend(databases(&places));
    cases.extend(broken_scripts(&places));
    cases.extend(queries(&places.ready));
    cases.extend(outputs(&places.ready));
    cases.extend(disk.iter().map(full_disk));
    let number = cases.len();
    assert!(number >= 80, "{number} cases");
    let wrong: Vec<_> = cases.into_iter().filter_map(|case| case.check().err()).collect();
    assert!(wrong.is_empty(), "{} of {number} cases:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Arguments and flags.
fn usage(ready: &Database) -> Vec<Case> {
    let case = |line, says| case(line, &[]).on(ready).exits(2, says);
    vec![
        case("repartition spilt", &["'spilt'", "'split'"]),
        case("repartition split add", &["unexpected argument 'add'"]),
        case("repartition split --step --dry-run", &["'--step'", "'--dry-run'"]),
        case("demo colours", &["'colours'"]),
        case("demo query", &["<SQL>"]),
        case("demo query x --timeout 0", &["0", "1..="]),
        case("load -5", &["-5", "0..="]),
        case("load soon", &["soon"]),
        case("load 10 0", &["0", "1..="]),
        case("load 10 -1", &["-1"]),
        case("load 10 1 2", &["unexpected argument '2'"]),
        case("load 10 1 --seed today", &["today", "--seed"]),
        case("setup --scale 0", &["0", "1..="]),
        case("setup --scale many", &["many"]),
        case("setup --scale 100001", &["100001"]),
        case("setup --until never", &["never", "base"]),
        case("setup --colour never", &["--colour"]),
        case("setup --format xml", &["xml", "json"]),
        case("setup again", &["again"]),
    ]
}

/// The environment, `.env`, and folders.
fn settings(places: &Places) -> Vec<Case> {
    let Places { ready, folder, .. } = places;
    let dotenv =
        places.file("dotenv/.env", "POSTGRES_PASSWORD=secret\nthis is no setting secret\n");
    let letter = places.file("foreign/letter.txt", "Dear Ann");
    let foreign = letter.parent().unwrap();
    let setup = || case("setup", &[]);
    vec![
        setup()
            .env("DATABASE_URL", "mysql://ann:secret@db/shop")
            .exits(2, &["DATABASE_URL", "postgresql://"]),
        case("load --database-url", &["postgresql://ann:secret@db:port/shop"])
            .exits(2, &["--database-url is no connection URL"]),
        case("demo --database-url", &["postgresql://ann:secret@db/shop?colour=red"])
            .exits(2, &["colour"]),
        setup().on(ready).env("PGCONNECT_TIMEOUT", "soon").exits(2, &["PGCONNECT_TIMEOUT", "soon"]),
        setup()
            .env("POSTGRES_PORT", "fivefour")
            .exits(2, &["POSTGRES_PORT", "fivefour", "1 to 65535"]),
        setup().env("POSTGRES_PORT", "0").exits(2, &["POSTGRES_PORT"]),
        setup()
            .on(ready)
            .env("PGSSLMODE", "maybe")
            .exits(2, &["PGSSLMODE", "maybe", "verify-full"]),
        case("load 10 1", &[])
            .on(ready)
            .env("SIMULATOR_INTERVAL_MS", "-5")
            .exits(2, &["SIMULATOR_INTERVAL_MS"]),
        case("repartition add", &[])
            .env("POSTGRES_PORT", "70000")
            .env("PGSSLMODE", "on")
            .env("SIMULATOR_INTERVAL_MS", "fast")
            .exits(2, &["3 settings", "POSTGRES_PORT", "PGSSLMODE", "SIMULATOR_INTERVAL_MS"]),
        setup()
            .within(dotenv.parent().unwrap())
            .exits(2, &["cannot read .env", "line 2", ".env.example"]),
        setup()
            .env("PARTITION_LAB_HOME", folder.path().join("unmade"))
            .env("PG_BIN", foreign)
            .exits(2, &["no initdb", "PG_BIN"]),
        case("server start --port 0", &[]).exits(2, &["--port", "1..="]),
        case("server start --port", &[&places.tcp.to_string()])
            .env("PARTITION_LAB_HOME", folder.path().join("unmade"))
            .exits(1, &["another program uses it", "start --port"]),
        setup()
            .env("PARTITION_LAB_HOME", foreign)
            .exits(2, &["not ours to use", "PARTITION_LAB_HOME"]),
        setup()
            .env("PARTITION_LAB_HOME", letter.join("home"))
            .exits(2, &["letter.txt", "PARTITION_LAB_HOME"]),
    ]
}

/// Servers that do not let us in.
fn connections(places: &Places) -> Vec<Case> {
    let tcp = |password: &str, rest: &str| {
        format!("postgresql://postgres:{password}@127.0.0.1:{}/partition_demo{rest}", places.tcp)
    };
    let setup = |url: &str| case("setup", &[]).env("DATABASE_URL", url);
    let here = testbed::server().attached();
    let missing = lab::server::socket_url(&here.socket, here.port, "no_such_database");
    let nowhere = lab::server::socket_url(std::path::Path::new("/nonexistent"), 5432, "x");
    vec![
        setup("postgresql://ann@127.0.0.1:1/shop")
            .exits(1, &["ann@127.0.0.1:1/shop", "refused", "unset DATABASE_URL"]),
        setup("postgresql://ann@no-such-host.invalid/shop").exits(1, &["no-such-host.invalid"]),
        setup(&nowhere).exits(1, &["/nonexistent"]),
        case("load 10 1", &[])
            .env("POSTGRES_HOST", "127.0.0.1")
            .env("POSTGRES_PORT", "1")
            .exits(1, &["refused", "POSTGRES_HOST, POSTGRES_PORT"]),
        setup(&tcp("secret", ""))
            .exits(1, &["password authentication failed", "28P01", "POSTGRES_PASSWORD"]),
        setup(&missing).exits(1, &["no_such_database", "3D000", "createdb"]),
        setup(&missing.replace("postgres@", "no_such_role@")).exits(1, &["no_such_role", "28000"]),
        setup(&tcp("secret", "?sslmode=require")).exits(1, &["TLS"]),
        setup(&tcp("secret", "?sslmode=verify-ca&sslrootcert=/nonexistent/ca.pem"))
            .exits(2, &["/nonexistent/ca.pem", "No such file"]),
    ]
}

/// Databases that are not as they should be.
fn databases(places: &Places) -> Vec<Case> {
    let Places { empty, ready, .. } = places;
    let role =
        "CREATE ROLE THIS_guest LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO THIS_guest";
    let guest = Places::with(ready, role);
    let as_guest = format!("{}_guest", guest.name());
    let newcomer = Places::with(empty, role);
    let as_newcomer = format!("{}_guest", newcomer.name());
    let read_only = "ALTER DATABASE THIS SET default_transaction_read_only = on";
    let fixed = Places::with(ready, read_only);
    let fixed_empty = Places::with(empty, read_only);
    let strange = Places::with(empty, "CREATE TABLE sales_data AS SELECT 1 AS mine");
    let archive = Places::with(ready, "CREATE TABLE event_logs_archive AS SELECT 1 AS mine");
    vec![
        case("setup", &[]).on(&fixed_empty).exits(1, &["25006", "read-only"]),
        case("setup --reset", &[]).on(&fixed).exits(1, &["25006", "read-only"]),
        case("load 10 1", &[]).on(&fixed).exits(1, &["25006", "inserts failed"]).documented(),
        case("repartition split", &[]).on(&fixed).exits(1, &["25006", "rolled back"]),
        case("setup", &[]).on_as(&newcomer, &as_newcomer).exits(1, &["42501", "GRANT"]),
        case("load 10 1", &[]).on_as(&guest, &as_guest).exits(1, &["42501", "GRANT"]).documented(),
        case("repartition add", &[]).on_as(&guest, &as_guest).exits(1, &["42501", "rolled back"]),
        case("setup", &[]).on(&strange).exits(1, &["public.sales_data", "did not make it"]),
        case("setup --reset", &[]).on(&strange).exits(1, &["public.sales_data", "did not make it"]),
        case("repartition detach", &[])
            .on(&archive)
            .exits(1, &["event_logs_archive", "did not make it"]),
        case("load 10 1", &[])
            .on(empty)
            .exits(1, &["no table public.event_logs", "cargo run -p setup"]),
        case("demo", &[]).on(empty).exits(1, &["event_logs", "cargo run -p setup"]),
        case("demo traps", &[]).on(empty).exits(1, &["cargo run -p setup"]),
        case("demo check", &[]).on(empty).exits(1, &["cargo run -p setup"]),
        case("load 10 1", &[])
            .on(&Places::with(ready, "DROP TABLE sales_data"))
            .exits(1, &["no table public.sales_data"]),
        case("repartition split", &[])
            .on(&Places::with(ready, "DROP TABLE event_logs_2024_02"))
            .exits(1, &["no partition event_logs_2024_02", "repartition -- cleanup"])
            .documented(),
    ]
}

/// `--scripts` with something wrong in it.
fn broken_scripts(places: &Places) -> Vec<Case> {
    const RANGE: &str = "01_range_partitions.sql";
    const SPLIT: &str = "repartition/11_split_partition.sql";
    const RANGE_LESSONS: &str = "queries/20_range_queries.sql";
    let with = |case: Case, name: &str, text: &str| {
        let header = "-- x.sql: x\n-- Runs: in one transaction\n\n";
        case.script(name, Some(&format!("{header}{text}")))
    };
    let setup = |text| with(case("setup", &[]).on(&places.base), RANGE, text);
    // Wrong in a way that shows before anything runs.
    let unread = |text| with(case("setup", &[]).on(&places.empty), RANGE, text);
    let split = |text| with(case("repartition split", &[]).on(&places.ready), SPLIT, text);
    let lessons = |text| with(case("demo range", &[]).on(&places.ready), RANGE_LESSONS, text);
    let lost =
        "DELETE FROM public.event_logs;\nDO $$ BEGIN RAISE EXCEPTION 'rows were lost'; END $$;\n";
    vec![
        case("setup --scripts /nonexistent", &[]).exits(2, &["/nonexistent", "no such folder"]),
        case("setup", &[])
            .on(&places.empty)
            .script("04_composite_partitions.sql", None)
            .exits(1, &["04_composite_partitions.sql", "No such file"]),
        case("setup", &[])
            .on(&places.empty)
            .script(RANGE, Some("SELECT 1;"))
            .exits(1, &["Runs:", RANGE]),
        unread("\\timing on\n").exits(1, &[":4:", "\\timing", "psql"]),
        unread("SELECT 1;\nSELECT 'x;\n").exits(1, &[":5:", "never ends"]),
        unread("-- nothing\n").exits(1, &["no statement"]),
        unread("COMMIT;\n").exits(1, &[":4:", "COMMIT"]),
        setup("SELECT 1;\nSELEC 2;\n").exits(1, &["01_range_partitions.sql:5:", "42601", "^"]),
        setup("CREATE TABLE public.made (x int);\nSELECT 1 / 0;\n")
            .exits(1, &[":5:", "22012", "rolled back"]),
        split("DROP TABLE public.event_logs_2024_02;\nSELEC 2;\n")
            .exits(1, &[":5:", "42601", "rolled back"]),
        split(lost).exits(1, &["rows were lost", "rolled back"]),
        lessons("SELECT 1;\n").exits(1, &["20_range_queries.sql:4", "lesson"]),
    ]
}

/// `demo query`.
fn queries(ready: &Database) -> Vec<Case> {
    let case =
        |sql: &str, code, says| case("demo query --timeout 1", &[sql]).on(ready).exits(code, says);
    vec![
        case(
            "INSERT INTO event_logs (event_type, user_id) VALUES ('x', 1)",
            1,
            &["25006", "read-only"],
        ),
        case("SELECT 1; DROP TABLE event_logs", 2, &["more than one statement"]),
        case("SELECT * FROM event_logs WHERE id = $1", 2, &["$1 has no value"]),
        case("SELECT * FORM event_logs", 1, &["42601", "SELECT * FORM event_logs", "^"]),
        case("SELECT * FROM event_log", 1, &["42P01", "event_log"]),
        case("SELECT pg_sleep(60)", 1, &["57014", "--timeout"]),
        case(" -- nothing ", 2, &["no statement"]),
        case("VACUUM", 2, &["VACUUM"]),
        case("EXPLAIN SELECT 1", 2, &["without EXPLAIN"]),
    ]
}

/// Nobody can read the answer.
fn outputs(ready: &Database) -> Vec<Case> {
    let says = &["cannot write the output", "No space left"][..];
    vec![
        case("repartition", &[]).on(ready).into_full_device().exits(1, says),
        case("repartition split", &[]).on(ready).into_full_device().exits(1, says),
        case("setup --reset", &[]).on(ready).into_full_device().exits(1, says),
        case("repartition", &[]).on(ready).into_closed_pipe().exits(0, &[]),
        case("demo", &[]).on(ready).into_closed_pipe().exits(0, &[]),
    ]
}

/// A disk with room for the tables and not for their rows.
fn full_disk(disk: &SmallDisk) -> Case {
    let database = testbed::server().database();
    let place = disk.path.display();
    database.batch(&format!("CREATE TABLESPACE {}_small LOCATION '{place}'", database.name()));
    database
        .batch(&format!("ALTER DATABASE {0} SET default_tablespace = {0}_small", database.name()));
    let full = || {
        case("setup --scale 1000", &[])
            .on(&database)
            .exits(1, &["53100", "free space", "rolled back"])
    };
    // The first time it makes the tables, which fit, and records them: the second has nothing to add.
    full().prepare();
    full()
}
