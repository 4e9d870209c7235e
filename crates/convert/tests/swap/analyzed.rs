//! What the planner knows of a table that has just become live, and when autovacuum gets its partitions.

use std::sync::{Arc, Mutex};

use convert::event::Point;
use convert::request::{Every, Level, Request, Shape};
use testbed::{Database, server};

use crate::conversion::{Converter, request};

/// Rows of three months, which nobody but the converter analyses.
fn visits() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE visits (id int, day date NOT NULL, page int, PRIMARY KEY (id, day))
             WITH (autovacuum_enabled = off);
         INSERT INTO visits SELECT n, date '2024-01-01' + n % 90, n % 7
             FROM generate_series(1, 3000) AS n",
    );
    database
}

/// Columns with statistics: `visits` of the whole tree, and of each partition that holds rows.
fn known(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT format('%s %s%s', tablename, attname, CASE WHEN inherited THEN ' of all' END)
         FROM pg_stats WHERE schemaname = 'public' AND attname = 'page' ORDER BY 1",
    )
}

fn by_month(shape: Shape) -> Request {
    let months = Level::Range { column: "day".into(), every: Every::Month };
    Request { shape, ..request(months) }
}

#[tokio::test]
async fn the_new_table_and_each_partition_with_rows_have_statistics_after_each_swap() {
    let database = visits();
    let mut converter = Converter::new(&database).await;
    converter.run("visits", &by_month(Shape::Table)).await;
    let due =
        ["visits page of all", "visits_2024_01 page", "visits_2024_02 page", "visits_2024_03 page"];
    converter.swap().await.unwrap();
    assert_eq!(known(&database), due);
    // What was written since is known when it comes back.
    converter.rollback().await.unwrap();
    database.batch("UPDATE visits SET page = 4711");
    converter.swap().await.unwrap();
    assert_eq!(known(&database), due);
    let common = "SELECT DISTINCT most_common_vals::text FROM pg_stats
        WHERE attname = 'page' AND tablename LIKE 'visits%' AND tablename <> 'visits_old'";
    assert_eq!(database.texts(common), ["{4711}"]);
}

#[tokio::test]
async fn an_attached_table_and_its_parent_have_statistics() {
    let database = visits();
    let mut converter = Converter::new(&database).await;
    converter.run("visits", &by_month(Shape::AttachOld)).await;
    assert_eq!(database.texts(SWITCHED_OFF), [""; 0]);
    converter.swap().await.unwrap();
    assert_eq!(known(&database), ["visits page of all", "visits_old page"]);
}

#[tokio::test]
async fn autovacuum_leaves_the_new_partitions_alone_until_they_are_ready() {
    let database = visits();
    database.batch("ALTER TABLE visits RESET (autovacuum_enabled)");
    let mut converter = Converter::new(&database).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (at, observer) = (Arc::clone(&seen), database.clone());
    converter.listener.at = Some(Box::new(move |point| {
        if matches!(point, Point::Indexed | Point::Validated) {
            at.lock().unwrap().push((point, observer.texts(SWITCHED_OFF).len()));
        }
        Box::pin(std::future::ready(Ok(())))
    }));
    converter.run("visits", &by_month(Shape::Table)).await;
    let partitions = database.texts(PARTITIONS).len();
    assert_eq!(*seen.lock().unwrap(), [(Point::Indexed, partitions), (Point::Validated, 0)]);
}

const PARTITIONS: &str =
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'visits_new'::regclass";

/// Those that autovacuum leaves alone.
const SWITCHED_OFF: &str = "SELECT relname::text FROM pg_class
    WHERE relkind = 'r' AND relispartition AND 'autovacuum_enabled=false' = ANY (reloptions)";
