//! Two converters of one table.

use convert::event::Point;
use convert::work::Guards;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

#[tokio::test]
async fn a_second_converter_is_sent_away_with_the_pid_of_the_first() {
    let database = &table();
    let observer = At::once(Point::Copied, || async move {
        let nothing = At::nothing();
        let mut second = converter(database, Guards::default(), &nothing).await;
        let error = format!("{:?}", second.carry_out(Verb::Run).await.unwrap_err());
        let pid = database.text(
            "SELECT pid::text FROM pg_locks WHERE locktype = 'advisory' AND granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
        assert!(error.contains(&pid), "{pid}: {error}");
    });
    let mut first = converter(database, Guards::default(), &observer).await;
    first.well(Verb::Run).await;
    first.well(Verb::Swap).await;
    assert!(differences(database).is_empty());
}
