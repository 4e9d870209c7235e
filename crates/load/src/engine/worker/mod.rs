//! One connection from the beginning to the end of a run, whatever happens to the server.

mod reconnect;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Instant;

use backon::ExponentialBackoff;
use rand::{RngExt, SeedableRng};

use super::phase::{End, Stage};
use super::recorder::Taken;
use super::schedule::{Due, Turn};
use super::{Pace, Shared};
use crate::rows::{Random, Rows};
use crate::wire::{Answer, Refusal, Wire};
use reconnect::delays;

pub use reconnect::UNPREPARED;

/// A connection's state; the connection itself comes and goes.
pub struct Worker {
    pub(super) shared: Arc<Shared>,
    /// Its place among the workers.
    number: usize,
    pub(super) random: Random,
    /// One generator a table.
    pub(super) rows: Vec<Box<dyn Rows>>,
    /// Statements that were due, but never left: they are sent first.
    again: VecDeque<Due>,
    /// When the next statement is due in a closed loop with pauses.
    pub(super) next: Instant,
    /// Statements that the server has, in order.
    pub(super) pending: VecDeque<Pending>,
    /// Where the rows of the first of them went, as far as it is answered.
    leaves: Vec<Taken>,
    /// Rows that the first of them inserted.
    inserted: u64,
    /// Why the first of them is refused.
    refused: Option<Refusal>,
    /// The server takes nothing at the moment: why.
    resting: Option<String>,
    /// The server waits for rows of a COPY.
    copies: bool,
    /// Nothing was acknowledged since the connection broke: attempts become rarer.
    failing: bool,
    delays: ExponentialBackoff,
    down: Down,
}

/// A statement that was written, and not answered yet.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    /// Since when it is due, and its rows.
    pub due: Due,
    /// Its table's place among the sources.
    pub table: usize,
    /// Where its message ends: what was not flushed up to here, the server cannot have done.
    pub end: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Down {
    No,
    /// Until there is a connection again.
    Disconnected,
    /// Until the server takes a statement again.
    Refused,
}

/// Bytes that may wait for the server before more rows are invented.
pub const AHEAD: usize = 64 * 1024;

impl Worker {
    /// Worker `number` of the run.
    pub fn new(shared: Arc<Shared>, number: usize) -> Self {
        let random = match shared.job.seed {
            // Each connection its own rows, and the first one those that it would have alone.
            Some(seed) => Random::seed_from_u64(seed.wrapping_add(number as u64)),
            None => rand::make_rng(),
        };
        Self {
            rows: shared.sources.iter().map(|source| source.rows.clone_box()).collect(),
            next: shared.start,
            shared,
            number,
            random,
            again: VecDeque::new(),
            pending: VecDeque::new(),
            leaves: Vec::new(),
            inserted: 0,
            refused: None,
            resting: None,
            copies: false,
            failing: false,
            delays: delays(),
            down: Down::No,
        }
    }

    /// Works on `wire`, and on others after it, until the run ends.
    pub async fn work(mut self, wire: Wire) {
        let mut wire = Some(wire);
        while let Some(mut connected) = wire.take() {
            self.shared.set_pid(self.number, Some(connected.pid()));
            let served = if self.shared.job.copy {
                self.serve_copies(&mut connected).await
            } else {
                self.serve_inserts(&mut connected).await
            };
            self.shared.set_pid(self.number, None);
            match served {
                Ok(()) => connected.terminate().await,
                Err(error) => {
                    self.lose(&mut connected, &error);
                    wire = self.reconnect().await;
                }
            }
        }
        if matches!(self.shared.job.pace, Pace::Rate(_)) {
            self.shared.recorder().stats.never_sent += self.again.len() as u64;
        }
    }

