//! A conversion of a test's own, from the request to the end.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Mutex;

use convert::design::{self, Design};
use convert::event::{Event, Observer, Point};
use convert::request::{Every, Level, Request, Shape};
use convert::state::{self, Conversion};
use convert::steps;
use convert::swap::{self, Exchanged};
use convert::work::{Guards, Pace, Work};
use lab::Result;
use lab::connect::Session;
use lab::interrupt::Interrupt;
use testbed::Database;

/// What is done at a point: a write of somebody else, say.
type At = Box<dyn Fn(Point) -> Pin<Box<dyn Future<Output = Result<()>>>>>;

/// Hears the notes, and acts at points.
#[derive(Default)]
pub struct Listener {
    pub notes: Mutex<Vec<String>>,
    pub at: Option<At>,
}

impl Observer for Listener {
    fn tell(&self, event: Event) {
        if let Event::Note(note) = event {
            self.notes.lock().unwrap().push(note);
        }
    }

    fn at(&self, point: Point) -> Pin<Box<dyn Future<Output = Result<()>> + '_>> {
        match &self.at {
            Some(at) => at(point),
            None => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

/// A converter at work.
pub struct Converter {
    pub session: Session,
    pub interrupt: Interrupt,
    pub pace: Pace,
    pub listener: Listener,
    pub guards: Guards,
    pub id: i64,
}

impl Converter {
    /// One without a conversion yet.
    pub async fn new(database: &Database) -> Self {
        Self {
            session: database.session("convert").await,
            interrupt: Interrupt::default(),
            pace: Pace::default(),
            listener: Listener::default(),
            guards: Guards::default(),
            id: 0,
        }
    }

    pub fn work(&mut self) -> Work<'_> {
        let mut work =
            Work::new(&mut self.session, &self.interrupt, self.pace.clone(), &self.listener);
        work.guards = self.guards.clone();
        work
    }

    /// What is decided for `table`, whose blockers are all accepted.
    pub async fn design(&mut self, table: &str, request: &Request) -> Design {
        let client = self.session.client();
        let oid = lab::catalog::find_table(client, table).await.unwrap().expect("the table");
        let mut design = design::decide(client, oid, request).await.unwrap();
        design.blockers.clear();
        design
    }

    /// Converts up to the swap.
    pub async fn run(&mut self, table: &str, request: &Request) {
        let design = self.design(table, request).await;
        let conversion = steps::run(&self.work(), &design).await.unwrap();
        self.id = conversion.id;
    }

    pub async fn conversion(&self) -> Conversion {
        state::reload(self.session.client(), self.id).await.unwrap()
    }

    pub async fn swap(&mut self) -> Result<Exchanged> {
        let conversion = self.conversion().await;
        swap::swap(&self.work(), &conversion).await
    }

    pub async fn rollback(&mut self) -> Result<Exchanged> {
        let conversion = self.conversion().await;
        swap::rollback(&self.work(), &conversion).await
    }

    pub async fn abort(&mut self) -> Result<()> {
        let conversion = self.conversion().await;
        swap::abort(&self.work(), &conversion).await
    }

    pub async fn finish(&mut self) -> Result<()> {
        let conversion = self.conversion().await;
        swap::finish(&self.work(), &conversion, false).await
    }
}

/// By months of `column`.
pub fn months(column: &str) -> Request {
    request(Level::Range { column: column.into(), every: Every::Month })
}

pub fn request(level: Level) -> Request {
    Request {
        shape: Shape::Table,
        levels: vec![level],
        default: false,
        ahead: 1,
        time_zone: None,
        names: Vec::new(),
        unique: BTreeMap::new(),
        accept: Vec::new(),
    }
}
