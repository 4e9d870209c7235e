//! What `convert` reads of a table, decides about it and says of it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod bench;
mod design;
mod portrait;
mod script;
mod verb;
