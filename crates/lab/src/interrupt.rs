//! Ctrl-C and SIGTERM: the first asks for a tidy end, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::{Context, Result};

/// Tells whether an end was asked for; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: AtomicBool,
    notify: Notify,
}

impl Interrupt {
    /// Listens to Ctrl-C, SIGTERM and SIGHUP from now on. Once a process.
    pub fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let handler = interrupt.clone();
        ctrlc::set_handler(move || {
            if handler.is_raised() {
                // The one place that may: someone who presses Ctrl-C twice wants out now.
                #[allow(clippy::disallowed_methods)]
                std::process::exit(130);
            }
            handler.raise();
        })
        .context(|| "cannot listen to Ctrl-C")?;
        Ok(interrupt)
    }

    /// Asks for a tidy end, as the first Ctrl-C does; every clone hears of it.
    pub fn raise(&self) {
        self.0.raised.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether an end was asked for.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Completes when an end is asked for (at once, when it already was).
    pub async fn raised(&self) {
        let notified = self.0.notify.notified();
        // `notified` counts from its creation, so nothing is missed between the two lines.
        if !self.is_raised() {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn wakes_whoever_waits_and_whoever_comes_later() {
        let interrupt = Interrupt::default();
        let waiting = {
            let interrupt = interrupt.clone();
            async move { interrupt.raised().await }
        };
        tokio::join!(waiting, async { interrupt.raise() });
        assert!(interrupt.is_raised());
        interrupt.raised().await;
    }
}
