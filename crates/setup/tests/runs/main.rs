//! `setup` as a person runs it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod again;
mod bench;
mod chat;
mod inserts;
mod interrupted;
mod layout;
mod reset;
mod servers;
mod strangers;
