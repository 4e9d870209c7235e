//! Orders, from regions with and without a partition.

use rand::{Rng, RngExt};
use tokio_postgres::types::Type;

use super::dates::{Dates, day_of};
use super::row::{Columns, Row};
use super::weighted::Weighted;
use super::{PRODUCTS, USERS};
use crate::rows::Random;

pub const COLUMNS: [(&str, Type); 7] = [
    ("order_number", Type::VARCHAR),
    ("user_id", Type::INT4),
    ("product_id", Type::INT4),
    ("region", Type::VARCHAR),
    ("order_total", Type::NUMERIC),
    ("order_status", Type::VARCHAR),
    ("created_at", Type::TIMESTAMP),
];

/// Those from BR on have no partition of their own.
static REGIONS: Weighted<&str, 100> = Weighted::new([
    ("US", 28),
    ("CA", 8),
    ("MX", 5),
    ("UK", 9),
    ("DE", 9),
    ("FR", 6),
    ("IT", 3),
    ("ES", 3),
    ("JP", 6),
    ("CN", 6),
    ("AU", 3),
    ("IN", 5),
    ("SG", 2),
    ("BR", 3),
    ("ZA", 2),
    ("KR", 1),
    ("AE", 1),
]);
static STATUSES: Weighted<&str, 100> = Weighted::new([
    ("pending", 20),
    ("processing", 15),
    ("shipped", 25),
    ("delivered", 35),
    ("cancelled", 5),
]);

/// Invents orders.
#[derive(Clone)]
pub struct Order {
    dates: Dates,
}

impl Order {
    /// Created on `dates`, else in 2024.
    pub fn new(dates: Option<Dates>) -> Self {
        Self { dates: dates.unwrap_or_else(Dates::of_2024) }
    }
}

impl Row for Order {
    fn write(&mut self, random: &mut Random, columns: &mut Columns<'_, '_>) {
        let created_at = self.dates.moment(random);
        let day = day_of(created_at);
        let (year, month, day) = (day.year(), day.month(), day.day());
        let number = random.next_u64() >> 16;
        columns.put(|field| {
            field.format(format_args!("ORD-{year:04}{month:02}{day:02}-{number:012x}"));
        });
        columns.int4(random.random_range(1..=USERS));
        columns.int4(random.random_range(1..=PRODUCTS));
        columns.text(REGIONS.choose(random));
        columns.put(|field| field.numeric(random.random_range(500..100_000), 2));
        columns.text(STATUSES.choose(random));
        columns.put(|field| field.timestamp(created_at));
    }
}
