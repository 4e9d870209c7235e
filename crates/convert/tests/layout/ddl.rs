//! The server takes every bound, and every row finds its partition.

use convert::layout::{self, Layout};
use convert::portrait;
use convert::request::{Every, Level, Request, Shape};
use lab::Result;
use lab::catalog::quote_ident;
use testbed::{Database, server};

fn request(levels: Vec<Level>) -> Request {
    Request {
        shape: Shape::Table,
        levels,
        default: false,
        ahead: 1,
        time_zone: Some("Europe/Berlin".to_owned()),
        names: Vec::new(),
        unique: std::collections::BTreeMap::new(),
        accept: Vec::new(),
    }
}

fn range(every: Every) -> Level {
    Level::Range { column: "k".to_owned(), every }
}

fn list() -> Level {
    Level::List { column: "k".to_owned() }
}

async fn layout_of(database: &Database, table: &str, request: &Request) -> Result<Layout> {
    let client = database.client().await;
    let oid = client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0);
    let portrait = portrait::read(&client, oid).await?;
    let request = request.clone().completed(&portrait)?;
    let facts = layout::facts(&client, &request, &portrait).await?;
    layout::of(&request, &portrait, &facts)
}

/// Makes the partitions of `layout` under `parent`.
fn partitions(parent: &str, layout: &Layout) -> String {
    let each = layout.parts.iter().map(|part| {
        let name = quote_ident(&part.name);
        let below = part.below.as_ref();
        let by = below.map_or(String::new(), |below| format!(" PARTITION BY {}", below.key));
        format!("CREATE TABLE {name} PARTITION OF {parent} {}{by};\n", part.bound)
            + &below.map_or(String::new(), |below| partitions(&name, below))
    });
    each.collect()
}

/// Makes a table, its layout and the partitioned table; copies all rows. The leaves' names.
async fn converted(table: &str, request: &Request) -> Vec<String> {
    let database = server().database();
    // Whatever the server's settings are, they must not show in a bound.
    database.batch(&format!(
        "ALTER DATABASE {} SET datestyle = 'SQL, DMY'; ALTER DATABASE {} SET timezone = 'Asia/Kathmandu'",
        database.name(),
        database.name()
    ));
    database.batch(table);
    let layout = layout_of(&database, "t", request).await.unwrap();
    database.batch(&format!(
        "CREATE TABLE target (LIKE t) PARTITION BY {}; {} INSERT INTO target SELECT * FROM t;",
        layout.key,
        partitions("target", &layout)
    ));
    let rows = database.count("SELECT count(*) FROM t");
    assert_eq!(database.count("SELECT count(*) FROM target"), rows, "{table}");
    layout.leaves().iter().map(|leaf| leaf.name.clone()).collect()
}

#[tokio::test]
async fn every_row_of_a_range_finds_its_partition() {
    for (table, every, first) in [
        (
            "CREATE TABLE t AS SELECT timestamptz '2023-12-31 23:30+01' + n * interval '1 day' AS k FROM generate_series(0, 800) n",
            Every::Month,
            "t_2023_12",
        ),
        (
            "CREATE TABLE t AS SELECT timestamp '2024-01-31' + n * interval '1 hour' AS k FROM generate_series(0, 999) n; CREATE INDEX ON t (k)",
            Every::Week,
            "t_2024_w05",
        ),
        ("CREATE TABLE t AS SELECT date '0044-03-15 BC' AS k", Every::Year, "t_bc0044"),
        ("CREATE TABLE t (k date)", Every::Day, ""),
        ("CREATE TABLE t (k timestamptz)", Every::Quarter, ""),
        (
            "CREATE TABLE t AS SELECT n AS k FROM generate_series(-50, 50) n",
            Every::Step(7),
            "t_minus_56",
        ),
        (
            "CREATE TABLE t (k int4); INSERT INTO t VALUES (2147483647); CREATE INDEX ON t (k)",
            Every::Step(1000),
            "t_2147483000",
        ),
        (
            "CREATE TABLE t AS SELECT n * 0.3 AS k FROM generate_series(-50, 50) n",
            Every::Step(10),
            "t_minus_20",
        ),
        (
            "CREATE TABLE t (k numeric); INSERT INTO t VALUES (1e20), (1e20 + 5000)",
            Every::Step(1000),
            "t_100000000000000000000",
        ),
        ("CREATE TABLE t (k int8)", Every::Step(1000), "t_0"),
        (
            "CREATE TABLE t AS SELECT (lpad(to_hex(1704067200000 + n::bigint * 86400000), 12, '0') || '7abcbdefbcdefbcdefbc')::uuid AS k FROM generate_series(0, 99) n",
            Every::Month,
            "t_2024_01",
        ),
    ] {
        let leaves = converted(table, &request(vec![range(every)])).await;
        assert!(leaves[0].starts_with(first), "{table}: {leaves:?}");
    }
}

