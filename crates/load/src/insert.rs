//! One prepared insert a table; the server tells into which partition each row went.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use lab::catalog::{self, RowCount};
use lab::connect::Session;
use lab::{Context, Error, Result};
use tokio_postgres::{Client, Statement};

use crate::row::{Row, Table};

const EVENT: &str =
    "INSERT INTO event_logs (event_type, user_id, event_data, ip_address, created_at)
    VALUES ($1, $2, $3, $4, $5) RETURNING tableoid";
const USER: &str =
    "INSERT INTO users_distributed (username, email, country_code, registration_date, status)
    VALUES ($1, $2, $3, $4, $5) RETURNING tableoid";
// Money travels as whole cents: exact, without a decimal type on our side.
const ORDER: &str = "INSERT INTO orders_by_region
    (order_number, user_id, product_id, region, order_total, order_status, created_at)
    VALUES ($1, $2, $3, $4, $5::bigint * 0.01, $6, $7) RETURNING tableoid";
const SALE: &str = "INSERT INTO sales_data
    (sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id)
    VALUES ($1, $2, $3, $4, $5::bigint * 0.01, $6::bigint * 0.01, $7) RETURNING tableoid";

/// Prepared statements, and the partitions as they were at the start.
pub struct Inserter {
    event: Statement,
    user: Statement,
    order: Statement,
    sale: Statement,
    partitions: HashMap<u32, Partition>,
}

/// A table that takes rows: a leaf, or a table that is not partitioned.
#[derive(Debug, Clone)]
pub struct Partition {
    /// The table of the mix that it belongs to.
    pub table: Table,
    /// Its own name.
    pub name: String,
    /// Its place in the order of the bounds; one attached during the run comes last.
    pub position: usize,
}

impl Inserter {
    /// Prepares the inserts; a missing table is an error that says how to make it.
    pub async fn prepare(session: &Session) -> Result<Self> {
        let client = session.client();
        let mut partitions = HashMap::new();
        for (table, _) in Table::MIX {
            let tree = catalog::tree(client, table.name(), RowCount::Estimated).await?;
            let tree = tree.ok_or_else(|| {
                Error::failed(format!("there is no table {}", table.name()))
                    .next("cargo run -p setup")
            })?;
            partitions.extend(tree.leaves().enumerate().map(|(position, leaf)| {
                (leaf.oid, Partition { table, name: leaf.name.name.clone(), position })
            }));
        }
        let prepare = async |sql: &str| {
            client
                .prepare(sql)
                .await
                .context(|| "cannot prepare an insert into the tables of setup")
        };
        Ok(Self {
            event: prepare(EVENT).await?,
            user: prepare(USER).await?,
            order: prepare(ORDER).await?,
            sale: prepare(SALE).await?,
            partitions,
        })
    }

    /// The partitions known so far.
    pub fn partitions(&self) -> impl Iterator<Item = &Partition> {
        self.partitions.values()
    }

    /// Inserts `row`; returns the OID of the partition that took it.
    pub async fn insert(&self, client: &Client, row: &Row) -> Result<u32, tokio_postgres::Error> {
        let answer = match row {
            Row::Event { event_type, user_id, event_data, ip_address, created_at } => {
                client
                    .query_one(
                        &self.event,
                        &[event_type, user_id, event_data, ip_address, created_at],
                    )
                    .await
            }
            Row::User { username, email, country_code, registration_date, status } => {
                client
                    .query_one(
                        &self.user,
                        &[username, email, country_code, registration_date, status],
                    )
                    .await
            }
            Row::Order {
                order_number,
                user_id,
                product_id,
                region,
                cents,
                order_status,
                created_at,
            } => {
                client
                    .query_one(
                        &self.order,
                        &[
                            order_number,
                            user_id,
                            product_id,
                            region,
                            cents,
                            order_status,
                            created_at,
                        ],
                    )
                    .await
            }
            Row::Sale {
                sale_date,
                product_category,
                product_id,
                quantity,
                unit_cents,
                store_id,
            } => {
                let total = unit_cents * i64::from(*quantity);
                client
                    .query_one(
                        &self.sale,
                        &[
                            sale_date,
                            product_category,
                            product_id,
                            quantity,
                            unit_cents,
                            &total,
                            store_id,
                        ],
                    )
                    .await
            }
        };
        answer?.try_get(0)
    }

    /// The partition with this OID; one that was attached meanwhile is looked up.
    pub async fn partition(
        &mut self,
        client: &Client,
        table: Table,
        oid: u32,
    ) -> Result<&Partition, tokio_postgres::Error> {
        Ok(match self.partitions.entry(oid) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let row = client.query_one("SELECT $1::oid::regclass::text", &[&oid]).await?;
                new.insert(Partition { table, name: row.try_get(0)?, position: usize::MAX })
            }
        })
    }
}
