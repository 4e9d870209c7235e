//! What every Partition Lab command needs, and nothing that only one needs.
//!
//! Functions here return data and never print; [`report`] turns data into text.

pub mod catalog;
pub mod config;
pub mod error;
pub mod interrupt;
pub mod plan;
pub mod script;
pub mod server;
mod sql;
pub mod sqlstate;

pub use error::{Context, Error, Result};
