//! A file a verb.

pub mod indexes;
pub mod migrate;
pub mod partition;
pub mod seed;
pub mod swap;
pub mod validate;
