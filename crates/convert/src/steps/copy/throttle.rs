//! Holding the copy back: rows a second, other people's load, standbys that are behind.

use std::cell::Cell;
use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::report::duration;
use lab::{Context, Result};

use super::super::workers;
use crate::event::Event;
use crate::work::{Pace, Work};

/// How long to wait before looking again.
pub const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Sessions at work but our own.
const LOAD: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE state = 'active' AND backend_type = 'client backend'
      AND application_name <> current_setting('application_name')";

/// Seconds that the slowest standby is behind.
const LAG: &str =
    "SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 FROM pg_stat_replication";

/// One for all workers.
pub struct Throttle {
    pace: Pace,
    /// When the next batch may begin, for `--max-rate`.
    next: Cell<Instant>,
    paused: Cell<bool>,
}

impl Throttle {
    pub fn new(work: &Work<'_>) -> Self {
        Self { pace: work.pace.clone(), next: Cell::new(Instant::now()), paused: Cell::new(false) }
    }

    /// Waits while the server has enough to do. Fails on Ctrl-C.
    pub async fn wait(&self, work: &Work<'_>, session: &Session) -> Result<()> {
        while let Some(why) = self.too_much(session).await? {
            if !self.paused.replace(true) {
                work.observer.tell(Event::Note(format!("paused: {why}")));
            }
            workers::pause(work, LOOK_AGAIN).await?;
        }
        if self.paused.replace(false) {
            work.observer.tell(Event::Note("goes on".to_owned()));
        }
        Ok(())
    }

    async fn too_much(&self, session: &Session) -> Result<Option<String>> {
        let client = session.client();
        if let Some(most) = self.pace.max_load {
            let what = || "cannot see how many sessions are active";
            let active: i64 =
                client.query_one(LOAD, &[]).await.context(what)?.try_get(0).context(what)?;
            if active > i64::from(most) {
                return Ok(Some(format!("{active} sessions are active, more than {most}")));
            }
        }
        if let Some(most) = self.pace.max_lag {
            let what = || "cannot see how far standbys are behind";
            let lag: f64 =
                client.query_one(LAG, &[]).await.context(what)?.try_get(0).context(what)?;
            if lag > most.as_secs_f64() {
                let most = duration(most);
                return Ok(Some(format!("a standby is {lag:.1} s behind, more than {most}")));
            }
        }
        Ok(None)
    }

    /// How many rows a batch may have so that it does not hold more than its share of the rate.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn most_rows(&self) -> u64 {
        let share = |rate: f64| ((rate * self.pace.batch.as_secs_f64()) as u64).max(1);
        self.pace.max_rate.map_or(u64::MAX, share)
    }

    /// The same in blocks, where `blocks` held `rows`.
    pub fn most_blocks(&self, rows: u64, blocks: u64) -> u64 {
        let rows_a_block = (rows / blocks.max(1)).max(1);
        (self.most_rows() / rows_a_block).max(1)
    }

    /// `rows` were copied: waits for as long as the rate says that they take.
    #[allow(clippy::cast_precision_loss)]
    pub async fn copied(&self, work: &Work<'_>, rows: u64) -> Result<()> {
        let Some(rate) = self.pace.max_rate else { return Ok(()) };
        let takes = Duration::try_from_secs_f64(rows as f64 / rate).unwrap_or(LOOK_AGAIN);
        self.next.set(self.next.get().max(Instant::now()) + takes);
        workers::pause(work, self.next.get().saturating_duration_since(Instant::now())).await
    }
}
