//! What the tables of `setup` take, before they are partitioned.

use rand::SeedableRng;
use testbed::{Database, server};
use tokio_postgres::types::{ToSql, Type};

use super::{MIX, Table};
use crate::fields::on_server::{Raw, written};
use crate::rows::Random;

const TABLES: &str = include_str!("../../../../../scripts/00_setup_base_tables.sql");
const ROWS: i64 = 500;

/// Inserts rows of `table` as the load does: columns by name, values by position and type.
async fn insert(database: &Database, table: Table) {
    let mut source = table.source(1, None, None);
    let names: Vec<&str> = source.columns.iter().map(|column| column.name.as_str()).collect();
    let types: Vec<Type> =
        source.columns.iter().map(|column| Type::from_oid(column.type_oid).unwrap()).collect();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
    let (names, places) = (names.join(", "), places.join(", "));
    let sql = format!("INSERT INTO {} ({names}) VALUES ({places})", source.table);
    let client = database.client().await;
    let statement = client.prepare_typed(&sql, &types).await.unwrap();
    let mut random = Random::seed_from_u64(1);
    for _ in 0..ROWS {
        let values: Vec<Raw> = written(|fields| source.rows.write(&mut random, fields));
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        client.execute(&statement, &values).await.unwrap();
    }
}

#[tokio::test]
async fn values_fit_their_columns_and_each_other() {
    let database = server().database();
    database.batch(TABLES);
    for (table, _) in MIX {
        insert(&database, table).await;
    }
    for fits in [
        "FROM event_logs WHERE user_id BETWEEN 1 AND 10000 AND ip_address << '10.0.0.0/8'
            AND event_data ?| CASE event_type
                WHEN 'search' THEN '{results}' WHEN 'purchase' THEN '{order_total}'
                WHEN 'login' THEN '{method}' WHEN 'error' THEN '{status}' ELSE '{ms}' END::text[]
            AND created_at >= '2024-01-01' AND created_at < '2025-01-01'",
        "FROM users_distributed WHERE email LIKE username || '@example.%'
            AND username ~ '_[0-9a-f]{8}$' AND length(country_code) = 2
            AND registration_date BETWEEN '2023-01-01' AND '2024-12-31'",
        "FROM orders_by_region WHERE order_total BETWEEN 5 AND 1000 AND scale(order_total) = 2
            AND order_number ~ ('^ORD-' || to_char(created_at, 'YYYYMMDD') || '-[0-9a-f]{12}$')",
        "FROM sales_data WHERE total_amount = quantity * unit_price AND unit_price >= 3
            AND product_id BETWEEN 1 AND 500 AND store_id BETWEEN 1 AND 40",
    ] {
        assert_eq!(database.count(&format!("SELECT count(*) {fits}")), ROWS, "{fits}");
    }
}
