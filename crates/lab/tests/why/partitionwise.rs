//! Joins and aggregates partition by partition.

use lab::plan::why::Wise;
use lab::plan::{explain, partitionwise};

const TABLES: &str = "
    CREATE TABLE l (k int, v int, w text) PARTITION BY RANGE (k);
    CREATE TABLE r (k int, v int) PARTITION BY RANGE (k);
    CREATE TABLE other_bounds (k int, v int) PARTITION BY RANGE (k);
    CREATE TABLE wide (k bigint, v int) PARTITION BY RANGE (k);
    CREATE TABLE h (k int, v int) PARTITION BY HASH (k);
    CREATE TABLE h2 (k int, v int) PARTITION BY HASH (k);
    CREATE TABLE two (a int, b int, v int) PARTITION BY RANGE (a, b);
    CREATE TABLE two2 (a int, b int, v int) PARTITION BY RANGE (a, b);
    CREATE TABLE e (k int, v int) PARTITION BY RANGE ((k + 1));
    CREATE TABLE e2 (k int, v int) PARTITION BY RANGE ((k + 1));
    DO $$ DECLARE t text; BEGIN
        FOREACH t IN ARRAY ARRAY['l', 'r', 'wide', 'e', 'e2'] LOOP
            FOR i IN 0..3 LOOP
                EXECUTE format('CREATE TABLE %s_%s PARTITION OF %1$s FOR VALUES FROM (%3$s) TO (%4$s)',
                    t, i, i * 1000, i * 1000 + 1000 + (t LIKE 'e%' AND i = 3)::int);
            END LOOP;
        END LOOP;
        FOREACH t IN ARRAY ARRAY['h', 'h2'] LOOP
            FOR i IN 0..3 LOOP
                EXECUTE format('CREATE TABLE %s_%s PARTITION OF %1$s FOR VALUES WITH (MODULUS 4, REMAINDER %2$s)', t, i);
            END LOOP;
        END LOOP;
        FOREACH t IN ARRAY ARRAY['two', 'two2'] LOOP
            FOR i IN 0..3 LOOP
                EXECUTE format('CREATE TABLE %s_%s PARTITION OF %1$s FOR VALUES FROM (%2$s, 0) TO (%3$s, 0)', t, i, i + 1);
            END LOOP;
        END LOOP;
    END $$;
    CREATE TABLE other_bounds_0 PARTITION OF other_bounds FOR VALUES FROM (0) TO (1500);
    CREATE TABLE other_bounds_1 PARTITION OF other_bounds FOR VALUES FROM (1500) TO (4000);
    INSERT INTO l SELECT n, n % 7, 'x' FROM generate_series(0, 3999) n;
    INSERT INTO r SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO wide SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO other_bounds SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO h SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO h2 SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO e SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO e2 SELECT n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO two SELECT n % 4, n, n % 7 FROM generate_series(0, 3999) n;
    INSERT INTO two2 SELECT n % 4, n, n % 7 FROM generate_series(0, 3999) n;
    ANALYZE l, r, other_bounds, wide, h, h2, two, two2, e, e2";

const JOIN: &str = "possible SET enable_partitionwise_join = on";
const AGGREGATE: &str = "possible SET enable_partitionwise_aggregate = on";
const BOTH: &str =
    "possible SET enable_partitionwise_join = on; SET enable_partitionwise_aggregate = on";
const ON: &str =
    "SET LOCAL enable_partitionwise_join = on; SET LOCAL enable_partitionwise_aggregate = on";
const NO: &str = "not_applicable";

fn word(wise: &Wise) -> String {
    let value = serde_json::to_value(wise).unwrap();
    let part = |value: &serde_json::Value| match value["partial"].as_bool() {
        Some(true) => " in part",
        _ => "",
    };
    match wise {
        Wise::Possible { statement, .. } => format!("possible {statement}{}", part(&value)),
        Wise::Impossible { .. } => {
            format!("impossible {}", value["obstacle"]["kind"].as_str().unwrap())
        }
        _ => format!("{}{}", value["kind"].as_str().unwrap(), part(&value)),
    }
}

