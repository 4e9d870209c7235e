//! The four tables of `setup`: realistic rows, dated all over 2024, so that some land in DEFAULT
//! partitions.

mod dates;
mod event;
mod order;
mod person;
mod row;
mod sale;
mod user;
mod weighted;

#[cfg(test)]
mod on_server;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use tokio_postgres::types::Type;

use super::{Column, Keys, Source};
use dates::Dates;
use row::Invented;

/// Users, products and stores that the rows refer to.
const USERS: i32 = 10_000;
const PRODUCTS: i32 = 500;
const STORES: i32 = 40;

/// A table of `setup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Events,
    Users,
    Orders,
    Sales,
}

/// All of them, in the order in which everything is shown, with their share of the inserts in
/// percent.
pub const MIX: [(Table, u32); 4] =
    [(Table::Events, 30), (Table::Users, 25), (Table::Orders, 25), (Table::Sales, 20)];

impl Table {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "event_logs",
            Self::Users => "users_distributed",
            Self::Orders => "orders_by_region",
            Self::Sales => "sales_data",
        }
    }

    /// Its name in a mix: `events=30`.
    pub fn short(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Users => "users",
            Self::Orders => "orders",
            Self::Sales => "sales",
        }
    }

    /// The columns that rows have: all but those that the server numbers.
    pub fn columns(self) -> Vec<Column> {
        let columns = match self {
            Self::Events => event::COLUMNS.as_slice(),
            Self::Users => &user::COLUMNS,
            Self::Orders => &order::COLUMNS,
            Self::Sales => &sale::COLUMNS,
        };
        let column =
            |(name, kind): &(&str, Type)| Column { name: (*name).to_owned(), type_oid: kind.oid() };
        columns.iter().map(column).collect()
    }

    /// Rows for it. `keys` gives the key columns their values, counted as [`columns`](Self::columns)
    /// counts them; what another column says about one (the date in an order number) then need not
    /// agree with it. `dates`: the first day and the first that is too late, at least a day later;
    /// without them 2024, and for users 2023 too.
    pub fn source(
        self,
        weight: u32,
        keys: Option<Box<dyn Keys>>,
        dates: Option<(Date, Date)>,
    ) -> Source {
        let dates = dates.map(|(from, to)| Dates::new(from, to));
        Source {
            table: format!("public.{}", self.name()),
            label: self.name().to_owned(),
            weight,
            columns: self.columns(),
            rows: match self {
                Self::Events => Invented::boxed(event::Event::new(dates), keys),
                Self::Users => Invented::boxed(user::User::new(dates), keys),
                Self::Orders => Invented::boxed(order::Order::new(dates), keys),
                Self::Sales => Invented::boxed(sale::Sale::new(dates), keys),
            },
        }
    }
}
