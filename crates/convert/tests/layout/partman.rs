//! Where `pg_partman` is installed, its configuration is printed, and it works.

use testbed::{Database, ran, server};

use crate::premake::{names, survey, wish};

/// What premake prints below its heading.
fn printed(database: &Database, flags: &[&str]) -> String {
    let mut command = database.process("convert");
    let shown = ran(command.arg("premake").args(flags)).ok();
    let (_, sql) = shown.out.split_once("shall keep them:\n").expect("pg_partman is installed");
    sql.to_owned()
}

#[tokio::test]
async fn its_configuration_goes_on_where_the_partitions_end() {
    let database = server().database();
    let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_partman'";
    if database.count(available) == 0 {
        eprintln!("skipped: this server has no pg_partman");
        return;
    }
    database.batch(
        "CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;
         CREATE TABLE t (at timestamptz NOT NULL) PARTITION BY RANGE (at);
         CREATE TABLE t_2020_01 PARTITION OF t FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00');
         DO $$ DECLARE month timestamptz := date_trunc('month', now(), 'UTC'); BEGIN
             EXECUTE format('CREATE TABLE t_now PARTITION OF t FOR VALUES FROM (%L) TO (%L)', month, month + interval '1 month');
         END $$;
         CREATE TABLE n (id bigint NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE n_first PARTITION OF n FOR VALUES FROM (0) TO (1000)",
    );
    let sql = printed(
        &database,
        &[
            "t",
            "--time-zone",
            "UTC",
            "--retain",
            "12 months",
            "--old",
            "drop",
            "--ahead",
            "3",
            "--run",
        ],
    );
    assert_eq!(names(&database, "t"), ["t_2020_01", "t_now"], "premake itself does nothing");
    // Its procedure commits, so each statement runs alone.
    let client = database.client().await;
    for statement in sql.split_inclusive(';') {
        client.batch_execute(statement).await.unwrap();
    }
    let partitions = names(&database, "t");
    assert!(
        partitions.len() >= 4 && !partitions.contains(&"t_2020_01".to_owned()),
        "{partitions:?}"
    );
    let again = printed(&database, &["t", "--time-zone", "UTC", "--retain", "24 months"]);
    assert!(!again.contains("create_") && again.contains("retention = '24 months'"), "{again}");

    let sql = printed(&database, &["n"]);
    for statement in sql.split_inclusive(';') {
        client.batch_execute(statement).await.unwrap();
    }
    assert!(names(&database, "n").contains(&"n_p4000".to_owned()));
}

#[tokio::test]
async fn each_release_gets_its_own_signature() {
    let database = server().database();
    database.batch(
        "CREATE TABLE n (id bigint NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE n_first PARTITION OF n FOR VALUES FROM (0) TO (1000)",
    );
    let wish = wish(4, None);
    let survey = survey(&database, "n", &wish, "2026-01-01T00:00:00Z").await.unwrap();
    let sql = |version: &str| {
        let partman = convert::premake::Partman {
            schema: "Part man".to_owned(),
            version: version.to_owned(),
        };
        partman.configuration(&(&survey.nodes[0]).into(), &wish, false)
    };
    for (version, holds, lacks) in [
        (
            "4.7.2",
            ["\"Part man\".create_parent(", "p_type => 'native'", "RENAME TO n_p0"],
            "create_partition",
        ),
        (
            "5.1.0",
            ["\"Part man\".create_parent(", "p_type => 'range'", "p_start_partition => '1000'"],
            "RENAME",
        ),
        (
            "5.4.0",
            ["\"Part man\".create_partition(", "p_type => 'range'", "part_config SET"],
            "create_parent",
        ),
    ] {
        let sql = sql(version);
        assert!(holds.iter().all(|text| sql.contains(text)) && !sql.contains(lacks), "{sql}");
    }
}
