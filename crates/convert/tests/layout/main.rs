//! Which partitions `convert` makes, against a real server: their DDL, and `premake`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod ddl;
mod made;
mod partman;
mod premake;
mod retained;
mod usage;
