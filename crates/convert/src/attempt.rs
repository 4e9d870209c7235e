//! Locks on tables that others use: taken within a moment or not at all, again and again until the
//! budget is spent. Whoever comes after a waiting LOCK waits behind it, so the moment is short.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lab::connect::Session;
use lab::{Context, Error, Result};
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use crate::event::Event;
use crate::moves::literal;
use crate::work::Work;

/// How long the first attempt may wait; later ones wait longer, up to `Pace::lock_timeout`.
const FIRST_TIMEOUT: Duration = Duration::from_millis(50);

/// How much longer each attempt may wait than the one before.
const LONGER: Duration = Duration::from_millis(10);

/// How long a statement may wait for a lock that `locks` should have taken, once these are held.
const UNFORESEEN: Duration = Duration::from_millis(20);

/// Whoever stands in the way is asked for on a second session, while the first one waits.
const BLOCKERS: &str = "\
    SELECT format('session %s (%s%s) whose transaction began %s ago: %s', a.pid, \
               coalesce(a.usename, a.backend_type), coalesce(', ' || nullif(a.application_name, ''), ''), \
               date_trunc('milliseconds', clock_timestamp() - a.xact_start), \
               coalesce(nullif(left(a.query, 80), ''), a.state, a.backend_type)), a.pid, a.xact_start::text \
    FROM unnest(pg_blocking_pids($1)) AS b (pid) \
    JOIN pg_stat_activity AS a USING (pid) \
    ORDER BY a.xact_start";

/// An autovacuum gives way to whoever waits, but only when that one has looked for a deadlock: by
/// default after a second, which no attempt lasts.
const AUTOVACUUM: &str = "SELECT set_config('deadlock_timeout', '{ms}ms', true) \
    WHERE has_parameter_privilege('deadlock_timeout', 'SET')";

const STILL: &str = "SELECT FROM pg_stat_activity WHERE pid = $1 AND xact_start::text = $2";

/// A session that holds what an attempt wants.
#[derive(Debug, Clone)]
struct Blocker {
    /// For people.
    who: String,
    pid: i32,
    /// Tells its transaction from later ones.
    began: Option<String>,
}

/// Attempts to lock some tables, within one budget.
pub struct Attempts {
    /// For people: `swap orders`.
    what: String,
    begun: Instant,
    made: u32,
    pauses: ExponentialBackoff,
    /// Looks on while an attempt waits.
    watcher: Option<Arc<Session>>,
    /// The server process of the session that waits.
    pid: i32,
    /// Who was in the way last time.
    blockers: Vec<Blocker>,
}

impl Attempts {
    /// None made yet. `what` is what the locks are for, as in "cannot swap orders".
    pub async fn new(work: &Work<'_>, what: String) -> Result<Self> {
        let unknown = || "cannot read this session's process id";
        let row = work.session.client().query_one("SELECT pg_backend_pid()", &[]).await;
        Ok(Self {
            pid: row.context(unknown)?.try_get(0).context(unknown)?,
            what,
            begun: Instant::now(),
            made: 0,
            pauses: ExponentialBuilder::new()
                .with_min_delay(Duration::from_millis(50))
                .with_max_delay(Duration::from_secs(1))
                .with_jitter()
                .without_max_times()
                .build(),
            // Without it the attempts are the same; only nobody is named.
            watcher: work.session.connector().open().await.ok().map(Arc::new),
            blockers: Vec::new(),
        })
    }

