//! COPY: many rows a statement, streamed.

use std::io;
use std::pin::pin;
use std::time::Instant;

use super::phase::Stage;
use super::schedule::{Due, Turn};
use super::worker::{AHEAD, Pending, Worker, no_answer};
use crate::wire::{Wire, begin_copy, end_copy, in_copy};

/// Rows that are encoded in one go; other connections get their turn in between.
const CHUNK: u32 = 128;

impl Worker {
    /// Copies what is due, one statement after the other, until the run ends; an error is the
    /// connection's end.
    pub(super) async fn serve_copies(&mut self, wire: &mut Wire) -> io::Result<()> {
        let shared = self.shared.clone();
        let mut ending = pin!(shared.phase.reached(Stage::Ending));
        while !shared.phase.is(Stage::Ending) {
            match self.turn(Instant::now()) {
                Turn::Over => break,
                Turn::Wait => tokio::select! {
                    arrived = wire.exchange() => arrived?,
                    () = &mut ending => break,
                    () = shared.schedule.wait(self.next) => {}
                },
                Turn::Send(due) => tokio::select! {
                    biased;
                    copied = self.copy(due, wire) => copied?,
                    () = shared.phase.reached(Stage::Abandoned) => return Err(no_answer()),
                },
            }
            self.rested()?;
        }
        Ok(())
    }

    /// One COPY from its first byte to the server's last word.
    async fn copy(&mut self, due: Due, wire: &mut Wire) -> io::Result<()> {
        let table = self.table();
        let shared = self.shared.clone();
        let source = &shared.sources[table];
        // Until its end is written, the server cannot commit it.
        self.pending.push_back(Pending { due, table, end: u64::MAX });
        begin_copy(source, wire.out())?;
        self.answered(wire, Self::takes_rows).await?;
        let mut left = due.rows;
        while left > 0 && self.takes_rows() {
            let chunk = left.min(CHUNK);
            let rows = self.rows[table].as_mut();
            in_copy(source, rows, &mut self.random, left == due.rows, chunk, wire.out());
            left -= chunk;
            wire.drain(AHEAD).await?;
            self.take_answers(wire)?;
        }
        if self.takes_rows() {
            end_copy(wire.out());
            if let Some(pending) = self.pending.back_mut() {
                pending.end = wire.position();
            }
        }
        self.answered(wire, |_| false).await
    }

    /// Waits until the server has said its last word, or `enough` is true.
    async fn answered(&mut self, wire: &mut Wire, enough: fn(&Self) -> bool) -> io::Result<()> {
        while !self.pending.is_empty() && !enough(self) {
            let arrived = wire.exchange().await;
            self.take_answers(wire)?;
            arrived?;
        }
        Ok(())
    }
}
