//! The converter, in this process.

use std::time::Duration;

use convert::design::{Design, decide};
use convert::event::Observer;
use convert::request::{Every, Level, Request, Shape};
use convert::work::{Guards, Pace, Work};
use convert::{state, steps, swap};
use lab::Result;
use lab::catalog::Name;
use lab::connect::Session;
use lab::interrupt::Interrupt;
use testbed::Database;

use crate::table::Table;

/// What `convert` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Run,
    Swap,
    Rollback,
    Finish,
    Abort,
}

/// What is to become of a table.
#[derive(Debug, Clone)]
pub struct Job {
    pub table: Name,
    pub request: Request,
    /// Whether it is converted the gentle way, where it can be.
    pub gentle: bool,
    /// For failures.
    about: String,
}

impl Job {
    pub fn new(table: Name, shape: Shape, levels: Vec<Level>) -> Self {
        let request = Request {
            shape,
            levels,
            default: false,
            ahead: 1,
            time_zone: Some("UTC".to_owned()),
            names: Vec::new(),
            unique: [("*".to_owned(), convert::request::UniqueKey::Extend)].into(),
            accept: Vec::new(),
        };
        Self { table, request, gentle: false, about: String::new() }
    }
}

impl From<&Table> for Job {
    fn from(table: &Table) -> Self {
        let levels = table.target.iter().map(|level| level.level(table)).collect();
        let mut job = Self::new(table.name.clone(), Shape::Table, levels);
        job.request.default = table.default;
        if table.deferrable {
            job.request.accept.push("deferrable".to_owned());
        }
        job.gentle = table.seed % 2 == 1;
        job.about = format!("seed {}: {table:#?}", table.seed);
        job
    }
}

/// One table, its conversion, and who watches.
pub struct Converter<'a> {
    session: Session,
    pub table: Name,
    pub request: Request,
    pub pace: Pace,
    pub guards: Guards,
    observer: &'a dyn Observer,
    /// For failures.
    about: String,
}

impl<'a> Converter<'a> {
    /// For an invented table.
    pub async fn new(database: &Database, table: &Table, observer: &'a dyn Observer) -> Self {
        Self::on(database, Job::from(table), observer).await
    }

    pub async fn of(
        database: &Database,
        table: Name,
        levels: Vec<Level>,
        observer: &'a dyn Observer,
    ) -> Self {
        Self::on(database, Job::new(table, Shape::Table, levels), observer).await
    }

    pub async fn on(database: &Database, job: Job, observer: &'a dyn Observer) -> Self {
        let Job { table, request, gentle, about } = job;
        // Small batches, so that there are several; and on a busy machine no transaction is short. These writers
        // are faster than any gentle replay.
        let pace = Pace {
            batch: Duration::from_millis(5),
            patience: Duration::from_millis(100),
            lock_timeout: Duration::from_secs(1),
            lock_budget: Duration::from_secs(300),
            ..Pace::default()
        };
        let pace = if gentle { pace.gently() } else { pace };
        let session = database.session("fire").await;
        let guards = Guards::default();
        Self { session, table, request, pace, guards, observer, about }
    }

    /// The table by months of `at`, for tests with a table of their own.
    pub fn monthly() -> Vec<Level> {
        vec![Level::Range { column: "at".to_owned(), every: Every::Month }]
    }

    fn work<'b>(&'b mut self, interrupt: &'b Interrupt) -> Work<'b> {
        let mut work = Work::new(&mut self.session, interrupt, self.pace.clone(), self.observer);
        work.guards = self.guards.clone();
        work
    }

    /// What is decided for the table as it is now.
    pub async fn design(&self) -> Result<Design> {
        let client = self.session.client();
        let name = self.table.to_string();
        let row = client.query_one("SELECT $1::text::regclass::oid", &[&name]).await;
        decide(client, row.expect("the table").get(0), &self.request).await
    }

    /// Carries out a verb, or what is left to do of it.
    pub async fn carry_out(&mut self, verb: Verb) -> Result<()> {
        let (interrupt, name) = (Interrupt::default(), self.table.to_string());
        let found = state::find(self.session.client(), &name).await?;
        if verb == Verb::Run {
            let design = match found {
                Some(conversion) => conversion.design,
                None => self.design().await?,
            };
            steps::run(&self.work(&interrupt), &design).await?;
            return Ok(());
        }
        if let (None, Some(ended)) = (&found, swap::ended(self.session.client(), &name).await?) {
            return swap::leave(&self.work(&interrupt), &ended).await;
        }
        let conversion = state::active(self.session.client(), &name).await?;
        state::exclusive(&self.work(&interrupt), conversion.source, &name).await?;
        let conversion = state::reload(self.session.client(), conversion.id).await?;
        let work = self.work(&interrupt);
        match verb {
            Verb::Run => Ok(()),
            Verb::Swap => swap::swap(&work, &conversion).await.map(drop),
            Verb::Rollback => swap::rollback(&work, &conversion).await.map(drop),
            Verb::Finish => swap::finish(&work, &conversion, false).await,
            Verb::Abort => swap::abort(&work, &conversion).await,
        }
    }

    /// From now on its steering session has no more rights than this role.
    pub async fn become_role(&self, role: &str) {
        let set = format!("SET ROLE {role}");
        self.session.client().batch_execute(&set).await.expect("the role");
    }

    /// Carries out a verb that must succeed.
    pub async fn well(&mut self, verb: Verb) {
        if let Err(error) = self.carry_out(verb).await {
            panic!("{verb:?}: {error}\n{error:?}\n{}", self.about);
        }
    }
}
