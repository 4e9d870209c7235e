//! Events: what somebody did on a web shop.

use std::net::{IpAddr, Ipv4Addr};

use rand::{Rng, RngExt};
use tokio_postgres::types::Type;

use super::USERS;
use super::dates::Dates;
use super::row::{Columns, Row};
use super::weighted::Weighted;
use crate::fields::Fields;
use crate::rows::Random;

pub const COLUMNS: [(&str, Type); 5] = [
    ("event_type", Type::VARCHAR),
    ("user_id", Type::INT4),
    ("event_data", Type::JSONB),
    ("ip_address", Type::INET),
    ("created_at", Type::TIMESTAMP),
];

static EVENT_TYPES: Weighted<&str, 100> = Weighted::new([
    ("page_view", 40),
    ("click", 25),
    ("search", 12),
    ("login", 12),
    ("purchase", 8),
    ("error", 3),
]);
static PAGES: Weighted<&str, 100> = Weighted::new([
    ("/", 30),
    ("/products", 30),
    ("/cart", 15),
    ("/checkout", 10),
    ("/account", 15),
]);
static LOGIN_METHODS: Weighted<&str, 10> =
    Weighted::new([("password", 6), ("passkey", 3), ("sso", 1)]);
static ERROR_STATUSES: Weighted<i32, 10> = Weighted::new([(500, 3), (502, 1), (404, 6)]);

/// Invents events.
#[derive(Clone)]
pub struct Event {
    dates: Dates,
}

impl Event {
    /// Created on `dates`, else in 2024.
    pub fn new(dates: Option<Dates>) -> Self {
        Self { dates: dates.unwrap_or_else(Dates::of_2024) }
    }
}

impl Row for Event {
    fn write(&mut self, random: &mut Random, columns: &mut Columns<'_, '_>) {
        let event_type = EVENT_TYPES.choose(random);
        columns.text(event_type);
        columns.int4(random.random_range(1..=USERS));
        columns.put(|field| event_data(event_type, random, field));
        columns.put(|field| field.inet(address(random)));
        columns.put(|field| field.timestamp(self.dates.moment(random)));
    }
}

/// What is known about an event of this type.
fn event_data(event_type: &str, random: &mut Random, field: &mut Fields<'_>) {
    let page = PAGES.choose(random);
    match event_type {
        "search" => {
            let results = random.random_range(0..200);
            field.jsonb(format_args!(r#"{{"page": "{page}", "results": {results}}}"#));
        }
        "purchase" => {
            let cents = random.random_range(500..50_000);
            let (whole, rest) = (cents / 100, cents % 100);
            field.jsonb(format_args!(r#"{{"order_total": {whole}.{rest:02}}}"#));
        }
        "login" => {
            let method = LOGIN_METHODS.choose(random);
            field.jsonb(format_args!(r#"{{"method": "{method}"}}"#));
        }
        "error" => {
            let status = ERROR_STATUSES.choose(random);
            field.jsonb(format_args!(r#"{{"page": "{page}", "status": {status}}}"#));
        }
        _ => {
            let ms = random.random_range(20..2_000);
            field.jsonb(format_args!(r#"{{"page": "{page}", "ms": {ms}}}"#));
        }
    }
}

/// In 10.0.0.0/8, which belongs to nobody.
fn address(random: &mut Random) -> IpAddr {
    let [second, third, ..] = random.next_u32().to_le_bytes();
    IpAddr::V4(Ipv4Addr::new(10, second, third, random.random_range(1..255)))
}
