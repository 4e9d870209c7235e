//! A conversion in this process.

use std::cell::RefCell;

use convert::design::{self, Design};
use convert::event::{Event, Observer};
use convert::request::{Every, Level, Request, Shape};
use convert::state::Conversion;
use convert::steps;
use convert::steps::validate::Comparison;
use convert::work::{Pace, Work};
use lab::Result;
use lab::connect::Session;
use lab::interrupt::Interrupt;
use testbed::Database;

/// Keeps what it is told.
#[derive(Default)]
pub struct Told(pub RefCell<Vec<Event>>);

impl Observer for Told {
    fn tell(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

pub fn request(levels: Vec<Level>) -> Request {
    Request {
        shape: Shape::Table,
        levels,
        default: false,
        ahead: 1,
        time_zone: Some("UTC".to_owned()),
        names: Vec::new(),
        unique: [("*".to_owned(), convert::request::UniqueKey::Extend)].into(),
        accept: Vec::new(),
    }
}

pub fn monthly(column: &str) -> Request {
    request(vec![Level::Range { column: column.to_owned(), every: Every::Month }])
}

pub struct Converter {
    pub session: Session,
    pub told: Told,
    pub pace: Pace,
    pub interrupt: Interrupt,
}

impl Converter {
    pub async fn new(database: &Database) -> Self {
        Self {
            session: database.session("steps").await,
            told: Told::default(),
            pace: Pace::default(),
            interrupt: Interrupt::default(),
        }
    }

    pub async fn design(&self, table: &str, request: &Request) -> Design {
        let client = self.session.client();
        let oid = lab::catalog::find_table(client, table).await.unwrap().expect("the table");
        design::decide(client, oid, request).await.unwrap()
    }

    pub async fn run(&mut self, table: &str, request: &Request) -> Result<Conversion> {
        let design = self.design(table, request).await;
        steps::run(&self.work(), &design).await
    }

    pub async fn compare(&mut self, conversion: &Conversion) -> Result<Comparison> {
        steps::validate::compare(&self.work(), conversion).await
    }

    fn work(&mut self) -> Work<'_> {
        Work::new(&mut self.session, &self.interrupt, self.pace.clone(), &self.told)
    }
}
