//! Rows for schemas of other people, against a real server.

mod again;
mod bench;
mod checks;
mod formats;
mod partitions;
mod refused;
mod schemas;
