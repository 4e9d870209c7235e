//! One converter at a time works on a table.

use std::time::Duration;

use lab::db::{AdvisoryLock, Holder};
use lab::{Error, Result};
use tokio_postgres::Client;

use crate::work::Work;

/// How long to wait for another converter: longer than the server needs to notice that a killed one
/// is gone (`client_connection_check_interval`, 1 s), and its statement is rolled back.
const PATIENCE: Duration = Duration::from_secs(3);

/// `part` in ASCII, and the source's OID.
fn lock(source: u32) -> AdvisoryLock {
    AdvisoryLock::of_two(u32::from_be_bytes(*b"part"), source)
}

/// Makes this session the only one that converts table `source`, until it ends. Fails with the name and process id
/// of the session that is.
pub async fn exclusive(work: &Work<'_>, source: u32, table: &str) -> Result<()> {
    if !work.guards.exclusive {
        return Ok(());
    }
    let client = work.session.client();
    if lock(source).acquire(client, PATIENCE, work.interrupt).await? {
        return Ok(());
    }
    let holder = holder(client, source).await?;
    let who = holder.map_or("another session".to_owned(), |holder| holder.to_string());
    Err(Error::failed(format!("{who} is converting {table}"))
        .because("one converter at a time works on a table")
        .next("wait until it is done; cargo run -p convert -- status"))
}

/// The session that converts table `source` now.
pub(super) async fn holder(client: &Client, source: u32) -> Result<Option<Holder>> {
    lock(source).holder(client).await
}
