//! TRUNCATE fires no row trigger.

use crate::plain::{converted, differences, table};
use convert::event::Point;
use convert::work::Guards;

#[tokio::test]
async fn truncate_is_refused_by_name_and_rows_would_come_back_without() {
    let database = table();
    let client = database.client().await;
    let refused = "DO $$ BEGIN
            TRUNCATE t;
            RAISE 'TRUNCATE was not refused';
        EXCEPTION WHEN OTHERS THEN
            IF sqlerrm !~ 'convert' THEN RAISE; END IF;
        END $$";
    converted(&database, Guards::default(), Point::Validated, refused).await.unwrap();
    assert!(differences(&database).is_empty());
    let refused = client.batch_execute("TRUNCATE t").await.unwrap_err();
    let message = refused.as_db_error().unwrap().message().to_owned();
    assert!(message.contains("public.t"), "{message}");

    let database = table();
    let without = Guards { truncate: false, ..Guards::default() };
    let truncated = "TRUNCATE t";
    let harm = converted(&database, without, Point::Validated, truncated).await.unwrap_err();
    let harm = format!("{harm:?}");
    assert!(harm.contains("0 rows, the target 6,000"), "all rows would come back: {harm}");
}
