//! `--under-load N`: writers and readers on the scenario's tables while it runs, timed, and the
//! locks of all.
//!
//! The writers make rows of their own, which bear a mark, and touch no others; at the end these are
//! compared with what is there, and removed. The readers count rows that nobody changes.

mod errors;
mod marked;
mod observed;
mod operation;
mod run;
mod worker;

use std::time::{Duration, Instant};

use lab::connect::Connector;
use lab::interrupt::Interrupt;
use lab::{Error, Result};
use tokio::sync::oneshot;

pub use errors::{Errors, Refused};
pub use marked::Subject;
pub use observed::{Observed, Reads, Written};
pub use operation::{Operation, Percentiles, percentiles};

use crate::layout::Layout;
use run::Plan;

/// From one operation of a writer or reader to its next: an open loop, so that whoever is held up
/// has the more to do afterwards, and what had to wait counts as waiting.
pub const PACE: Duration = Duration::from_millis(50);

/// From one look at the locks to the next.
pub const LOOK: Duration = Duration::from_millis(5);

/// How long the load runs before the scenario, for comparison, and after it.
const BEFORE: Duration = Duration::from_secs(1);
const AFTER: Duration = Duration::from_millis(500);

/// A load that runs in a thread of its own, so that nothing of ours can hold it up.
pub struct Load {
    began: Instant,
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<Result<Observed>>,
    /// When the scenario began.
    from: Duration,
}

impl Load {
    /// Starts `sessions` writers and as many readers, and returns when they have been at it for a
    /// second.
    pub async fn start(
        connector: &Connector,
        subject: Subject,
        sessions: usize,
        layout: &Layout,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let plan = Plan::new(connector.clone(), subject, sessions, layout)?;
        let (stop, stopped) = oneshot::channel();
        let (ready, began) = oneshot::channel();
        let (end, mut ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("load".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let observed = match runtime {
                    Ok(runtime) => runtime.block_on(run::run(plan, ready, stopped)),
                    Err(error) => Err(Error::failed("cannot start the load").caused_by(&error)),
                };
                // Who would hear of it has gone.
                let _ = end.send(observed);
            })
            .map_err(|error| Error::failed("cannot start the load").caused_by(&error))?;
        let Ok(began) = began.await else {
            // It ended before it began, and says why.
            return Err(match (&mut ended).await {
                Ok(Err(error)) => error,
                Ok(Ok(_)) | Err(_) => Error::failed("the load ended before it began"),
            });
        };
        let load = Self { began, stop, ended, from: Duration::ZERO };
        tokio::select! {
            () = tokio::time::sleep(BEFORE) => {}
            () = interrupt.raised() => {
                load.finish().await?;
                return Err(Error::interrupted("interrupted before the scenario began; the load's rows are removed"));
            }
        }
        Ok(Self { from: load.began.elapsed(), ..load })
    }

    /// The scenario is over: what the load saw. Its rows are gone when this returns.
    pub async fn finish(self) -> Result<Observed> {
        let until = self.began.elapsed();
        tokio::time::sleep(AFTER).await;
        let _ = self.stop.send(());
        let observed = self.ended.await;
        let observed = observed.map_err(|_| Error::failed("the load ended without a word"))??;
        Ok(Observed { scenario: (self.from, until), ..observed })
    }
}
