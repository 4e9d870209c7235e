//! Connections come and go.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lab::connect::Connector;
use lab::{Error, Result};
use postgres_protocol::message::frontend;

use super::{Down, Worker};
use crate::engine::phase::{End, Stage};
use crate::wire::{Answer, Insert, Refusal, Wire};

/// What a server that refuses the statements has not let us do.
pub const UNPREPARED: &str = "cannot prepare the inserts";

/// From 50 ms to 1 s, doubling, and never all at once: the jitter spreads the connections.
pub(super) fn delays() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_jitter()
        .without_max_times()
        .build()
}

impl Worker {
    /// Opens a connection and prepares the statements on it, which the server may refuse.
    pub async fn open(inserts: &[Insert], connector: &Connector) -> Result<Result<Wire, Refusal>> {
        let mut wire = Wire::new(connector.open_stream().await?);
        if inserts.is_empty() {
            return Ok(Ok(wire));
        }
        let failed = |error: io::Error| Error::failed(UNPREPARED).caused_by(&error);
        for insert in inserts {
            insert.prepare(wire.out()).map_err(failed)?;
        }
        frontend::sync(wire.out());
        loop {
            while let Some(answer) = wire.answer().map_err(failed)? {
                match answer {
                    Answer::Done => return Ok(Ok(wire)),
                    Answer::Refused(refusal) => return Ok(Err(refusal)),
                    Answer::Into(_) | Answer::Rows(_) | Answer::CopyIn => {}
                }
            }
            wire.exchange().await.map_err(failed)?;
        }
    }

    /// The connection is gone: what the server may have done is in doubt, the rest is due again.
    pub(super) fn lose(&mut self, wire: &mut Wire, error: &io::Error) {
        let cause = match wire.farewell() {
            Some(refusal) => format!("{} {}", refusal.sqlstate, refusal.message),
            None if error.kind() == ErrorKind::UnexpectedEof => {
                "the server closed the connection".to_owned()
            }
            None => error.to_string(),
        };
        let abandoned = self.shared.phase.is(Stage::Abandoned);
        let mut recorder = self.shared.recorder();
        for pending in self.pending.drain(..) {
            if pending.end <= wire.flushed() {
                recorder.in_doubt(pending.table, u64::from(pending.due.rows));
            } else {
                self.again.push_back(pending.due);
            }
        }
        self.leaves.clear();
        (self.refused, self.copies, self.failing) = (None, false, true);
        let refused = self.resting.take().is_some();
        if self.down == Down::No && !abandoned {
            recorder.lost(cause, Instant::now());
            self.down = if refused { Down::Refused } else { Down::Disconnected };
        }
    }

    /// Another connection; `None` when the run ends first.
    pub(super) async fn reconnect(&mut self) -> Option<Wire> {
        let shared = self.shared.clone();
        if self.again.is_empty() && shared.schedule.is_exhausted() {
            return None;
        }
        let again = async {
            loop {
                if let Some(delay) = self.delays.next() {
                    tokio::time::sleep(delay).await;
                }
                match Self::open(&shared.inserts, &shared.connector).await {
                    Ok(Ok(wire)) => return wire,
                    Ok(Err(refusal)) if refusal.class() == "42" => {
                        shared.phase.end(End::Error(refusal.error(UNPREPARED)));
                    }
                    // Why it fails now is what began the outage, or its consequence.
                    Ok(Err(_)) | Err(_) => {}
                }
            }
        };
        let wire = tokio::select! {
            wire = again => wire,
            () = shared.phase.reached(Stage::Ending) => return None,
        };
        if self.down == Down::Disconnected {
            shared.recorder().back(Instant::now());
            self.down = Down::No;
        }
        Some(wire)
    }
}
