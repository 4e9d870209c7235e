//! From the first statement to the end of the run.

use std::sync::{Mutex, PoisonError};

use lab::Error;
use tokio::sync::watch;

/// How far the run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Statements are sent.
    Running,
    /// No new ones are; those in flight may finish.
    Ending,
    /// What is still in flight is in doubt.
    Abandoned,
}

/// Why a run ended.
#[derive(Debug)]
pub enum End {
    /// Its time was over.
    Time,
    /// All its rows were sent.
    Rows,
    /// Ctrl-C.
    Interrupt,
    /// More statements were refused than allowed.
    TooManyErrors,
    /// No further statement can succeed.
    Error(Error),
}

/// The stage, which everyone can wait for, and the first reason to end.
pub struct Phase {
    stage: watch::Sender<Stage>,
    end: Mutex<Option<End>>,
}

impl Phase {
    pub fn new() -> Self {
        Self { stage: watch::Sender::new(Stage::Running), end: Mutex::new(None) }
    }

    /// Asks for the end; the first reason counts.
    pub fn end(&self, why: End) {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.advance(Stage::Ending);
    }

    /// Goes on to `stage`, never back.
    pub fn advance(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let later = *now < stage;
            *now = stage.max(*now);
            later
        });
    }

    /// Whether this stage is reached.
    pub fn is(&self, stage: Stage) -> bool {
        *self.stage.borrow() >= stage
    }

    /// Completes when it is reached.
    pub async fn reached(&self, stage: Stage) {
        let mut receiver = self.stage.subscribe();
        // The sender lives as long as we do.
        let _ = receiver.wait_for(|now| *now >= stage).await;
    }

    /// Why it ended.
    pub fn why(&self) -> Option<End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
