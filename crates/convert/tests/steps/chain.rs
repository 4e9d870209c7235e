//! All steps on end.

use convert::state::Phase;

use crate::converter::{Converter, monthly};

#[tokio::test]
async fn a_plain_table_becomes_ready() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamp NOT NULL, v text, n numeric);
         INSERT INTO t (at, v, n) SELECT '2024-01-01'::timestamp + i * interval '10 min', 'v' || i, i / 3.0
         FROM generate_series(1, 10000) i;
         CREATE INDEX t_v ON t (v); CREATE INDEX lower_v ON t (lower(v)) WHERE n > 5",
    );
    let mut converter = Converter::new(&database).await;
    let conversion = converter.run("t", &monthly("at")).await.unwrap();
    assert_eq!(conversion.phase, Phase::Ready);
    assert_eq!(database.count("SELECT count(*) FROM t_new"), 10_000);
    let differ = "SELECT count(*) FROM (TABLE t EXCEPT TABLE t_new) d";
    assert_eq!(database.count(differ), 0);
}
