//! What a conversion works with.

use std::time::Duration;

use lab::connect::Session;
use lab::interrupt::Interrupt;

use crate::event::Observer;
use crate::steps::workers::Idle;

/// Connection, pace and audience of the steps.
pub struct Work<'a> {
    /// The connection that steers; workers open their own through its connector.
    pub session: &'a mut Session,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// How hard to push.
    pub pace: Pace,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// All on, outside tests.
    pub guards: Guards,
    /// Sessions of workers that are between two steps.
    pub(crate) idle: Idle,
}

impl<'a> Work<'a> {
    /// With all guards on.
    #[must_use]
    pub fn new(
        session: &'a mut Session,
        interrupt: &'a Interrupt,
        pace: Pace,
        observer: &'a dyn Observer,
    ) -> Self {
        let (guards, idle) = (Guards::default(), Idle::default());
        Self { session, interrupt, pace, observer, guards, idle }
    }
}

/// How hard to push, and how long to wait.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Work a moment and rest for longer, so that whoever uses the server hardly notices; several times
    /// slower. Indexes come before the rows then: building them cannot be interrupted.
    pub gentle: bool,
    /// How long a log that does not get short is replayed gently; then writers are faster than that.
    pub patience: Duration,
    /// Sessions that copy and build indexes.
    pub workers: usize,
    /// How long a batch shall take; its size adapts. Each commit has the server's WAL writer write what there is: after
    /// 250 ms of copying the log's buffers are full, and the copy writes them itself, a page at a time.
    pub batch: Duration,
    /// At most so many rows a second, over all workers.
    pub max_rate: Option<f64>,
    /// Pause while more than so many sessions are active on the server.
    pub max_load: Option<u32>,
    /// Pause while a standby is behind by more than this.
    pub max_lag: Option<Duration>,
    /// How long one attempt may wait for a lock; everyone else waits behind it.
    pub lock_timeout: Duration,
    /// How long all attempts together may take.
    pub lock_budget: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            gentle: false,
            patience: Duration::from_secs(10),
            workers: 2,
            batch: Duration::from_millis(25),
            max_rate: None,
            max_load: None,
            max_lag: None,
            lock_timeout: Duration::from_millis(100),
            lock_budget: Duration::from_secs(60),
        }
    }
}

/// Where all processors are busy a batch waits for its turn for most of the time, and is no burden meanwhile.
const LONGEST_REST: Duration = Duration::from_millis(50);

impl Pace {
    /// This pace, gently: one session, a quarter of a millisecond at a time.
    #[must_use]
    pub fn gently(self) -> Self {
        Self { gentle: true, workers: 1, batch: Duration::from_micros(250), ..self }
    }

    /// How long to rest after having been busy: five times as long. With files in memory the p99 of eight writers is then
    /// less than twice what it is without a conversion (docs/benchmarks.md). On a server with much to do everything takes
    /// longer, and so do the rests, up to 50 ms.
    ///
    /// Under `pressure` they are shorter by that factor. To take more time at once instead would be felt more: whoever
    /// wants the processor then waits for as long.
    #[must_use]
    pub fn rest(&self, busy: Duration, pressure: u32) -> Duration {
        if self.gentle {
            (busy * 5).clamp(Duration::from_micros(500), LONGEST_REST) / pressure
        } else {
            Duration::ZERO
        }
    }
}

/// What keeps rows from being lost, doubled or brought back. Each can be taken away in a test,
/// which then sees the harm.
#[doc(hidden)]
#[allow(clippy::struct_excessive_bools, reason = "each guard is taken away alone")]
#[derive(Debug, Clone)]
pub struct Guards {
    /// The trigger fires for replication workers too (`ENABLE ALWAYS`).
    pub always: bool,
    /// An update that changes the key logs both.
    pub both_keys: bool,
    /// TRUNCATE is refused.
    pub truncate: bool,
    /// Keys in the log are deleted from the target before its indexes are built.
    pub delete_logged: bool,
    /// A batch deletes the target's rows before it inserts what the source holds; without: `ON
    /// CONFLICT DO NOTHING`, as others do.
    pub delete_before_insert: bool,
    /// The last catch-up runs under the swap's lock.
    pub last_catch_up_locked: bool,
    /// One converter at a time.
    pub exclusive: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            always: true,
            both_keys: true,
            truncate: true,
            delete_logged: true,
            delete_before_insert: true,
            last_catch_up_locked: true,
            exclusive: true,
        }
    }
}
