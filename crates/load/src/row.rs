//! The tables that rows go to, and what a row of each holds.

use std::net::IpAddr;

use jiff::civil::{Date, DateTime};
use rand::Rng;
use serde_json::Value;

use crate::invent::{event, order, sale, user};

/// A row for one of the tables; columns with a default or an identity are left to the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// For `event_logs`.
    Event {
        event_type: &'static str,
        user_id: i32,
        event_data: Value,
        ip_address: IpAddr,
        created_at: DateTime,
    },
    /// For `users_distributed`.
    User {
        username: String,
        email: String,
        country_code: &'static str,
        registration_date: Date,
        status: &'static str,
    },
    /// For `orders_by_region`; money in cents.
    Order {
        order_number: String,
        user_id: i32,
        product_id: i32,
        region: &'static str,
        cents: i64,
        order_status: &'static str,
        created_at: DateTime,
    },
    /// For `sales_data`; money in cents.
    Sale {
        sale_date: Date,
        product_category: &'static str,
        product_id: i32,
        quantity: i32,
        unit_cents: i64,
        store_id: i32,
    },
}

/// The tables; the order in which everything is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    EventLogs,
    UsersDistributed,
    OrdersByRegion,
    SalesData,
}

impl Table {
    /// All of them with their share of the inserts in percent.
    pub const MIX: [(Self, u32); 4] = [
        (Self::EventLogs, 30),
        (Self::UsersDistributed, 25),
        (Self::OrdersByRegion, 25),
        (Self::SalesData, 20),
    ];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::EventLogs => "event_logs",
            Self::UsersDistributed => "users_distributed",
            Self::OrdersByRegion => "orders_by_region",
            Self::SalesData => "sales_data",
        }
    }

    /// The first word of its name, for the live line.
    pub fn short(self) -> &'static str {
        self.name().split('_').next().unwrap_or_default()
    }

    /// An invented row.
    pub fn row(self, rng: &mut impl Rng) -> Row {
        match self {
            Self::EventLogs => event(rng),
            Self::UsersDistributed => user(rng),
            Self::OrdersByRegion => order(rng),
            Self::SalesData => sale(rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_is_that_of_the_specification() {
        let shares = Table::MIX.map(|(table, share)| (table.name(), share));
        assert_eq!(
            shares,
            [
                ("event_logs", 30),
                ("users_distributed", 25),
                ("orders_by_region", 25),
                ("sales_data", 20)
            ]
        );
    }
}
