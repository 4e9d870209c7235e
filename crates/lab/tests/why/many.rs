//! Thousands of partitions: a reason for each query, whatever their number.

use lab::plan::explain_only;
use lab::plan::why::{Why, explain_why};

const MANY: [&str; 2] = [
    "CREATE TABLE many (n int, label text) PARTITION BY RANGE (n);
     DO $$ BEGIN FOR i IN 0..4095 LOOP
        EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES FROM (%s) TO (%s)',
            i, i * 10, i * 10 + 10);
     END LOOP; END $$",
    "CREATE TABLE deep (n int, kind int) PARTITION BY RANGE (n);
     DO $$ BEGIN FOR i IN 0..63 LOOP
        EXECUTE format('CREATE TABLE deep_%s PARTITION OF deep FOR VALUES FROM (%s) TO (%s)
            PARTITION BY LIST (kind)', i, i * 10, i * 10 + 10);
        FOR j IN 0..63 LOOP
            EXECUTE format('CREATE TABLE deep_%s_%s PARTITION OF deep_%s FOR VALUES IN (%s)',
                i, j, i, j);
        END LOOP;
     END LOOP; END $$",
];

#[tokio::test]
async fn four_thousand_partitions() {
    let mut client = testbed::server().database().client().await;
    for tables in MANY {
        client.batch_execute(tables).await.unwrap();
    }
    for sql in [
        "SELECT * FROM many WHERE n = 5",
        "SELECT * FROM many WHERE label = 'x'",
        "SELECT * FROM many WHERE n::text = '5'",
        "SELECT * FROM many WHERE n + 1 > 20",
        "SELECT * FROM many WHERE n >= 0",
        "SELECT * FROM many WHERE n > 20000",
        "SELECT * FROM many WHERE n = 99999",
        "SELECT * FROM many WHERE n = 5 AND n = 6",
        "SELECT * FROM many JOIN deep USING (n) WHERE deep.n < 100",
        "SELECT * FROM deep WHERE n = 5 AND kind = 5",
        "SELECT * FROM deep WHERE kind + 0 = 5",
        "SELECT * FROM deep WHERE n > 99999",
    ] {
        let tx = client.transaction().await.unwrap();
        let explained = explain_only(&tx, sql).await.unwrap();
        let whys = explain_why(&tx, sql, &explained).await.unwrap();
        let reasons: Vec<_> = whys.iter().flat_map(Why::reasons).collect();
        let known = !reasons.is_empty() && !reasons.iter().any(|one| one.is_unknown());
        assert!(known, "{sql}: {whys:#?}");
    }
}
