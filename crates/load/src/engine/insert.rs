//! Inserts, several of them in flight.

use std::io;
use std::pin::pin;
use std::time::Instant;

use super::phase::Stage;
use super::schedule::{Due, Turn};
use super::worker::{AHEAD, Pending, Worker, no_answer};
use crate::wire::{Insert, Wire};

impl Worker {
    /// Sends what is due and takes in the answers, until the run ends; an error is the
    /// connection's end.
    pub(super) async fn serve_inserts(&mut self, wire: &mut Wire) -> io::Result<()> {
        let shared = self.shared.clone();
        let mut ending = pin!(shared.phase.reached(Stage::Ending));
        let mut abandoned = pin!(shared.phase.reached(Stage::Abandoned));
        let mut over = false;
        loop {
            let waits = !over && self.fill(wire, &mut over)?;
            if self.pending.is_empty() {
                self.rested()?;
                if over {
                    return Ok(());
                }
            }
            tokio::select! {
                biased;
                // Also while nothing is in flight: a connection that breaks is noticed at once.
                arrived = wire.exchange() => {
                    self.take_answers(wire)?;
                    arrived?;
                }
                () = &mut ending, if !over => over = true,
                () = &mut abandoned => return Err(no_answer()),
                () = shared.schedule.wait(self.next), if waits => {}
            }
        }
    }

    /// Writes what is due into free slots; true when one is left and nothing due for it.
    fn fill(&mut self, wire: &mut Wire, over: &mut bool) -> io::Result<bool> {
        if self.has_enough_in_flight() {
            return Ok(false);
        }
        // The rest follows when the first of these are answered.
        while self.has_free_slot() && wire.out().len() <= AHEAD {
            if self.shared.phase.is(Stage::Ending) {
                *over = true;
                break;
            }
            match self.turn(Instant::now()) {
                Turn::Send(due) => self.send(due, wire)?,
                Turn::Wait => return Ok(true),
                Turn::Over => {
                    *over = true;
                    break;
                }
            }
        }
        Ok(false)
    }

    fn send(&mut self, due: Due, wire: &mut Wire) -> io::Result<()> {
        let table = self.table();
        let shared = self.shared.clone();
        let (insert, rows) = (&shared.inserts[table], self.rows[table].as_mut());
        if insert.rows() == due.rows {
            insert.write(rows, &mut self.random, wire.out());
        } else {
            // The last rows of `--rows`, when they do not fill a batch.
            let rest = Insert::new(&shared.sources[table], due.rows, shared.job.tracked, "")?;
            rest.prepare(wire.out())?;
            rest.write(rows, &mut self.random, wire.out());
        }
        self.pending.push_back(Pending { due, table, end: wire.position() });
        Ok(())
    }
}
