//! Users, registered over two years.

use std::sync::Arc;

use jiff::civil::date;
use rand::{Rng, RngExt};
use tokio_postgres::types::Type;

use super::dates::Dates;
use super::person::{Person, people};
use super::row::{Columns, Row};
use super::weighted::Weighted;
use crate::rows::Random;

pub const COLUMNS: [(&str, Type); 5] = [
    ("username", Type::VARCHAR),
    ("email", Type::VARCHAR),
    ("country_code", Type::VARCHAR),
    ("registration_date", Type::DATE),
    ("status", Type::VARCHAR),
];

static COUNTRIES: Weighted<&str, 100> = Weighted::new([
    ("US", 30),
    ("DE", 12),
    ("UK", 11),
    ("FR", 9),
    ("JP", 8),
    ("IN", 8),
    ("CA", 6),
    ("BR", 5),
    ("ES", 4),
    ("IT", 3),
    ("AU", 3),
    ("MX", 1),
]);
static STATUSES: Weighted<&str, 100> =
    Weighted::new([("active", 85), ("inactive", 12), ("suspended", 3)]);

/// Invents users.
#[derive(Clone)]
pub struct User {
    dates: Dates,
    people: Arc<[Person]>,
}

impl User {
    /// Registered on `dates`, else in 2023 and 2024.
    pub fn new(dates: Option<Dates>) -> Self {
        let two_years = || Dates::new(date(2023, 1, 1), date(2025, 1, 1));
        Self { dates: dates.unwrap_or_else(two_years), people: people() }
    }
}

impl Row for User {
    fn write(&mut self, random: &mut Random, columns: &mut Columns<'_, '_>) {
        let Person { name, domain } = &self.people[random.random_range(0..self.people.len())];
        // The table wants names to be unique before it is hashed, and people come again.
        let number = random.next_u32();
        columns.put(|field| field.format(format_args!("{name}_{number:08x}")));
        columns.put(|field| field.format(format_args!("{name}_{number:08x}@{domain}")));
        columns.text(COUNTRIES.choose(random));
        columns.put(|field| field.date(self.dates.day(random)));
        columns.text(STATUSES.choose(random));
    }
}
