//! Keys without the rest of a row, as the demonstration tables take them.

use std::collections::HashMap;

use jiff::civil::date;
use lab::catalog::{RowCount, tree};
use rand::SeedableRng;
use testbed::Database;

use super::keys;
use crate::rows::value::{Line, day};
use crate::rows::{Column, Keys, Random, Wish};

const SALES: &str = "
    CREATE TABLE sales (id bigint GENERATED ALWAYS AS IDENTITY, sale_date date NOT NULL,
        category text NOT NULL, quantity int NOT NULL) PARTITION BY RANGE (sale_date);
    CREATE TABLE sales_q1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')
        PARTITION BY LIST (category);
    CREATE TABLE sales_q1_a PARTITION OF sales_q1 FOR VALUES IN ('a');
    CREATE TABLE sales_q1_other PARTITION OF sales_q1 DEFAULT;
    CREATE TABLE sales_q2 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-07-01');
    CREATE TABLE sales_default PARTITION OF sales DEFAULT;
    CREATE TABLE users (id int) PARTITION BY HASH (id);
    CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    CREATE TABLE plain (id int)";

const DATE: u32 = 1082;
const TEXT: u32 = 25;
const INT4: u32 = 23;

fn columns(names: &[(&str, u32)]) -> Vec<Column> {
    names.iter().map(|(name, oid)| Column { name: (*name).to_owned(), type_oid: *oid }).collect()
}

async fn found(
    database: &Database,
    table: &str,
    columns: &[Column],
    wish: &Wish,
) -> lab::Result<Option<Box<dyn Keys>>> {
    let session = database.session("load").await;
    let tree = tree(session.client(), table, RowCount::Estimated).await?.expect("a table");
    keys(&session, &tree, columns, wish).await
}

/// How often each day (since 2000) and category comes among 1,000 keys.
fn counts(keys: &mut Box<dyn Keys>) -> HashMap<(i64, String), usize> {
    let mut random = Random::seed_from_u64(3);
    let mut counts = HashMap::new();
    let mut clone = keys.clone_box();
    for n in 0..1_000 {
        let keys = if n % 2 == 0 { &mut *keys } else { &mut clone };
        keys.next(&mut random);
        assert_eq!(keys.value(0), None, "quantity is no part of the key");
        let day = Line::Date.at(keys.value(2).expect("a date")).expect("a day").floor;
        let category = keys.value(1).map(|text| String::from_utf8_lossy(text).into_owned());
        *counts.entry((day, category.unwrap_or_default())).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn keys_are_spread_over_leaves_and_narrowed_by_dates() {
    let database = testbed::server().database();
    database.batch(SALES);
    let columns = columns(&[("quantity", INT4), ("category", TEXT), ("sale_date", DATE)]);
    let mut keys = found(&database, "sales", &columns, &Wish::default()).await.unwrap().unwrap();
    let counts_of = counts(&mut keys);
    let april = day(date(2024, 4, 1));
    let share = |test: &dyn Fn(&(i64, String)) -> bool| -> usize {
        counts_of.iter().filter(|(key, _)| test(key)).map(|(_, count)| count).sum()
    };
    // In the second quarter the category is free, and `category` is not the key's.
    let (first, second) = (
        share(&|(day, category)| *day < april && category == "a"),
        share(&|(day, category)| *day >= april && category.is_empty()),
    );
    assert_eq!(first + second, 1_000);
    assert!((400..600).contains(&first), "{first}");

    let dates = Some((date(2024, 5, 6), date(2024, 5, 7)));
    let wish = Wish { dates, ..Wish::default() };
    let mut keys = found(&database, "sales", &columns, &wish).await.unwrap().unwrap();
    assert_eq!(counts(&mut keys).into_keys().map(|(day, _)| day).max(), Some(april + 35));
    assert_eq!(counts(&mut keys).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_steered_has_no_keys() {
    let database = testbed::server().database();
    database.batch(SALES);
    let id = columns(&[("id", INT4)]);
    for table in ["users", "plain"] {
        let keys = found(&database, table, &id, &Wish::default()).await.unwrap();
        assert!(keys.is_none(), "{table}");
    }
    let strays = Wish { out_of_range: Some(5.0), ..Wish::default() };
    assert!(found(&database, "users", &id, &strays).await.is_err());
}
