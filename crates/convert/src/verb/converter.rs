//! What the verbs share that go on with a conversion: its session, its row, and who is told.

use convert::busy;
use convert::state::{self, Conversion};
use convert::work::{Pace, Work};
use lab::app::App;
use lab::connect::Session;
use lab::{Result, report};

use super::speaker::Speaker;
use crate::cli::{LockFlags, Speed};

/// A session at work on a conversion.
pub struct Converter<'a> {
    app: &'a App,
    pub session: Session,
    pace: Pace,
    speaker: Speaker<'a>,
}

impl<'a> Converter<'a> {
    /// Connects; nothing is changed yet.
    pub async fn open(app: &'a App, locks: &LockFlags) -> Result<Self> {
        Self::paced(app, locks.pace(), Speed::Auto).await
    }

    /// The same at this pace.
    pub async fn paced(app: &'a App, pace: Pace, speed: Speed) -> Result<Self> {
        let session = app.connect().await?;
        let gently = match speed {
            Speed::Full => false,
            Speed::Gentle => true,
            Speed::Auto => match busy::in_use(session.client()).await? {
                Some(sessions) => {
                    report::note(&format!(
                        "{sessions} other sessions are at work here: gently, with rests (run --pace full does not wait)"
                    ));
                    true
                }
                None => false,
            },
        };
        let pace = if gently { pace.gently() } else { pace };
        Ok(Self { app, session, pace, speaker: Speaker::new(app) })
    }

    /// The conversion of `table`, which no other converter works on until this session ends.
    pub async fn conversion(&mut self, table: &str) -> Result<Conversion> {
        let conversion = state::active(self.session.client(), table).await?;
        self.hold(&conversion).await?;
        // As it is now that nobody else changes it.
        state::reload(self.session.client(), conversion.id).await
    }

    /// Makes this session the only one that works on `conversion`.
    pub async fn hold(&mut self, conversion: &Conversion) -> Result<()> {
        let name = conversion.name().to_string();
        state::exclusive(&self.work(), conversion.source, &name).await
    }

    /// For the library's functions.
    pub fn work(&mut self) -> Work<'_> {
        Work::new(&mut self.session, &self.app.interrupt, self.pace.clone(), &self.speaker)
    }
}
