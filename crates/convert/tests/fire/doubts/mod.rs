//! Doubts that arose over the steps, each with the test that settles it.

mod constraints;
mod grants;
mod keys;
mod rewritten;
mod sequences;
mod snapshots;
mod triggers;
mod unlogged;
mod writes;
