//! One command at a time changes the tables of a database.

use std::time::Duration;

use crate::connect::Session;
use crate::db::AdvisoryLock;
use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// "partlab!" in ASCII.
const LOCK: AdvisoryLock = AdvisoryLock::of(i64::from_be_bytes(*b"partlab!"));

/// How long to wait for another command of ours: longer than the server needs to notice that a
/// killed client is gone (`client_connection_check_interval`, 1 s).
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long a script's statement may wait for a lock before it gives up; everyone who comes after
/// waits behind it (`lock_timeout`).
const LOCK_TIMEOUT: &str = "5s";

/// Holds the lock until the session ends; from then on its statements wait for locks only briefly.
///
/// When another session has it for longer than `patience`, the error names that one.
pub async fn hold(session: &Session, patience: Duration, interrupt: &Interrupt) -> Result<()> {
    let client = session.client();
    if !LOCK.acquire(client, patience, interrupt).await? {
        let holder = LOCK.holder(client).await?;
        let who = holder.map_or("another session".to_owned(), |holder| holder.to_string());
        return Err(Error::failed(format!("{who} is changing this database's tables"))
            .because(format!("it did not finish within {patience:?}"))
            .next("wait until it is done, then run the same command again"));
    }
    let set = format!("SET lock_timeout = '{LOCK_TIMEOUT}'");
    client.batch_execute(&set).await.context(|| "cannot set lock_timeout")
}
