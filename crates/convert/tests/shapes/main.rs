//! The shapes beside a new table: a partition split, a bucket doubled, the old table attached.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod attach_old;
mod buckets;
#[allow(dead_code, reason = "another test binary uses the rest")]
#[path = "../swap/conversion.rs"]
mod conversion;
#[path = "../swap/halt.rs"]
mod halt;
mod hand;
mod live;
#[allow(dead_code, reason = "another test binary uses the rest")]
#[path = "../swap/load.rs"]
mod load;
mod split;
mod subject;
mod verb;