#[tokio::test]
async fn both_ways_to_read_an_extent_agree() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (k timestamptz);
         INSERT INTO t VALUES ('2024-01-01 00:00:00.000001+00'), ('2024-05-05 05:05:05.123456+00'),
                              (NULL), ('infinity'), ('-infinity')",
    );
    let mut request = request(vec![range(Every::Month)]);
    let without = layout_of(&database, "t", &request).await.unwrap_err().to_string();
    assert!(without.contains("infinity") && without.contains("--default"), "{without}");
    request.default = true;
    let scanned = layout_of(&database, "t", &request).await.unwrap();
    database.batch("CREATE INDEX ON t (k)");
    let by_index = layout_of(&database, "t", &request).await.unwrap();
    assert_eq!(scanned, by_index);
    database.batch("UPDATE t SET k = NULL WHERE NOT isfinite(k)");
    request.default = false;
    let error = layout_of(&database, "t", &request).await.unwrap_err().to_string();
    assert!(error.contains("NULL"), "{error}");
}

#[tokio::test]
async fn every_row_of_a_list_finds_its_partition() {
    let long = "x".repeat(200);
    for (table, leaves) in [
        (
            "CREATE TABLE t AS SELECT unnest(ARRAY['EU', 'it''s', '', NULL, 'a\\b', 'eu']) AS k",
            vec!["t_empty", "t_eu", "t_eu_2", "t_it_s", "t_a_b", "t_null"],
        ),
        (
            "CREATE TABLE t AS SELECT n % 3 - 1 AS k FROM generate_series(1, 99) n; CREATE INDEX ON t (k)",
            vec!["t_minus_1", "t_0", "t_1"],
        ),
        (
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (k mood); INSERT INTO t VALUES ('ok')",
            vec!["t_sad", "t_ok"],
        ),
        ("CREATE TABLE t AS SELECT true AS k", vec!["t_false", "t_true"]),
        (
            "CREATE TABLE t AS SELECT timestamptz '2024-05-05 12:00+00' AS k; CREATE INDEX ON t (k)",
            vec!["t_05_05_2024_17_45_00_0545"],
        ),
        (
            &*format!(
                "CREATE TABLE t AS SELECT '{long}'::text || n AS k FROM generate_series(1, 2) n"
            ),
            vec![
                "t_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "t_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_2",
            ],
        ),
    ] {
        let mut found = converted(table, &request(vec![list()])).await;
        let mut wanted: Vec<_> = leaves.into_iter().map(str::to_owned).collect();
        // The order is the database's collation's.
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{table}");
    }
}

#[tokio::test]
async fn two_levels_and_hash() {
    let table = "CREATE TABLE t AS SELECT n % 2 AS k, n AS other, date '2024-01-01' + n % 60 AS day FROM generate_series(1, 500) n";
    let column = |name: &str| name.to_owned();
    for (levels, leaves) in [
        (vec![Level::Hash { column: column("other"), partitions: 5 }], 5),
        (vec![list(), Level::Hash { column: column("other"), partitions: 3 }], 6),
        (vec![list(), Level::Range { column: column("other"), every: Every::Step(100) }], 14),
        (vec![Level::Hash { column: column("k"), partitions: 2 }, list_of("other")], 1_000),
    ] {
        let found = converted(table, &request(levels)).await;
        assert_eq!(found.len(), leaves, "{found:?}");
    }
}

fn list_of(column: &str) -> Level {
    Level::List { column: column.to_owned() }
}

