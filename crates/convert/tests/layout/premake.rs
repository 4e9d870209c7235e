//! What the premake tests share: a table, a moment, a wish.

use std::time::Duration;

use convert::event::{Event, Observer};
use convert::premake::{self, Done, Survey, Wish};
use convert::work::{Pace, Work};
use jiff::Timestamp;
use lab::Result;
use lab::connect::Session;
use lab::interrupt::Interrupt;
use testbed::Database;

pub fn wish(ahead: u32, time_zone: Option<&str>) -> Wish {
    Wish { ahead, retain: None, drop: false, time_zone: time_zone.map(str::to_owned) }
}

struct Silent;

impl Observer for Silent {
    fn tell(&self, _: Event) {}
}

pub async fn survey(database: &Database, table: &str, wish: &Wish, now: &str) -> Result<Survey> {
    let client = database.client().await;
    let oid = client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0);
    let now: Timestamp = now.parse().unwrap();
    premake::survey(&client, oid, wish, now).await
}

/// Does it; waits for locks `budget` altogether.
pub async fn within(
    database: &Database,
    table: &str,
    wish: &Wish,
    now: &str,
    budget: Duration,
) -> Result<Vec<Done>> {
    let survey = survey(database, table, wish, now).await?;
    let mut session = database.session("premake").await;
    carry_out(&mut session, &survey, wish, budget).await
}

/// Does it, and returns what the server said meanwhile.
pub async fn notices(database: &Database, table: &str, wish: &Wish, now: &str) -> Vec<String> {
    let survey = survey(database, table, wish, now).await.unwrap();
    let mut session = database.session("premake").await;
    carry_out(&mut session, &survey, wish, Duration::from_secs(30)).await.unwrap();
    session.take_notices()
}

async fn carry_out(
    session: &mut Session,
    survey: &Survey,
    wish: &Wish,
    budget: Duration,
) -> Result<Vec<Done>> {
    let (interrupt, pace) = (Interrupt::default(), Pace { lock_budget: budget, ..Pace::default() });
    let work = Work::new(session, &interrupt, pace, &Silent);
    let mut done = Vec::new();
    survey.carry_out(&work, wish, &mut done).await.map(|()| done)
}

/// Does it, and then finds nothing more to do.
pub async fn carried_out(database: &Database, table: &str, wish: &Wish, now: &str) -> Vec<Done> {
    let budget = Duration::from_secs(30);
    let done = within(database, table, wish, now, budget).await.unwrap();
    let again = within(database, table, wish, now, budget).await.unwrap();
    assert_eq!(again, [], "the second run did something");
    done
}

/// Name and bound of each partition directly below, in the order of their names.
pub fn partitions(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "SELECT relname || ' ' || pg_get_expr(relpartbound, oid) FROM pg_class
         JOIN pg_inherits ON inhrelid = oid WHERE inhparent = '{table}'::regclass ORDER BY relname COLLATE \"C\""
    ))
}

/// Names alone.
pub fn names(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "SELECT relname::text FROM pg_class JOIN pg_inherits ON inhrelid = oid
         WHERE inhparent = '{table}'::regclass ORDER BY relname COLLATE \"C\""
    ))
}
