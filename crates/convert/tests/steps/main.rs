//! The steps of a conversion, each on a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod busy;
mod chain;
mod converter;
mod duplicates;
mod resumed;
mod side_table;
mod sources;
