//! Swap, rollback, finish and abort against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod analyzed;
mod conversion;
mod describe;
mod halt;
mod killed;
mod load;
mod locks;
mod moves;
mod placed;
mod side_table;
mod timeouts;
mod whole;
