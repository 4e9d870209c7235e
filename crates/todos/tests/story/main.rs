//! `todos` as a team lives it, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod after_cutover;
mod backup;
mod bench;
mod cold;
mod commands;
mod cutover;
mod fire;
mod grow;
mod health;
mod indexes;
mod maintenance;
mod measured;
mod monitoring;
mod months;
mod psql;
mod same_answers;
mod secure;
mod validated;
mod writer;
