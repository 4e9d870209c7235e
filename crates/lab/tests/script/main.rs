//! The script runner on a real server: all or nothing, one by one, and every way to fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod alone;
mod bench;
mod interrupted;
mod lost;
mod refused;
mod together;