    /// How many were made.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made
    }

    /// Begins a transaction in which all of `locks` are held, and says when the first was granted;
    /// from then on no statement waits long. `None` when one was not granted: nothing is held then
    /// and no transaction is open.
    pub async fn lock(&mut self, work: &Work<'_>, locks: &[String]) -> Result<Option<Instant>> {
        self.made += 1;
        let client = work.session.client();
        let most = work.pace.lock_timeout;
        let timeout = (FIRST_TIMEOUT + LONGER * self.made.saturating_sub(1)).min(most);
        let looking = self.look(timeout);
        match take(client, locks, timeout).await {
            Ok(granted) => {
                if let Some(looking) = looking {
                    looking.abort();
                }
                Ok(Some(granted))
            }
            Err(error) => {
                client.batch_execute("ROLLBACK").await.context(|| "cannot end an attempt")?;
                if !is_conflict(&error) {
                    return Err(Error::failed(format!("cannot {}", self.what)).caused_by(&error));
                }
                self.blockers = match looking {
                    Some(looking) => looking.await.unwrap_or_default(),
                    None => Vec::new(),
                };
                let by = self.blockers.iter().map(|blocker| format!("; {}", blocker.who));
                work.observer.tell(Event::Note(format!(
                    "attempt {} let go after {} ms{}",
                    self.made,
                    timeout.as_millis(),
                    by.collect::<String>()
                )));
                Ok(None)
            }
        }
    }

    /// Waits until `statement` finds nobody any more: given this session's process id and `parameter`,
    /// it says for people who is in the way, with process id and begin of transaction. Nobody waits
    /// behind us meanwhile.
    pub async fn outlast(
        &mut self,
        work: &Work<'_>,
        statement: &str,
        parameter: &str,
        why: &str,
    ) -> Result<()> {
        loop {
            let found = work.session.client().query(statement, &[&self.pid, &parameter]).await;
            let found = found.context(|| "cannot see who else is at work")?;
            if found.is_empty() {
                return Ok(());
            }
            self.blockers = found.iter().filter_map(blocker).collect();
            if let Some(first) = self.blockers.first() {
                work.observer.tell(Event::Note(format!("waits for {}: {why}", first.who)));
            }
            self.pause(work, why).await?;
        }
    }

    /// Waits before the next attempt: longer each time, and while the transaction that was in the
    /// way still is there, for an attempt would only make others wait. `why` nobody was, if so.
    ///
    /// Fails when the budget is spent, or on Ctrl-C.
    pub async fn pause(&mut self, work: &Work<'_>, why: &str) -> Result<()> {
        loop {
            let pause = self.pauses.next().unwrap_or(FIRST_TIMEOUT);
            if work.interrupt.is_raised() {
                return Err(Error::interrupted(format!(
                    "interrupted before it could {}; everything is as it was",
                    self.what
                )));
            }
            if self.begun.elapsed() + pause > work.pace.lock_budget {
                return Err(self.given_up(work, why));
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = work.interrupt.raised() => {}
            }
            if !self.still_blocked().await {
                return Ok(());
            }
        }
    }

    fn given_up(&self, work: &Work<'_>, why: &str) -> Error {
        let error = Error::failed(format!("cannot {}; everything is as it was", self.what));
        let budget = work.pace.lock_budget.as_secs();
        let attempts = lab::report::plural(self.made.into(), "attempt");
        let error = error.because(format!("{attempts} within {budget} s: {why}"));
        let error = self
            .blockers
            .iter()
            .fold(error, |error, blocker| error.detail("blocked by", &blocker.who));
        error.next("wait until that transaction has ended, then run the same command again")
    }

    /// Asks, while the next statement of this session waits, for whom; the answer comes before
    /// `timeout` has passed.
    fn look(&self, timeout: Duration) -> Option<JoinHandle<Vec<Blocker>>> {
        let (watcher, pid) = (self.watcher.clone()?, self.pid);
        Some(tokio::spawn(async move {
            tokio::time::sleep(timeout / 2).await;
            let rows = watcher.client().query(BLOCKERS, &[&pid]).await.unwrap_or_default();
            rows.iter().filter_map(blocker).collect()
        }))
    }

    /// Whether a transaction that was in the way still runs.
    async fn still_blocked(&self) -> bool {
        let Some(watcher) = &self.watcher else { return false };
        for Blocker { pid, began, .. } in &self.blockers {
            let row = watcher.client().query_opt(STILL, &[pid, began]).await;
            if matches!(row, Ok(Some(_))) {
                return true;
            }
        }
        false
    }
}

fn blocker(row: &Row) -> Option<Blocker> {
    Some(Blocker {
        who: row.try_get(0).ok()?,
        pid: row.try_get(1).ok()?,
        began: row.try_get(2).ok()?,
    })
}

/// All statements together may take `timeout`.
async fn take(
    client: &Client,
    locks: &[String],
    timeout: Duration,
) -> Result<Instant, tokio_postgres::Error> {
    let begun = Instant::now();
    let limit = |left: Duration| {
        let left = left.as_millis().max(1);
        format!("SET LOCAL lock_timeout = {left}; SET LOCAL statement_timeout = {left}; ")
    };
    let open = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; {}{}",
        limit(timeout),
        AUTOVACUUM.replace("{ms}", &(timeout / 2).as_millis().to_string())
    );
    client.batch_execute(&open).await?;
    let Some((first, rest)) = locks.split_first() else {
        // What comes now may take its time, for nobody waits for it.
        client.batch_execute("SET LOCAL statement_timeout = 0").await?;
        return Ok(begun);
    };
    client.batch_execute(first).await?;
    let granted = Instant::now();
    // One statement, so that one limit holds for all of them.
    let statements: Vec<String> = rest.iter().map(|lock| literal(lock)).collect();
    let body = format!(
        "DECLARE lock text; BEGIN FOREACH lock IN ARRAY ARRAY[{}]::text[] LOOP EXECUTE lock; END LOOP; END",
        statements.join(", ")
    );
    let left = limit(timeout.saturating_sub(begun.elapsed()));
    let unforeseen = UNFORESEEN.as_millis();
    client
        .batch_execute(&format!(
            "{left}DO {}; SET LOCAL lock_timeout = {unforeseen}; SET LOCAL statement_timeout = 0",
            literal(&body)
        ))
        .await?;
    Ok(granted)
}

/// Whether somebody else's lock was in the way.
#[must_use]
pub fn is_conflict(error: &tokio_postgres::Error) -> bool {
    let conflicts = [
        &SqlState::LOCK_NOT_AVAILABLE,
        &SqlState::QUERY_CANCELED,
        &SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| conflicts.contains(&code))
}
