//! `lab::plan::why` against a real server, on queries of every kind (`queries.sql`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod corpus;
mod foreign;
mod many;
mod partitionwise;
mod safe;

use lab::plan::why::{Why, explain_why};
use lab::plan::{Explained, explain};
use tokio_postgres::{Client, Transaction};

/// A database with the tables of `tables.sql`.
async fn tables() -> Client {
    let client = testbed::server().database().client().await;
    client.batch_execute(include_str!("tables.sql")).await.unwrap();
    client
}

/// What the query did, and why.
async fn ask(tx: &Transaction<'_>, sql: &str) -> (Explained, Vec<Why>) {
    let explained = explain(tx, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let why = explain_why(tx, sql, &explained).await;
    let why = why.unwrap_or_else(|error| panic!("{sql}: {error}"));
    (explained, why)
}
