//! Sales, of categories with and without a partition.

use rand::RngExt;
use tokio_postgres::types::Type;

use super::dates::Dates;
use super::row::{Columns, Row};
use super::weighted::Weighted;
use super::{PRODUCTS, STORES};
use crate::rows::Random;

pub const COLUMNS: [(&str, Type); 7] = [
    ("sale_date", Type::DATE),
    ("product_category", Type::VARCHAR),
    ("product_id", Type::INT4),
    ("quantity", Type::INT4),
    ("unit_price", Type::NUMERIC),
    ("total_amount", Type::NUMERIC),
    ("store_id", Type::INT4),
];

/// Those from home on have no partition of their own.
static CATEGORIES: Weighted<&str, 100> = Weighted::new([
    ("electronics", 22),
    ("computers", 14),
    ("clothing", 20),
    ("shoes", 12),
    ("accessories", 10),
    ("home", 10),
    ("books", 8),
    ("toys", 4),
]);

/// Invents sales.
#[derive(Clone)]
pub struct Sale {
    dates: Dates,
}

impl Sale {
    /// Sold on `dates`, else in 2024.
    pub fn new(dates: Option<Dates>) -> Self {
        Self { dates: dates.unwrap_or_else(Dates::of_2024) }
    }
}

impl Row for Sale {
    fn write(&mut self, random: &mut Random, columns: &mut Columns<'_, '_>) {
        let quantity = random.random_range(1..=5);
        let unit_cents = random.random_range(300..80_000);
        columns.put(|field| field.date(self.dates.day(random)));
        columns.text(CATEGORIES.choose(random));
        columns.int4(random.random_range(1..=PRODUCTS));
        columns.int4(quantity);
        columns.put(|field| field.numeric(unit_cents, 2));
        columns.put(|field| field.numeric(unit_cents * i64::from(quantity), 2));
        columns.int4(random.random_range(1..=STORES));
    }
}
