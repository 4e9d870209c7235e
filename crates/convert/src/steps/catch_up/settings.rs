//! What a session is set to for a replay: for a while, or for a transaction.

use lab::{Context, Result};

use crate::work::Work;

/// Rows are to be found by index, one by one: for a small batch the planner would else scan tables
/// that have never been analysed. Generic plans, so that a thousand partitions are planned once.
const SETTINGS: [(&str, &str); 5] = [
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

/// `replaying` on the steering session, which is set for it meanwhile: so a batch needs no transaction that sets it.
pub async fn on_session<T>(
    work: &Work<'_>,
    replaying: impl Future<Output = Result<T>>,
) -> Result<T> {
    let what = || "cannot prepare the session";
    let client = work.session.client();
    let lock_timeout = lock_timeout(work);
    let (names, values): (Vec<&str>, Vec<&str>) =
        SETTINGS.into_iter().chain([("lock_timeout", lock_timeout.as_str())]).unzip();
    let read = "SELECT array_agg(current_setting(name)) FROM unnest($1::text[]) AS name";
    let before = client.query_one(read, &[&names]).await.context(what)?;
    let before: Vec<String> = before.try_get(0).context(what)?;
    let set = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s (name, value)";
    client.execute(set, &[&names, &values]).await.context(what)?;
    let done = replaying.await;
    let reset = client.execute(set, &[&names, &before]).await;
    // Where the connection is lost, the first error says so.
    let done = done?;
    reset.context(what)?;
    Ok(done)
}

/// In milliseconds, well below `deadlock_timeout`: whoever deletes what we reference must not be the one that is ended.
pub fn lock_timeout(work: &Work<'_>) -> String {
    work.pace.lock_timeout.as_millis().to_string()
}

/// [`SETTINGS`] for a transaction.
pub fn settings() -> String {
    SETTINGS.map(|(name, value)| format!("SET LOCAL {name} = {value}; ")).concat()
}

/// What takes them back in the same transaction.
pub fn defaults() -> String {
    SETTINGS.map(|(name, _)| format!("SET LOCAL {name} TO DEFAULT; ")).concat()
}
