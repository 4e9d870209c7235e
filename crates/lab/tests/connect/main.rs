//! Connections as users configure them, to real servers, with and without TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod bench;
mod certificates;
mod refused;
mod session;
mod tls;