    /// What to do with a free slot.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        match self.again.pop_front() {
            // What an open loop owed before the connection broke, it owes still.
            Some(due) if matches!(self.shared.job.pace, Pace::Rate(_)) => Turn::Send(due),
            Some(due) => Turn::Send(Due { at: now, ..due }),
            None => self.shared.schedule.turn(&mut self.next, now),
        }
    }

    /// A table, each as likely as its weight says.
    pub(super) fn table(&mut self) -> usize {
        if let [_] = self.shared.sources.as_slice() {
            return 0;
        }
        let mut at = self.random.random_range(0..self.shared.weight);
        self.shared
            .sources
            .iter()
            .position(|source| {
                let here = at < source.weight;
                at = at.saturating_sub(source.weight);
                here
            })
            .unwrap_or(0)
    }

    /// Takes in what has arrived.
    pub(super) fn take_answers(&mut self, wire: &mut Wire) -> io::Result<()> {
        while let Some(answer) = wire.answer()? {
            match answer {
                Answer::Into(oid) => match self.leaves.iter_mut().find(|(leaf, _)| *leaf == oid) {
                    Some((_, rows)) => *rows += 1,
                    None => self.leaves.push((oid, 1)),
                },
                Answer::Rows(rows) => self.inserted = rows,
                Answer::Refused(refusal) => self.refused = Some(refusal),
                Answer::CopyIn => self.copies = true,
                Answer::Done => self.done(Instant::now()),
            }
        }
        Ok(())
    }

    /// The first of the pending statements is over.
    fn done(&mut self, now: Instant) {
        self.copies = false;
        let Some(Pending { due, table, .. }) = self.pending.pop_front() else { return };
        if let Some(refusal) = self.refused.take() {
            self.leaves.clear();
            self.refuse(&refusal, due, table);
            return;
        }
        let mut recorder = self.shared.recorder();
        recorder.inserted(table, self.inserted, &self.leaves, due.at, now);
        self.leaves.clear();
        if self.down == Down::Refused {
            recorder.back(now);
            self.down = Down::No;
        }
        if self.failing {
            (self.delays, self.failing) = (delays(), false);
        }
    }

    /// Whether another statement may be sent before the next answer.
    pub(super) fn has_free_slot(&self) -> bool {
        self.pending.len() < self.shared.job.in_flight && self.resting.is_none()
    }

    /// In a closed loop, half of the slots: then the other half is sent in one go. The server has
    /// work until that arrives, so it neither sleeps nor has to be woken, and reads it at once.
    pub(super) fn has_enough_in_flight(&self) -> bool {
        self.shared.job.pace == Pace::Full && self.pending.len() > self.shared.job.in_flight / 2
    }

    /// Whether the server still wants rows of the COPY in hand.
    pub(super) fn takes_rows(&self) -> bool {
        self.copies && self.refused.is_none()
    }

    /// An error when the server takes nothing at the moment.
    pub(super) fn rested(&self) -> io::Result<()> {
        self.resting.clone().map_or(Ok(()), |why| Err(io::Error::other(why)))
    }

    fn refuse(&mut self, refusal: &Refusal, due: Due, table: usize) {
        let shared = &self.shared;
        let code = refusal.sqlstate.as_str();
        if shared.phase.is(Stage::Ending) && code == "57014" {
            // We have cancelled it ourselves: it is neither done nor failed.
            shared.recorder().cancelled(table, due.at, Instant::now());
            return;
        }
        let refused = shared.recorder().refused(refusal, due.at);
        if shared.job.max_errors.is_some_and(|most| refused > most) {
            shared.phase.end(End::TooManyErrors);
        }
        let class = refusal.class();
        if class == "42" {
            // Rights or tables are missing: no other insert will do better.
            let what = format!("cannot go on inserting into {}", shared.sources[table].label);
            shared.phase.end(End::Error(refusal.error(what)));
        } else if code == "25006"
            || matches!(class, "53" | "58")
            || (class == "57" && code != "57014")
        {
            // Read-only, out of disk, memory or connections, or going down: later, perhaps on
            // another server behind the same address.
            self.resting = Some(format!("{code} {}", refusal.message));
        }
    }
}

/// The server was given its time.
pub fn no_answer() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "the server did not answer")
}
