//! Running scenarios: before, script, after.

use std::time::{Duration, Instant};

use convert::busy;
use jiff::Timestamp;
use lab::app::App;
use lab::connect::Session;
use lab::output_file::OutputFile;
use lab::report;
use lab::script::{self, Observer, Outcome, Script, Scripts, Statement};
use lab::{Error, Result};

use crate::document::{Document, Status};
use crate::layout::{ARCHIVE, EVENTS, Layout, USERS};
use crate::load::Load;
use crate::online::{Online, Telling};
use crate::readiness::{Readiness, readiness};
use crate::scenario::Scenario;
use crate::way::Way;
use crate::{show, timeline};

/// The tables whose rows `all` must keep.
const ALL_TABLES: [&str; 3] = [EVENTS, ARCHIVE, USERS];

/// What scenarios run with.
pub struct Runner<'a> {
    pub app: &'a App,
    pub session: Session,
    pub scripts: Scripts,
    pub step: bool,
    pub dry_run: bool,
    pub way: Way,
    /// How many writers, and how many readers, work meanwhile.
    pub load: Option<usize>,
    /// Where the page goes.
    pub html: Option<OutputFile>,
}

/// How a scenario ended, why it was blocked if it was, and what others saw of it.
struct Ended {
    document: Document,
    blocked: Option<Error>,
    run: Option<timeline::Run>,
}

