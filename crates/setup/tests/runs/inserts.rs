//! Rows that come after setup.

use testbed::{Database, ScriptsCopy, ran};

use crate::bench::{TABLES, after_base, after_setup, json, setup};

/// A row for each table that leaves to the server all that it can.
const INSERTS: [(&str, &str); 4] = [
    ("event_logs", "(event_type, user_id) VALUES ('x', 1)"),
    ("users_distributed", "(username, email) VALUES ('x', 'x@example.com')"),
    (
        "orders_by_region",
        "(order_number, user_id, product_id, region, order_total) VALUES ('x', 1, 1, 'US', 1)",
    ),
    (
        "sales_data",
        "(sale_date, product_category, product_id, quantity, unit_price, total_amount)
         VALUES ('2024-05-05', 'shoes', 1, 1, 1, 1)",
    ),
];

/// Inserts a row into each table and asserts the ids that they get.
fn assert_next_ids(database: &Database, ids: [i64; 4]) {
    for ((table, row), id) in INSERTS.into_iter().zip(ids) {
        let given = database.text(&format!("INSERT INTO {table} {row} RETURNING id::text"));
        assert_eq!(given, id.to_string(), "{table}");
    }
}

#[test]
fn ids_go_on_where_those_of_the_old_tables_ended() {
    assert_next_ids(&after_setup(), [501, 201, 301, 401]);
}

#[test]
fn ids_given_out_and_lost_are_not_given_again() {
    let database = after_base();
    for (table, ..) in TABLES {
        database.batch(&format!("SELECT setval('{table}_id_seq', 9000)"));
    }
    let _ = json(&database, &[]).ok();
    assert_next_ids(&database, [9001; 4]);
}

#[test]
fn ids_set_by_hand_are_not_given_again() {
    let database = after_base();
    for (table, row) in INSERTS {
        let with_id = row.replacen('(', "(id, ", 1).replacen(
            "VALUES (",
            "OVERRIDING SYSTEM VALUE VALUES (7000, ",
            1,
        );
        database.batch(&format!("INSERT INTO {table} {with_id}"));
    }
    let _ = json(&database, &[]).ok();
    assert_next_ids(&database, [7001; 4]);
}

#[test]
fn empty_tables_are_partitioned_too() {
    let scripts = ScriptsCopy::new();
    let header = "-- x.sql: no rows\n-- Runs: in one transaction\n\nSELECT 1;";
    scripts.write("00_initial_seed_data.sql", header);
    let database = testbed::server().database();
    let folder = scripts.path().to_str().unwrap();
    let document = json(&database, &["--scripts", folder]).ok().document();
    for (n, (_, _, leaves)) in TABLES.into_iter().enumerate() {
        let table = &document["tables"][n];
        assert_eq!((&table["partitions"], &table["match"]), (&leaves.into(), &true.into()));
        assert_eq!((&table["rows_old"], &table["rows_new"]), (&0.into(), &0.into()));
    }
    assert_next_ids(&database, [1; 4]);
}

#[test]
fn what_is_outside_every_bound_lands_in_a_default() {
    let database = after_setup();
    for (insert, home) in [
        (
            "event_logs (event_type, user_id, created_at) VALUES ('x', 1, '2023-12-31 23:59:59.999999')",
            "event_logs_default",
        ),
        (
            "event_logs (event_type, user_id, created_at) VALUES ('x', 1, '2024-01-01')",
            "event_logs_2024_01",
        ),
        (
            "event_logs (event_type, user_id, created_at) VALUES ('x', 1, '2024-02-29 23:59:59')",
            "event_logs_2024_02",
        ),
        (
            "event_logs (event_type, user_id, created_at) VALUES ('x', 1, '2024-04-01')",
            "event_logs_default",
        ),
        (
            "event_logs (event_type, user_id, created_at) VALUES ('x', 1, 'infinity')",
            "event_logs_default",
        ),
        ("event_logs (event_type, user_id) VALUES ('x', 1)", "event_logs_default"),
        (
            "orders_by_region (order_number, user_id, product_id, region, order_total) VALUES ('x', 1, 1, 'BR', 1)",
            "orders_other",
        ),
        (
            "orders_by_region (order_number, user_id, product_id, region, order_total) VALUES ('x', 1, 1, 'us', 1)",
            "orders_other",
        ),
        (
            "orders_by_region (order_number, user_id, product_id, region, order_total) VALUES ('x', 1, 1, 'SG', 1)",
            "orders_asia_pacific",
        ),
        (
            "sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount) VALUES ('2024-06-30', 'books', 1, 1, 1, 1)",
            "sales_2024_q2_other",
        ),
        (
            "sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount) VALUES ('2024-03-31', 'computers', 1, 1, 1, 1)",
            "sales_2024_q1_electronics",
        ),
        (
            "sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount) VALUES ('2024-07-01', 'computers', 1, 1, 1, 1)",
            "sales_default",
        ),
    ] {
        let sql = format!("INSERT INTO {insert} RETURNING tableoid::regclass::text");
        assert_eq!(database.text(&sql), home, "{insert}");
    }
}

/// Of all four keys only `region` could be NULL in a table of somebody's own making.
#[test]
fn a_null_key_lands_in_the_default_where_the_column_allows_it() {
    let scripts = ScriptsCopy::new();
    for (name, what, instead) in [
        (
            "00_setup_base_tables.sql",
            "region       varchar(20)   NOT NULL",
            "region       varchar(20)",
        ),
        (
            "03_list_partitions.sql",
            "region       varchar(20)   NOT NULL",
            "region       varchar(20)",
        ),
        (
            "03_list_partitions.sql",
            "ALTER TABLE public.orders_by_region_partitioned ADD CONSTRAINT orders_by_region_pkey PRIMARY KEY (id, region);",
            "",
        ),
    ] {
        let text = scripts.read(name);
        assert!(text.contains(what), "{name} has changed: it lacks {what:?}");
        scripts.write(name, &text.replace(what, instead));
    }
    scripts.insert(
        "00_initial_seed_data.sql",
        usize::MAX,
        "INSERT INTO public.orders_by_region (order_number, user_id, product_id, order_total) VALUES ('none', 1, 1, 1);",
    );
    let database = testbed::server().database();
    let folder = scripts.path().to_str().unwrap();
    let _ = ran(&mut setup(&database, &["--scripts", folder])).ok();
    let home = "SELECT tableoid::regclass::text FROM orders_by_region WHERE region IS NULL";
    assert_eq!(database.text(home), "orders_other");
}

#[test]
fn a_username_is_unique_before_hashing_and_not_after() {
    let base = after_base();
    let name = "SELECT username::text FROM users_distributed WHERE id = 1";
    let insert = |database: &Database| {
        format!(
            "INSERT INTO users_distributed (username, email)
             SELECT '{}', 'x' WHERE true ON CONFLICT DO NOTHING RETURNING 'inserted'",
            database.text(name)
        )
    };
    assert_eq!(base.texts(&insert(&base)), [""; 0]);
    let _ = ran(&mut setup(&base, &[])).ok();
    assert_eq!(base.text(&insert(&base)), "inserted");
}