#[tokio::test]
async fn names_in_use_are_not_given_again() {
    let long = "Ü \"x".repeat(12);
    let database = server().database();
    let quoted = quote_ident(&long).into_owned();
    database.batch(&format!(
        "CREATE TABLE {quoted} AS SELECT date '2024-01-01' AS k;
         CREATE VIEW t_2024 AS SELECT 1; CREATE TABLE t AS SELECT date '2024-01-01' AS k"
    ));
    let request = request(vec![range(Every::Year)]);
    let layout = layout_of(&database, "t", &request).await.unwrap();
    assert_eq!(layout.parts[0].name, "t_2024_2");
    let layout = layout_of(&database, &quoted, &request).await.unwrap();
    for leaf in layout.leaves() {
        assert!(leaf.name.len() <= 63 && leaf.name[leaf.name.len() - 5..].starts_with("_20"));
    }
    database.batch(&format!(
        "CREATE TABLE target (LIKE {quoted}) PARTITION BY {}; {}",
        layout.key,
        partitions("target", &layout)
    ));
}

#[tokio::test]
async fn a_split_takes_the_place_of_what_it_splits() {
    let database = server().database();
    database.batch(
        "CREATE TABLE m (k timestamptz) PARTITION BY RANGE (k);
         CREATE TABLE m_2024_02 PARTITION OF m FOR VALUES FROM ('2024-02-01 00:00+01') TO ('2024-03-01 00:00+01');
         INSERT INTO m SELECT timestamptz '2024-02-01 00:00+01' + n * interval '1 hour' FROM generate_series(0, 29 * 24 - 1) n;
         CREATE TABLE h (k int) PARTITION BY HASH (k);
         CREATE TABLE h_p0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE h_p1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         INSERT INTO h SELECT generate_series(1, 100);
         CREATE TABLE l (\"K y\" text) PARTITION BY LIST (\"K y\");
         CREATE TABLE l_all PARTITION OF l FOR VALUES IN ('a', 'it''s', NULL);
         INSERT INTO l VALUES ('a'), ('it''s'), (NULL)",
    );
    let of = |level: Level| Request { shape: Shape::Split, ..request(vec![level]) };
    let none = String::new;
    for (parent, leaf, level, leaves) in [
        ("m", "m_2024_02", Level::Range { column: none(), every: Every::Week }, 4),
        ("h", "h_p1", Level::Hash { column: none(), partitions: 2 }, 2),
        ("l", "l_all", Level::List { column: none() }, 3),
    ] {
        let layout = layout_of(&database, leaf, &of(level)).await.unwrap();
        assert_eq!(layout.parts.len(), leaves);
        database.batch(&format!(
            "CREATE TABLE copy AS TABLE {leaf}; DROP TABLE {leaf}; {}
             INSERT INTO {parent} SELECT * FROM copy; DROP TABLE copy",
            partitions(parent, &layout)
        ));
    }
    assert_eq!(database.count("SELECT count(*) FROM m"), 29 * 24);
    assert_eq!(database.count("SELECT count(*) FROM m_2024_02_week4"), 8 * 24);
    assert_eq!(database.count("SELECT count(*) FROM h"), 100);
    assert_eq!(database.count("SELECT count(*) FROM l"), 3);
}

#[tokio::test]
async fn what_has_no_periods_is_refused() {
    let database = server().database();
    database.batch(
        "CREATE TABLE v4 AS SELECT gen_random_uuid() AS k;
         CREATE TABLE words AS SELECT 'a'::text AS k;
         CREATE TABLE far AS SELECT date '5874000-01-01' AS k;
         CREATE TABLE made (a int, k int GENERATED ALWAYS AS (a * 2) STORED);
         CREATE TABLE stray AS SELECT unnest(ARRAY[date '0900-01-01', '2024-01-01']) AS k",
    );
    for (table, every, says) in [
        ("v4", Every::Month, "version 7"),
        ("words", Every::Month, "no periods"),
        ("words", Every::Step(5), "no periods"),
        ("far", Every::Month, "beyond the years"),
        ("made", Every::Step(5), "generated"),
        ("stray", Every::Week, "that would be 58,"),
        ("stray", Every::Step(5), "for integers"),
    ] {
        let error = layout_of(&database, table, &request(vec![range(every)])).await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains(says), "{table}: {text}");
    }
}