impl Runner<'_> {
    /// Runs one scenario.
    pub async fn one(&mut self, scenario: Scenario) -> Result<()> {
        let started = Timestamp::now();
        let ended = self.scenario(scenario).await?;
        self.app.json(&ended.document)?;
        self.show(scenario, started, ended.run.as_slice())?;
        ended.blocked.map_or(Ok(()), Err)
    }

    /// Runs a scenario the one way, puts everything back, and runs it the other way.
    pub async fn compare(&mut self, scenario: Scenario) -> Result<()> {
        let started = Timestamp::now();
        let start = Instant::now();
        let load = self.load;
        let before = self.layout().await?;
        let (mut steps, mut runs) = (Vec::new(), Vec::new());
        for way in [Way::Classic, Way::Online] {
            // Both begin where setup ended. Without a load and by its script, whatever is compared.
            (self.way, self.load) = (Way::Classic, None);
            let layout = self.layout().await?;
            if readiness(Scenario::Cleanup, self.way, &layout) == Readiness::Ready {
                let _ = self.scenario(Scenario::Cleanup).await?;
            }
            (self.way, self.load) = (way, load);
            let ended = self.scenario(scenario).await?;
            if let Some(blocked) = ended.blocked {
                return Err(blocked);
            }
            steps.push(ended.document);
            runs.extend(ended.run);
        }
        let after = self.layout().await?;
        let from = (&before, scenario.tables_before());
        let to = (&after, scenario.tables_after());
        let document = Document::new(scenario.name(), Status::Done, from, to, start.elapsed());
        self.app.json(&Document { steps, ..document })?;
        self.show(scenario, started, &runs)
    }

    /// What the loads saw; fails where they saw a row that was lost or doubled.
    fn show(&self, scenario: Scenario, started: Timestamp, runs: &[timeline::Run]) -> Result<()> {
        if runs.is_empty() {
            return Ok(());
        }
        self.app.say(timeline::text(runs))?;
        if let Some(file) = &self.html {
            let script = self.scripts.load(scenario.script())?;
            let load = format!(" --under-load {}", self.load.unwrap_or_default());
            let way = match (runs.len(), self.way) {
                (2.., _) => " --compare",
                (_, Way::Online) => " --online",
                _ => "",
            };
            let about = timeline::About {
                doing: format!("{}: {}", scenario.name(), script.header.title),
                command: format!("cargo run -p repartition -- {}{way}{load}", scenario.name()),
                server: report::server_line(self.session.server()),
                started,
            };
            file.write(&timeline::page(runs, &about).into_string())?;
            self.app.say(format!(
                "\n{} the page is in {}",
                report::mark(true),
                file.path().display()
            ))?;
        }
        match runs.iter().find(|run| !run.observed.data_is_right()) {
            None => Ok(()),
            Some(run) => Err(Error::failed(format!(
                "{}: rows were lost, doubled or not seen",
                run.way.name()
            ))
            .because("the figures above say which the writers and readers missed")
            .next("report it, with the output above: this must not happen")),
        }
    }

    /// Runs all scenarios in order; one that is blocked ends it.
    pub async fn all(&mut self) -> Result<()> {
        let start = Instant::now();
        let before = self.layout().await?;
        let mut steps = Vec::new();
        let mut blocked = None;
        for scenario in Scenario::ALL {
            if scenario == Scenario::Cleanup {
                // It has only its script.
                self.way = Way::Classic;
            }
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
        self.app.say(show::title(scenario, &script, self.way))?;
        let document = |status, after: &Layout, elapsed: Duration| {
            let from = (&before, scenario.tables_before());
            Document::new(scenario.name(), status, from, (after, scenario.tables_after()), elapsed)
        };
        let unchanged = |status| {
            let there = (&before, scenario.tables_before());
            Document::new(scenario.name(), status, there, there, start.elapsed())
        };
        match readiness(scenario, self.way, &before) {
            Readiness::Already(what) => {
                self.app.say(format!("\n{} nothing to do: {what}", report::mark(true)))?;
                self.app.say(show::layout("now", &before, scenario.tables_after()))?;
                let document = document(Status::Already, &before, start.elapsed());
                Ok(Ended { document, blocked: None, run: None })
            }
            Readiness::Blocked { why, next } => {
                let error = Error::failed(format!("{} cannot run", scenario.name()))
                    .because(why)
                    .next(next);
                Ok(Ended { document: unchanged(Status::Blocked), blocked: Some(error), run: None })
            }
            Readiness::Ready if self.dry_run => {
                for (n, statement) in script.statements.iter().enumerate() {
                    self.app.say(show::source(n + 1, statement))?;
                }
                self.app.say("\nnothing was changed (--dry-run)")?;
                Ok(Ended { document: unchanged(Status::Ready), blocked: None, run: None })
            }
            Readiness::Ready => {
                self.app.say(show::layout("before", &before, scenario.tables_before()))?;
                self.app.say("")?;
                let run = self.under_load(scenario, &script, &before).await?;
                let elapsed = run.as_ref().map_or_else(|| start.elapsed(), timeline::Run::took);
                let after = self.layout().await?;
                let mut document = document(Status::Done, &after, elapsed);
                document.under_load = run.as_ref().map(timeline::UnderLoad::new);
                self.app.say(show::layout("after", &after, scenario.tables_after()))?;
                self.app.say(show::done("done", &document))?;
                Ok(Ended { document, blocked: None, run })
            }
        }
    }

    /// Runs the scenario, and a load meanwhile if one is wanted; its rows are gone afterwards,
    /// however the scenario ended.
    async fn under_load(
        &mut self,
        scenario: Scenario,
        script: &Script,
        layout: &Layout,
    ) -> Result<Option<timeline::Run>> {
        let Some(sessions) = self.load else {
            return self.work(scenario, script, layout).await.map(|()| None);
        };
        let (connector, interrupt) = (self.session.connector(), &self.app.interrupt);
        let load = Load::start(connector, scenario.subject(), sessions, layout, interrupt).await?;
        let worked = self.work(scenario, script, layout).await;
        let observed = load.finish().await;
        worked?;
        Ok(Some(timeline::Run { way: self.way, observed: observed? }))
    }

    async fn work(&mut self, scenario: Scenario, script: &Script, layout: &Layout) -> Result<()> {
        if self.way == Way::Classic {
            return self.run(script).await;
        }
        let rest = self.scripts.load(scenario.script_online())?;
        let mut session = self.session.connector().open().await?;
        let telling = Telling(self.app);
        let gently = self.load.is_some() || busy::in_use(session.client()).await?.is_some();
        let online = Online::new(&mut session, &self.app.interrupt, &telling, scenario, gently);
        // Large: all steps of the engine are in it.
        Box::pin(online.begin(layout)).await?;
        self.run(&rest).await?;
        Box::pin(online.finish()).await
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
