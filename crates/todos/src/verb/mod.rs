//! A file a verb.

pub mod cutover;
pub mod indexes;
pub mod migrate;
pub mod partition;
pub mod seed;
pub mod validate;
