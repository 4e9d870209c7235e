//! What every Partition Lab command needs, and nothing that only one needs.
//!
//! Functions here return data and never print; [`report`] turns data into text.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod connect;
pub mod crontab;
pub mod db;
pub mod error;
pub mod exclusive;
pub mod interrupt;
pub mod locks;
pub mod mark;
pub mod output_file;
pub mod page;
pub mod plan;
pub mod report;
pub mod script;
pub mod server;
mod sql;
pub mod sqlstate;

pub use error::{Context, Error, Result};
