//! Seeds, weights, dates and chosen keys.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng};

use super::dates::day_of;
use super::{MIX, Table};
use crate::fields::on_server::{Raw, written};
use crate::rows::{Keys, Random, Source};

/// Values of `n` rows, row by row.
fn rows(source: &mut Source, seed: u64, n: usize) -> Vec<Vec<Raw>> {
    let mut random = Random::seed_from_u64(seed);
    (0..n).map(|_| written(|fields| source.rows.write(&mut random, fields))).collect()
}

fn invented(table: Table, seed: u64, n: usize) -> Vec<Vec<Raw>> {
    rows(&mut table.source(1, None, None), seed, n)
}

/// The place of a column of that name.
fn place(table: Table, column: &str) -> usize {
    table.columns().iter().position(|other| other.name == column).unwrap()
}

fn moment(value: &Raw) -> i64 {
    i64::from_be_bytes(value.bytes().try_into().unwrap())
}

/// The day in a `date` or `timestamp`.
fn day(value: &Raw) -> Date {
    match value.bytes().try_into() {
        Ok(days) => day_of(i64::from(i32::from_be_bytes(days)) * 86_400_000_000),
        Err(_) => day_of(moment(value)),
    }
}

#[test]
fn the_mix_is_that_of_the_specification() {
    assert_eq!(
        MIX.map(|(table, share)| (table.short(), table.name(), share)),
        [
            ("events", "event_logs", 30),
            ("users", "users_distributed", 25),
            ("orders", "orders_by_region", 25),
            ("sales", "sales_data", 20)
        ]
    );
}

#[test]
fn a_seed_gives_the_same_rows_and_another_seed_others() {
    for (table, _) in MIX {
        let bytes = |seed| format!("{:?}", invented(table, seed, 20));
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }
}

#[test]
fn a_clone_invents_the_same_rows() {
    for (table, _) in MIX {
        let mut source = table.source(1, None, None);
        let mut other = Source { rows: source.rows.clone_box(), ..table.source(1, None, None) };
        let rows = |source| format!("{:?}", rows(source, 7, 20));
        assert_eq!(rows(&mut source), rows(&mut other));
    }
}

#[test]
fn a_row_has_a_value_for_each_column_and_texts_fit() {
    for (table, _) in MIX {
        let longest = |column: &str| match column {
            "email" => 100,
            "country_code" => 2,
            "region" | "status" | "order_status" => 20,
            _ => 50,
        };
        let columns = table.columns();
        for row in invented(table, 1, 5_000) {
            assert_eq!(row.len(), columns.len());
            for (column, value) in columns.iter().zip(&row) {
                if column.type_oid == tokio_postgres::types::Type::VARCHAR.oid() {
                    let text = value.text();
                    assert!(text.chars().count() <= longest(&column.name), "{text}");
                }
            }
        }
    }
}

#[test]
fn values_are_as_frequent_as_their_weights_say() {
    for (table, column, value, share) in [
        (Table::Events, "event_type", "page_view", 40),
        (Table::Users, "country_code", "US", 30),
        (Table::Users, "status", "suspended", 3),
        (Table::Orders, "region", "US", 28),
        (Table::Orders, "order_status", "delivered", 35),
        (Table::Sales, "product_category", "electronics", 22),
    ] {
        let place = place(table, column);
        let mut counts = BTreeMap::<String, i32>::new();
        for row in invented(table, 1, 20_000) {
            *counts.entry(row[place].text().to_owned()).or_default() += 1;
        }
        // A standard deviation is at most 71.
        assert!((counts[value] - share * 200).abs() < 700, "{column}: {counts:?}");
    }
    for (table, column, values) in [
        (Table::Events, "event_type", 6),
        (Table::Users, "country_code", 12),
        (Table::Orders, "region", 17),
        (Table::Sales, "product_category", 8),
    ] {
        let place = place(table, column);
        let mut seen: Vec<_> =
            invented(table, 1, 5_000).iter().map(|row| row[place].text().to_owned()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), values, "{seen:?}");
    }
}

const DATED: [(Table, &str); 4] = [
    (Table::Events, "created_at"),
    (Table::Users, "registration_date"),
    (Table::Orders, "created_at"),
    (Table::Sales, "sale_date"),
];

#[test]
fn dates_reach_from_the_first_to_the_last_day() {
    let march = (date(2025, 3, 1), date(2025, 4, 1));
    for (table, column) in DATED {
        let place = place(table, column);
        let first = date(if table == Table::Users { 2023 } else { 2024 }, 1, 1);
        for (dates, first, last) in
            [(None, first, date(2024, 12, 31)), (Some(march), march.0, date(2025, 3, 31))]
        {
            let rows = rows(&mut table.source(1, None, dates), 1, 20_000);
            let days = || rows.iter().map(|row| day(&row[place]));
            assert_eq!(days().min(), Some(first), "{table:?}");
            assert_eq!(days().max(), Some(last), "{table:?}");
        }
    }
}

#[test]
fn an_order_number_names_the_day_of_the_order() {
    let created_at = place(Table::Orders, "created_at");
    for row in invented(Table::Orders, 1, 1_000) {
        let day = day(&row[created_at]).to_string().replace('-', "");
        assert!(row[0].text().starts_with(&format!("ORD-{day}-")), "{} on {day}", row[0].text());
    }
}

/// A key of one column: another number each time.
struct Numbers {
    column: usize,
    last: [u8; 8],
}

impl Keys for Numbers {
    fn next(&mut self, random: &mut Random) {
        self.last = random.random_range(0..1_000_i64).to_be_bytes();
    }

    fn value(&self, column: usize) -> Option<&[u8]> {
        (column == self.column).then_some(&self.last)
    }

    fn clone_box(&self) -> Box<dyn Keys> {
        Box::new(Self { ..*self })
    }
}

#[test]
fn keys_stand_in_for_the_values_of_their_columns_only() {
    for (table, column) in DATED {
        let chosen = place(table, column);
        let keys = Box::new(Numbers { column: chosen, last: [0; 8] });
        let mut source = table.source(1, Some(keys), None);
        let mut other = Source { rows: source.rows.clone_box(), ..table.source(1, None, None) };
        for source in [&mut source, &mut other] {
            let mut moments = Vec::new();
            for row in rows(source, 1, 100) {
                assert_eq!(row.len(), table.columns().len());
                moments.push(moment(&row[chosen]));
                assert!((0..1_000).contains(&moment(&row[chosen])), "{row:?}");
            }
            moments.dedup();
            assert!(moments.len() > 50, "a key for each row: {moments:?}");
        }
    }
}
