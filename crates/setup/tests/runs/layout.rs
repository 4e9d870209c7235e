//! What stands in an empty database after setup.

use crate::bench::{TABLES, after_setup, assert_complete, json};

#[test]
fn an_empty_database_gets_four_partitioned_tables_and_the_old_ones() {
    let database = testbed::server().database();
    let document = json(&database, &[]).ok().document();
    assert_complete(&document, 1);
    let fields: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["elapsed_ms", "server", "tables"]);
    assert_eq!(document["server"]["kind"], "url");
    assert_eq!(document["server"]["version"], *testbed::server().attached().version);
    assert!(document["elapsed_ms"].as_f64().unwrap() > 0.0);
    for (table, rows, leaves) in TABLES {
        let kind = |name: &str| {
            database
                .text(&format!("SELECT relkind::text FROM pg_class WHERE oid = '{name}'::regclass"))
        };
        assert_eq!(kind(table), "p");
        assert_eq!(kind(&format!("{table}_old")), "r");
        for name in [table.to_owned(), format!("{table}_old")] {
            assert_eq!(database.count(&format!("SELECT count(*) FROM {name}")), rows.cast_signed());
        }
        let tree = format!("SELECT count(*) FROM pg_partition_tree('{table}') WHERE isleaf");
        assert_eq!(database.count(&tree), leaves.cast_signed());
        let same =
            format!("SELECT count(*) FROM (TABLE {table} EXCEPT ALL TABLE {table}_old) AS more");
        assert_eq!(database.count(&same), 0, "{table} has the old table's rows");
    }
}

#[test]
fn the_partitions_are_those_of_the_specification() {
    let found = after_setup().texts(
        "SELECT relid::regclass || ' ' || pg_get_expr(relpartbound, relid)
         FROM unnest('{event_logs,users_distributed,orders_by_region,sales_data}'::regclass[]) AS root,
              pg_partition_tree(root) JOIN pg_class ON oid = relid
         WHERE level > 0 ORDER BY 1",
    );
    let month = |name: &str, from: &str, to: &str| {
        format!("event_logs_{name} FOR VALUES FROM ('{from} 00:00:00') TO ('{to} 00:00:00')")
    };
    let hash = |n: u8| format!("users_distributed_p{n} FOR VALUES WITH (modulus 4, remainder {n})");
    let mut wanted = vec![
        month("2024_01", "2024-01-01", "2024-02-01"),
        month("2024_02", "2024-02-01", "2024-03-01"),
        month("2024_03", "2024-03-01", "2024-04-01"),
        "event_logs_default DEFAULT".to_owned(),
        "orders_north_america FOR VALUES IN ('US', 'CA', 'MX')".to_owned(),
        "orders_europe FOR VALUES IN ('UK', 'DE', 'FR', 'IT', 'ES')".to_owned(),
        "orders_asia_pacific FOR VALUES IN ('JP', 'CN', 'AU', 'IN', 'SG')".to_owned(),
        "orders_other DEFAULT".to_owned(),
        "sales_2024_q1 FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')".to_owned(),
        "sales_2024_q2 FOR VALUES FROM ('2024-04-01') TO ('2024-07-01')".to_owned(),
        "sales_default DEFAULT".to_owned(),
    ];
    wanted.extend((0..4).map(hash));
    for quarter in ["sales_2024_q1", "sales_2024_q2"] {
        wanted.push(format!("{quarter}_electronics FOR VALUES IN ('electronics', 'computers')"));
        wanted
            .push(format!("{quarter}_clothing FOR VALUES IN ('clothing', 'shoes', 'accessories')"));
        wanted.push(format!("{quarter}_other DEFAULT"));
    }
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn keys_indexes_and_sequences_have_the_plain_names_and_reach_every_leaf() {
    let database = after_setup();
    let keys = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype IN ('p', 'u') AND conparentid = 0
          AND connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '_old$' ORDER BY 1";
    assert_eq!(
        database.texts(keys),
        [
            "event_logs event_logs_pkey PRIMARY KEY (id, created_at)",
            "orders_by_region orders_by_region_pkey PRIMARY KEY (id, region)",
            "sales_data sales_data_pkey PRIMARY KEY (id, sale_date, product_category)",
            "users_distributed users_distributed_pkey PRIMARY KEY (id)",
        ]
    );
    for (table, indexes) in [
        ("event_logs", &["created_at_idx", "event_type_idx", "pkey", "user_id_idx"][..]),
        ("users_distributed", &["email_idx", "pkey", "username_idx"]),
        ("orders_by_region", &["order_status_idx", "pkey", "region_idx", "user_id_idx"]),
        ("sales_data", &["pkey", "product_category_idx", "product_id_idx", "sale_date_idx"]),
    ] {
        let sql = |table: &str| {
            format!(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '{table}'::regclass ORDER BY 1"
            )
        };
        let names: Vec<String> = indexes.iter().map(|index| format!("{table}_{index}")).collect();
        assert_eq!(database.texts(&sql(table)), names);
        let leaves =
            format!("SELECT relid::regclass::text FROM pg_partition_tree('{table}') WHERE isleaf");
        for leaf in database.texts(&leaves) {
            assert_eq!(database.texts(&sql(&leaf)).len(), indexes.len(), "{leaf}");
        }
        let sequence = format!("SELECT pg_get_serial_sequence('{table}', 'id')");
        assert_eq!(database.text(&sequence), format!("public.{table}_id_seq"));
    }
    let left = "SELECT relname::text FROM pg_class WHERE relname LIKE '%partitioned%' AND relnamespace = 'public'::regnamespace";
    assert_eq!(database.texts(left), [""; 0]);
    let unmarked = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'Partition Lab: %'";
    assert_eq!(database.texts(unmarked), [""; 0], "tables without our comment");
}

#[test]
fn people_see_every_table_with_its_key_and_a_tick() {
    let database = testbed::server().database();
    let ran = testbed::ran(&mut database.process("setup")).ok();
    for line in [
        "event_logs RANGE (created_at) 4 500 500 ✓",
        "users_distributed HASH (id) 4 200 200 ✓",
        "orders_by_region LIST (region) 4 300 300 ✓",
        "next: cargo run -p demo",
    ] {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let found = ran.out.lines().any(|shown| {
            let shown = words(shown);
            words(line).iter().all(|word| shown.contains(word))
        });
        assert!(found, "no line with {line:?} in\n{}", ran.out);
    }
}
