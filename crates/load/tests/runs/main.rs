//! `load` as a person runs it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod bench;
mod counts;
mod ends;
mod failures;
mod open_loop;
mod outputs;
mod own_server;
mod own_table;
mod pressure;
mod seed;
mod survives;
