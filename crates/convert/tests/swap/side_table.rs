//! A side table is filled from rows that are as the source's.

use std::sync::Mutex;

use convert::event::Point;
use convert::request::UniqueKey;
use convert::work::Pace;
use testbed::server;

use crate::conversion::{Converter, months};

/// While it is copied gently a value may be there twice: in a row that is gone, which the log says, and in a new one.
#[tokio::test]
async fn a_value_that_moved_to_another_partition_while_it_was_copied_is_there_once() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, code text CONSTRAINT t_code_key UNIQUE, at timestamp NOT NULL);
         INSERT INTO t SELECT i, 'c' || i, '2024-01-01'::timestamp + i * interval '12 hours' FROM generate_series(1, 65) i",
    );
    let client = database.client().await;
    // The second row is put where the copy would have put it, had it come by a moment later.
    let moves = "DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (100, 'c1', '2024-02-01');
        INSERT INTO t_new TABLE t EXCEPT TABLE t_new";
    let mut converter = Converter::new(&database).await;
    converter.pace = Pace::default().gently();
    let left = Mutex::new(Some(client));
    converter.listener.at = Some(Box::new(move |point| {
        let client = (point == Point::Copied).then(|| left.lock().unwrap().take()).flatten();
        Box::pin(async move {
            if let Some(client) = client {
                client.batch_execute(moves).await.unwrap();
            }
            Ok(())
        })
    }));
    let mut request = months("at");
    request.unique = [("t_code_key".to_owned(), UniqueKey::SideTable)].into();
    converter.run("t", &request).await;
    converter.swap().await.unwrap();
    assert_eq!(
        database.text("SELECT at::date::text FROM t_code_key_global WHERE code = 'c1'"),
        "2024-02-01"
    );
}
