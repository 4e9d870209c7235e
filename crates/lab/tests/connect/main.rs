//! Connections as users configure them, to real servers, with and without TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod bench;
mod certificates;
mod client_certificate;
mod no_postgres;
mod parameters;
mod password_file;
mod pooler;
mod refused;
mod service;
mod session;
mod tls;
