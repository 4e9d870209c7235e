//! A small table with one row a day, converted to monthly partitions while something happens.

use convert::event::{Observer, Point};
use convert::work::Guards;
use lab::Result;
use lab::catalog::Name;
use testbed::{Database, server};

use crate::converter::{Converter, Verb};
use crate::observer::At;

/// Rows of [`table`].
pub const ROWS: i64 = 6000;

/// In about 175 blocks, which are several batches; `at` runs through four months.
pub fn table() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id integer PRIMARY KEY, at date NOT NULL, v text NOT NULL)
             WITH (autovacuum_enabled = off);
         INSERT INTO t SELECT i, date '2088-01-01' + i % 121, repeat('v', 200)
             FROM generate_series(1, 6000) AS i",
    );
    database
}

/// Converts it, swaps included, while `race` goes on at `point`.
pub async fn converted(
    database: &Database,
    guards: Guards,
    point: Point,
    race: &str,
) -> Result<()> {
    let client = database.client().await;
    let observer = At::once(point, || async move { client.batch_execute(race).await.unwrap() });
    let mut converter = converter(database, guards, &observer).await;
    converter.carry_out(Verb::Run).await?;
    converter.carry_out(Verb::Swap).await
}

pub async fn converter<'a>(
    database: &Database,
    guards: Guards,
    observer: &'a dyn Observer,
) -> Converter<'a> {
    let (name, levels) = (Name::new("public", "t"), Converter::monthly());
    let mut converter = Converter::of(database, name, levels, observer).await;
    converter.guards = guards;
    converter
}

/// Rows that only one of the two has, after the swap: `-` for the source's, `+` for the target's.
pub fn differences(database: &Database) -> Vec<String> {
    database.texts(
        "(SELECT '-' || id || ' ' || at FROM (TABLE t_old EXCEPT ALL TABLE t) AS s)
         UNION ALL
         (SELECT '+' || id || ' ' || at FROM (TABLE t EXCEPT ALL TABLE t_old) AS t)
         ORDER BY 1",
    )
}
