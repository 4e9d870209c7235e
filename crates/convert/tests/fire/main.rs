//! Conversions under fire: while writers write and readers read, killed anywhere, and each guard
//! with the harm that is done without it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::large_futures,
    reason = "a panic is how a test fails, and a test has a stack of its own"
)]

mod change;
mod converter;
mod doubts;
mod equal;
mod fire;
mod full;
mod guards;
mod harness;
mod kill;
mod observer;
mod own_server;
mod pace;
mod plain;
mod randomised;
mod reader;
mod strategy;
mod table;
mod waits;
mod wide;
mod writer;