#[tokio::test]
async fn used_possible_and_impossible() {
    let mut client = testbed::server().database().client().await;
    client.batch_execute(TABLES).await.unwrap();
    let in_part = format!("{AGGREGATE} in part");
    for (setup, sql, join, aggregate) in [
        ("", "SELECT * FROM l JOIN r ON l.k = r.k", JOIN, NO),
        ("", "SELECT * FROM l LEFT JOIN r USING (k) WHERE l.v = 3", JOIN, NO),
        ("", "SELECT * FROM l a JOIN l b ON a.k = b.k", JOIN, NO),
        ("", "SELECT * FROM h JOIN h2 USING (k)", JOIN, NO),
        ("", "SELECT * FROM two JOIN two2 ON two.a = two2.a AND two2.b = two.b", JOIN, NO),
        ("", "SELECT * FROM e JOIN e2 ON e.k + 1 = e2.k + 1", JOIN, NO),
        ("", "SELECT * FROM l JOIN r ON l.k = r.v", "impossible not_on_key", NO),
        (
            "",
            "SELECT * FROM l JOIN r ON l.v = r.v WHERE l.k < 1500 AND r.k > 2500",
            "impossible not_on_key",
            NO,
        ),
        (
            "",
            "SELECT * FROM two JOIN two2 ON two.a = two2.a AND two2.v = two.b",
            "impossible not_on_key",
            NO,
        ),
        ("", "SELECT * FROM e JOIN e2 ON e.k = e2.k", "impossible not_on_key", NO),
        ("", "SELECT * FROM l JOIN other_bounds USING (k)", "impossible other_bounds", NO),
        ("", "SELECT * FROM l JOIN wide USING (k)", "impossible other_key", NO),
        ("", "SELECT * FROM l JOIN h USING (k)", "impossible other_key", NO),
        ("", "SELECT * FROM l JOIN r ON l.k = r.k WHERE l.k < 1000 AND r.k < 1000", NO, NO),
        ("", "SELECT * FROM l, r WHERE l.k = 5 AND r.v = 3", NO, NO),
        ("", "SELECT * FROM l", NO, NO),
        (ON, "SELECT * FROM l JOIN r ON l.k = r.k", "used", NO),
        (ON, "SELECT * FROM l JOIN r ON l.k = r.v", "impossible not_on_key", NO),
        // Each branch has one partition a side: an Append of joins, and yet not by partition.
        (
            ON,
            "SELECT l.k FROM l JOIN r ON l.k = r.k WHERE l.k = 5
             UNION ALL SELECT l.k FROM l JOIN r ON l.k = r.k WHERE l.k = 1005",
            NO,
            NO,
        ),
        ("", "SELECT k, count(*) FROM l GROUP BY k", NO, AGGREGATE),
        ("", "SELECT v, count(*) FROM l GROUP BY v", NO, &in_part),
        ("", "SELECT count(*) FROM l", NO, &in_part),
        ("", "SELECT count(*) FROM l WHERE k = 5", NO, NO),
        (ON, "SELECT k, count(*) FROM l GROUP BY k", NO, "used"),
        (ON, "SELECT v, count(*) FROM l GROUP BY v", NO, "used in part"),
        ("", "SELECT l.k, count(*) FROM l JOIN r USING (k) GROUP BY l.k", JOIN, BOTH),
        ("", "SELECT l.v, array_agg(DISTINCT w) FROM l GROUP BY l.v", NO, "not_chosen"),
    ] {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(setup).await.unwrap();
        let explained = explain(&tx, sql).await.unwrap();
        let found = partitionwise(&tx, sql, &explained).await.unwrap();
        let words = (word(&found.join), word(&found.aggregate));
        let text = format!("{sql}\n{} / {}", found.join, found.aggregate);
        assert_eq!(words, (join.to_owned(), aggregate.to_owned()), "{text}\n{:#?}", explained.plan);
        if let Wise::Possible { cost, cost_then, .. } = found.join {
            assert!(cost > 0.0 && cost_then > 0.0, "{text}");
        }
    }
}
