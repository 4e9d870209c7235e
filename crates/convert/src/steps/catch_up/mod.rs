//! Catch up: what the log names is made in the shadow as it is in the live table.
//!
//! The log holds keys, not changes: a batch deletes the shadow's rows under these keys and inserts
//! what the live table holds under them, all in one snapshot. So each row is as it was at that
//! moment, whatever happened to it before; and what the shadow holds too much or too little is named
//! by an entry that is still in the log.

mod prepared;
mod settings;

use std::time::{Duration, Instant};

use lab::Result;
use lab::report::{count, plural};

use self::prepared::Taken;
pub use self::prepared::{HEAD, Prepared, Replayed};
pub use self::settings::on_session;
use super::workers;
use crate::event::{Event, Point};
use crate::state::{self, Conversion, Phase, Side};
use crate::work::{Pace, Work};

/// Entries of the first batch, and of the smallest.
const FIRST: i64 = 500;

/// The same at a gentle pace: fewer take hardly less time, for a round trip and a commit are in it.
const FIRST_GENTLE: i64 = 5;

/// How long a batch shall take at a gentle pace. Entries name rows anywhere in the table, and take longer than those
/// that are copied in their order; with a shorter time fewer take too long.
const GENTLE: Duration = Duration::from_micros(150);

/// How much shorter rests may be while the log does not get short at a gentle pace.
const MOST_PRESSURE: u32 = 4;

/// How long the log may grow beside other work before some of it is replayed.
const BESIDE: Duration = Duration::from_millis(50);

/// Entries of the biggest batch.
const MOST: i64 = 50_000;

/// The log is short when it holds fewer from its head to its end: a swap replays them within milliseconds.
const SHORT: i64 = 200;

/// So often a batch begins at the log's head.
const AGAIN_FROM_HEAD: Duration = Duration::from_secs(1);

/// Batches between two looks at other work.
const IN_A_ROW: u32 = 40;

/// How many entries a batch has, so that it takes as long as the pace wants.
#[derive(Debug, Clone, Copy)]
struct Size {
    entries: i64,
    least: i64,
}

impl Size {
    fn of(pace: &Pace) -> Self {
        let least = if pace.gentle { FIRST_GENTLE } else { FIRST };
        Self { entries: least, least }
    }

    fn adapt(&mut self, elapsed: Duration, wanted: Duration) {
        let doubled = elapsed * 2 < wanted;
        let halved = elapsed > wanted * 2;
        self.entries = match (doubled, halved) {
            (true, _) => (self.entries * 2).min(MOST),
            (_, true) => (self.entries / 2).max(self.least),
            _ => self.entries,
        };
    }
}

/// Replays a log a batch at a time.
pub struct Trickle {
    prepared: Prepared,
    size: Size,
    /// The place of the last entry that was taken, or [`HEAD`].
    last: String,
    /// When a batch last began at the log's head.
    at_head: Instant,
    /// When the last batches ended.
    ended: Instant,
    /// By what factor rests are shorter.
    pressure: u32,
}

impl Trickle {
    /// Of `side`'s log.
    pub async fn new(work: &Work<'_>, conversion: &Conversion, side: Side) -> Result<Self> {
        let prepared = Prepared::new(work.session.client(), conversion, side, &work.guards).await?;
        let now = Instant::now();
        Ok(Self {
            prepared,
            size: Size::of(&work.pace),
            last: HEAD.to_owned(),
            at_head: now,
            ended: now,
            pressure: 1,
        })
    }

    /// One batch. It goes on where the one before ended, since the server would have to step over every entry
    /// that was taken out of the log and not yet vacuumed away; now and then it looks for those that were
    /// committed late, or took a place that had become free.
    async fn batch(&mut self, work: &Work<'_>, pace: &Pace) -> Result<i64> {
        if self.at_head.elapsed() > AGAIN_FROM_HEAD {
            HEAD.clone_into(&mut self.last);
        }
        if self.last == HEAD {
            self.at_head = Instant::now();
        }
        let begun = Instant::now();
        let Taken { entries, last } =
            self.prepared.batch(work, work.session.client(), &self.last, self.size.entries).await?;
        work.observer.at(Point::BatchReplayed).await?;
        self.last = last;
        self.size.adapt(begun.elapsed(), if pace.gentle { GENTLE } else { pace.batch });
        workers::rest(work, pace, self.pressure, begun).await?;
        Ok(entries)
    }

    /// A few batches, unless there were some a moment ago: to be called again and again beside other work.
    pub async fn at_intervals(&mut self, work: &Work<'_>) -> Result<()> {
        if self.ended.elapsed() < BESIDE {
            return Ok(());
        }
        self.pressure = if self.some(work).await? { self.pressed() } else { 1 };
        self.ended = Instant::now();
        Ok(())
    }

    /// Up to [`IN_A_ROW`] batches: whether there are more.
    async fn some(&mut self, work: &Work<'_>) -> Result<bool> {
        for _ in 0..IN_A_ROW {
            let wanted = self.size.entries;
            if self.batch(work, &work.pace).await? < wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn pressed(&self) -> u32 {
        (self.pressure * 2).min(MOST_PRESSURE)
    }
}

/// Replays the live side's log until it is short. How many entries that were.
pub async fn until_short(work: &Work<'_>, conversion: &Conversion) -> Result<u64> {
    let replaying = async {
        let mut trickle = Trickle::new(work, conversion, conversion.live).await?;
        let (since, mut pace) = (Instant::now(), work.pace.clone());
        let (mut all, mut batches, mut pass) = (0, 0, 0);
        loop {
            if trickle.last == HEAD {
                pass = 0;
            }
            let wanted = trickle.size.entries;
            batches += 1;
            if pace.gentle && batches % IN_A_ROW == 0 {
                trickle.pressure = trickle.pressed();
            }
            let entries = trickle.batch(work, &pace).await?;
            all += entries.unsigned_abs();
            work.observer.tell(Event::Progress(all, all));
            pass += entries;
            if entries < wanted {
                // That was the log's end.
                if pass < SHORT {
                    return Ok(all);
                }
                HEAD.clone_into(&mut trickle.last);
            }
            if work.interrupt.is_raised() {
                return Err(workers::interrupted());
            }
            if pace.gentle && since.elapsed() > pace.patience {
                (pace, trickle.pressure) = (Pace::default(), 1);
                trickle.size = Size::of(&pace);
            }
        }
    };
    on_session(work, workers::uninterrupted(work, work.session, Box::pin(replaying))).await
}

/// The step of `run`. A sentence for people.
pub async fn catch_up(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let begun = Instant::now();
    let all = until_short(work, conversion).await?;
    state::set_phase(work.session.client(), conversion, Phase::CaughtUp).await?;
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rate = (all as f64 / begun.elapsed().as_secs_f64()) as u64;
    let entries = plural(all, "logged change");
    Ok(if all == 0 { entries } else { format!("{entries}, {} a second", count(rate)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_stay_within_their_time() {
        let wanted = Duration::from_millis(250);
        let adapted = |entries, elapsed| {
            let mut size = Size { entries, least: FIRST };
            size.adapt(elapsed, wanted);
            size.entries
        };
        assert_eq!(adapted(1_000, Duration::from_millis(10)), 2_000);
        assert_eq!(adapted(1_000, Duration::from_millis(200)), 1_000);
        assert_eq!(adapted(4_000, Duration::from_secs(1)), 2_000);
        assert_eq!(adapted(FIRST, Duration::from_secs(9)), FIRST);
        assert_eq!(adapted(MOST, Duration::ZERO), MOST);
    }
}
