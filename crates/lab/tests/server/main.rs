//! The local server as users meet it: real clusters, each in a home of its own (ground truths 19 to 28).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod bench;
mod broken;
mod destroy;
mod paths;
mod pidfile;
mod programs;
mod start;
mod tcp;
mod together;
