//! `repartition` as a person runs it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod bench;
mod blocked;
mod concurrent;
mod flags;
mod interrupted;
mod model;
mod online;
mod orders;
mod rows;
mod under_load;
