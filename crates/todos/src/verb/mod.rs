//! A file a verb.

pub mod cutover;
pub mod health;
pub mod indexes;
pub mod maintain;
pub mod migrate;
pub mod partition;
pub mod schedule;
pub mod secure;
pub mod seed;
pub mod validate;
