//! The online ways: the same ends as the scripts', through the engine of `convert`.

mod design;
mod detach;
mod interrupted;
mod telling;

use std::time::Instant;

use convert::event::Event;
use convert::state::{self, Phase};
use convert::work::{Pace, Work};
use convert::{steps, swap};
use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::report::{duration, plural};
use lab::{Context, Result};

pub use interrupted::interrupted;
pub use telling::Telling;

use crate::layout::Layout;
use crate::scenario::Scenario;
use interrupted::conversion;

/// What an online way works with.
pub struct Online<'a> {
    work: Work<'a>,
    scenario: Scenario,
}

impl<'a> Online<'a> {
    /// `session` is one of its own: the engine has settings for it. Gently when others are at work.
    pub fn new(
        session: &'a mut Session,
        interrupt: &'a Interrupt,
        telling: &'a Telling<'a>,
        scenario: Scenario,
        gently: bool,
    ) -> Self {
        let pace = if gently { Pace::default().gently() } else { Pace::default() };
        Self { work: Work::new(session, interrupt, pace, telling), scenario }
    }

    /// Everything up to the point where the new partitions are in place; goes on where an earlier run
    /// stopped.
    pub async fn begin(&self, layout: &Layout) -> Result<()> {
        let (work, scenario) = (&self.work, self.scenario);
        if scenario == Scenario::Detach {
            return detach::detach(work, layout).await;
        }
        let client = work.session.client();
        let conversion = match conversion(client, scenario).await? {
            Some(begun) if begun.phase >= Phase::Swapped => return Ok(()),
            Some(begun) => steps::go_on(work, begun).await?,
            None if layout.interrupted.contains(&scenario) => return Ok(()),
            None => steps::run(work, &design::design(client, scenario).await?).await?,
        };
        if scenario == Scenario::Migrate {
            // From its first moment under its name it is known to be ours.
            let target = steps::table_name(client, &conversion, state::Side::Target).await?;
            let comment =
                format!("COMMENT ON TABLE {target} IS 'Partition Lab: users_distributed by date'");
            client.batch_execute(&comment).await.context(|| format!("cannot comment {target}"))?;
        }
        let begun = Instant::now();
        let swapped = swap::swap(work, &conversion).await?;
        let (held, attempts) = (duration(swapped.held), plural(swapped.attempts.into(), "attempt"));
        let replayed = plural(swapped.replayed, "last change");
        let what = format!("locked for {held}, {attempts}, {replayed}");
        work.observer.tell(Event::Ended("swap", what, begun.elapsed()));
        Ok(())
    }

    /// What is left once the scenario's own script has run: the old partition and the machinery go.
    pub async fn finish(&self) -> Result<()> {
        let work = &self.work;
        let begun = Instant::now();
        let Some(conversion) = conversion(work.session.client(), self.scenario).await? else {
            return Ok(());
        };
        if conversion.phase == Phase::Swapped {
            swap::finish(work, &conversion, false).await?;
        } else {
            swap::leave(work, &conversion).await?;
        }
        let what = "log, triggers and what was replaced are gone".to_owned();
        work.observer.tell(Event::Ended("finish", what, begun.elapsed()));
        Ok(())
    }
}
