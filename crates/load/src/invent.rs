//! Realistic rows, invented: all over 2024, so that some land in DEFAULT partitions.

use std::net::{IpAddr, Ipv4Addr};

use fake::Fake;
use fake::faker::internet::en::{SafeEmail, Username};
use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, ToSpan};
use rand::{Rng, RngExt};
use serde_json::json;

use crate::choose::choose;
use crate::row::Row;

const EVENT_TYPES: [(&str, u32); 6] = [
    ("page_view", 40),
    ("click", 25),
    ("search", 12),
    ("login", 12),
    ("purchase", 8),
    ("error", 3),
];
const PAGES: [(&str, u32); 5] =
    [("/", 30), ("/products", 30), ("/cart", 15), ("/checkout", 10), ("/account", 15)];
const COUNTRIES: [(&str, u32); 12] = [
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
];
const USER_STATUSES: [(&str, u32); 3] = [("active", 85), ("inactive", 12), ("suspended", 3)];
/// Those from BR on have no partition of their own.
const REGIONS: [(&str, u32); 17] = [
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
];
const ORDER_STATUSES: [(&str, u32); 5] =
    [("pending", 20), ("processing", 15), ("shipped", 25), ("delivered", 35), ("cancelled", 5)];
/// Those from home on have no partition of their own.
const CATEGORIES: [(&str, u32); 8] = [
    ("electronics", 22),
    ("computers", 14),
    ("clothing", 20),
    ("shoes", 12),
    ("accessories", 10),
    ("home", 10),
    ("books", 8),
    ("toys", 4),
];

/// Users, products and stores that the rows refer to.
const USERS: i32 = 10_000;
const PRODUCTS: i32 = 500;
const STORES: i32 = 40;

/// An event.
pub fn event(rng: &mut impl Rng) -> Row {
    let event_type = choose(rng, &EVENT_TYPES);
    let page = choose(rng, &PAGES);
    let event_data = match event_type {
        "search" => json!({"page": page, "results": rng.random_range(0..200)}),
        "purchase" => json!({"order_total": f64::from(rng.random_range(500..50_000)) / 100.0}),
        "login" => json!({"method": choose(rng, &[("password", 6), ("passkey", 3), ("sso", 1)])}),
        "error" => json!({"page": page, "status": choose(rng, &[(500, 3), (502, 1), (404, 6)])}),
        _ => json!({"page": page, "ms": rng.random_range(20..2_000)}),
    };
    Row::Event {
        event_type,
        user_id: rng.random_range(1..=USERS),
        event_data,
        // 10.0.0.0/8, which belongs to nobody.
        ip_address: IpAddr::V4(Ipv4Addr::new(
            10,
            rng.random(),
            rng.random(),
            rng.random_range(1..255),
        )),
        created_at: moment_of_2024(rng),
    }
}

/// A user.
pub fn user(rng: &mut impl Rng) -> Row {
    let name: String = Username().fake_with_rng(rng);
    let domain: String = SafeEmail().fake_with_rng(rng);
    let domain = domain.rsplit('@').next().unwrap_or("example.org").to_owned();
    // Names repeat after some thousands, and the table wants them unique before it is hashed.
    let username = format!("{}_{:08x}", shortened(&name), rng.random::<u32>());
    Row::User {
        email: format!("{username}@{domain}"),
        username,
        country_code: choose(rng, &COUNTRIES),
        registration_date: day_of(rng, date(2023, 1, 1), 731),
        status: choose(rng, &USER_STATUSES),
    }
}

/// Fits `varchar(50)` together with the nine characters that follow it.
fn shortened(name: &str) -> String {
    name.chars().take(40).collect::<String>().to_lowercase()
}

/// An order.
pub fn order(rng: &mut impl Rng) -> Row {
    let created_at = moment_of_2024(rng);
    Row::Order {
        order_number: format!(
            "ORD-{}-{:012x}",
            created_at.strftime("%Y%m%d"),
            rng.random::<u64>() >> 16
        ),
        user_id: rng.random_range(1..=USERS),
        product_id: rng.random_range(1..=PRODUCTS),
        region: choose(rng, &REGIONS),
        cents: rng.random_range(500..100_000),
        order_status: choose(rng, &ORDER_STATUSES),
        created_at,
    }
}

/// A sale.
pub fn sale(rng: &mut impl Rng) -> Row {
    Row::Sale {
        sale_date: day_of(rng, date(2024, 1, 1), 366),
        product_category: choose(rng, &CATEGORIES),
        product_id: rng.random_range(1..=PRODUCTS),
        quantity: rng.random_range(1..=5),
        unit_cents: rng.random_range(300..80_000),
        store_id: rng.random_range(1..=STORES),
    }
}

fn day_of(rng: &mut impl Rng, first: Date, days: i32) -> Date {
    first.saturating_add(rng.random_range(0..days).days())
}

fn moment_of_2024(rng: &mut impl Rng) -> DateTime {
    const SECONDS: i64 = 366 * 24 * 60 * 60;
    date(2024, 1, 1)
        .at(0, 0, 0, 0)
        .saturating_add(SignedDuration::from_secs(rng.random_range(0..SECONDS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Table;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn rows(table: Table, seed: u64, n: usize) -> Vec<Row> {
        let mut rng = StdRng::seed_from_u64(seed);
        (0..n).map(|_| table.row(&mut rng)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_rows_and_another_seed_others() {
        for (table, _) in Table::MIX {
            assert_eq!(rows(table, 7, 20), rows(table, 7, 20));
            assert_ne!(rows(table, 7, 20), rows(table, 8, 20));
        }
    }

    #[test]
    fn values_fit_their_columns() {
        for row in rows(Table::UsersDistributed, 1, 5_000) {
            let Row::User { username, email, country_code, .. } = row else { panic!("{row:?}") };
            assert!(
                username.chars().count() <= 50 && email.chars().count() <= 100,
                "{username} {email}"
            );
            assert_eq!(country_code.len(), 2);
        }
        for row in rows(Table::OrdersByRegion, 1, 5_000) {
            let Row::Order { order_number, region, .. } = row else { panic!("{row:?}") };
            assert!(order_number.len() <= 50 && region.len() <= 20);
        }
    }

    #[test]
    fn dates_reach_from_the_first_to_the_last_day_of_2024() {
        let days: Vec<Date> = rows(Table::SalesData, 1, 20_000)
            .into_iter()
            .map(|row| match row {
                Row::Sale { sale_date, .. } => sale_date,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(days.iter().min(), Some(&date(2024, 1, 1)));
        assert_eq!(days.iter().max(), Some(&date(2024, 12, 31)));
    }
}
