//! What a session holds in the server besides results.

pub mod advisory_lock;

pub use advisory_lock::{AdvisoryLock, Holder};
