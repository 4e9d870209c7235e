//! Running scenarios: before, script, after.

use std::time::{Duration, Instant};

use lab::app::App;
use lab::connect::Session;
use lab::report;
use lab::script::{self, Observer, Outcome, Script, Scripts, Statement};
use lab::{Error, Result};

use crate::document::{Document, Status};
use crate::layout::{ARCHIVE, EVENTS, Layout, USERS};
use crate::readiness::{Readiness, readiness};
use crate::scenario::Scenario;
use crate::show;

/// The tables whose rows `all` must keep.
const ALL_TABLES: [&str; 3] = [EVENTS, ARCHIVE, USERS];

/// What scenarios run with.
pub struct Runner<'a> {
    pub app: &'a App,
    pub session: Session,
    pub scripts: Scripts,
    pub step: bool,
    pub dry_run: bool,
}

/// How a scenario ended, and why it was blocked if it was.
struct Ended {
    document: Document,
    blocked: Option<Error>,
}

impl Runner<'_> {
    /// Runs one scenario.
    pub async fn one(&mut self, scenario: Scenario) -> Result<()> {
        let ended = self.scenario(scenario).await?;
        self.app.json(&ended.document)?;
        ended.blocked.map_or(Ok(()), Err)
    }

    /// Runs all scenarios in order; one that is blocked ends it.
    pub async fn all(&mut self) -> Result<()> {
        let start = Instant::now();
        let before = self.layout().await?;
        let mut steps = Vec::new();
        let mut blocked = None;
        for scenario in Scenario::ALL {
            let ended = self.scenario(scenario).await?;
            steps.push(ended.document);
            blocked = ended.blocked;
            if blocked.is_some() {
                break;
            }
        }
        let after = self.layout().await?;
        let any = |status| steps.iter().any(|step: &Document| step.status == status);
        let status = [Status::Blocked, Status::Ready, Status::Done].into_iter().find(|s| any(*s));
        let status = status.unwrap_or(Status::Already);
        let (from, to) = ((&before, &ALL_TABLES[..]), (&after, &ALL_TABLES[..]));
        let document =
            Document { steps, ..Document::new("all", status, from, to, start.elapsed()) };
        self.app.json(&document)?;
        if blocked.is_none() && !self.dry_run {
            self.app.say(show::done("all five", &document))?;
        }
        blocked.map_or(Ok(()), Err)
    }

    async fn scenario(&mut self, scenario: Scenario) -> Result<Ended> {
        let start = Instant::now();
        let script = self.scripts.load(scenario.script())?;
        let before = self.layout().await?;
        self.app.say(show::title(scenario, &script))?;
        let document = |status, after: &Layout, elapsed: Duration| {
            let from = (&before, scenario.tables_before());
            Document::new(scenario.name(), status, from, (after, scenario.tables_after()), elapsed)
        };
        let unchanged = |status| {
            let there = (&before, scenario.tables_before());
            Document::new(scenario.name(), status, there, there, start.elapsed())
        };
        match readiness(scenario, &before) {
            Readiness::Already(what) => {
                self.app.say(format!("\n{} nothing to do: {what}", report::mark(true)))?;
                self.app.say(show::layout("now", &before, scenario.tables_after()))?;
                let document = document(Status::Already, &before, start.elapsed());
                Ok(Ended { document, blocked: None })
            }
            Readiness::Blocked { why, next } => {
                let error = Error::failed(format!("{} cannot run", scenario.name()))
                    .because(why)
                    .next(next);
                Ok(Ended { document: unchanged(Status::Blocked), blocked: Some(error) })
            }
            Readiness::Ready if self.dry_run => {
                for (n, statement) in script.statements.iter().enumerate() {
                    self.app.say(show::source(n + 1, statement))?;
                }
                self.app.say("\nnothing was changed (--dry-run)")?;
                Ok(Ended { document: unchanged(Status::Ready), blocked: None })
            }
            Readiness::Ready => {
                self.app.say(show::layout("before", &before, scenario.tables_before()))?;
                self.app.say("")?;
                self.run(&script).await?;
                let elapsed = start.elapsed();
                let after = self.layout().await?;
                let document = document(Status::Done, &after, elapsed);
                self.app.say(show::layout("after", &after, scenario.tables_after()))?;
                self.app.say(show::done("done", &document))?;
                Ok(Ended { document, blocked: None })
            }
        }
    }

    /// The tables as they are now.
    async fn layout(&self) -> Result<Layout> {
        let counting = Layout::read(&self.session);
        self.app.read(&self.session, "while counting rows", counting).await
    }

    async fn run(&mut self, script: &Script) -> Result<()> {
        let mut narrator = Narrator { app: self.app, step: self.step, number: 0 };
        script::run(&self.session, script, &self.app.interrupt, &mut narrator, async |_| Ok(()))
            .await?;
        for notice in self.session.take_notices() {
            report::note(&notice);
        }
        Ok(())
    }
}

/// Tells each statement as it runs.
struct Narrator<'a> {
    app: &'a App,
    step: bool,
    number: usize,
}

impl Observer for Narrator<'_> {
    async fn before(&mut self, number: usize, statement: &Statement) -> Result<()> {
        self.number = number;
        if self.step {
            self.app.say(show::source(number, statement))?;
            report::pause("Enter runs it, Ctrl-C rolls back", &self.app.interrupt).await?;
        }
        Ok(())
    }

    fn after(&mut self, statement: &Statement, outcome: &Outcome) -> Result<()> {
        self.app.say(show::statement(self.number, statement, outcome))
    }
}
