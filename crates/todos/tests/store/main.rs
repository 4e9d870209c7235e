//! `TodoStore` as an application uses it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod bench;
mod methods;
mod once;
mod pages;
mod parallel;
mod plans;
