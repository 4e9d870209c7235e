//! For tests only: a private server, fresh databases, and our commands as a person runs them.
//!
//! ```no_run
//! # async fn test() {
//! let database = testbed::server().database();
//! testbed::command("setup").env("DATABASE_URL", database.url()).assert().success();
//! let events = database.query_one_i64("SELECT count(*) FROM event_logs").await;
//! assert_eq!(events, 500);
//! # }
//! ```
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support: a panic is how a test fails"
)]

mod command;
mod database;
mod eventually;
mod home;
mod running;
mod scripts;
mod server;

pub use command::{command, process};
pub use database::Database;
pub use eventually::{eventually, until};
pub use home::TestHome;
pub use running::{Ran, Running, ran};
pub use scripts::ScriptsCopy;
pub use server::{TestServer, server};
