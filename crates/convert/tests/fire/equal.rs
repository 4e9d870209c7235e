//! Source and target, compared.

use tokio_postgres::{Client, Config};

use crate::table::{Col, Table};
use crate::writer::connect;

/// The two tables of the last conversion of a database, and the log of what the shadow lacks.
pub struct Pair {
    pub source: String,
    pub target: String,
    log: String,
}

impl Pair {
    pub async fn read(client: &Client) -> Self {
        let row = client
            .query_one(
                "SELECT source::regclass::text, target::regclass::text,
                     format('partition_convert.%s_%s',
                         CASE live WHEN 'source' THEN 'forward' ELSE 'backward' END, id)
                 FROM partition_convert.conversions ORDER BY id DESC LIMIT 1",
                &[],
            )
            .await
            .expect("a conversion");
        Self { source: row.get(0), target: row.get(1), log: row.get(2) }
    }

    /// Rows that one of the two holds more often than the other: but for those that the log names.
    async fn differences(&self, client: &Client, table: &Table) -> Vec<String> {
        let columns = format!("{}, \"twice ñ\"", table.columns());
        let logged = table.key.iter().map(|column| {
            let column = table.col(*column);
            format!("l.{column} = t.{column}")
        });
        let logged = logged.collect::<Vec<_>>().join(" AND ");
        let rows = |name: &str| {
            let log = &self.log;
            format!(
                "SELECT {columns} FROM {name} AS t
                 WHERE NOT EXISTS (SELECT FROM {log} AS l WHERE {logged})"
            )
        };
        let (source, target) = (rows(&self.source), rows(&self.target));
        let sql = format!(
            "(SELECT left('only in the source: ' || s::text, 200)
              FROM ({source} EXCEPT ALL {target}) AS s)
             UNION ALL
             (SELECT left('only in the target: ' || t::text, 200)
              FROM ({target} EXCEPT ALL {source}) AS t)"
        );
        let rows = client.query(&sql, &[]).await.expect("source and target");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Asserts that source and target hold the same rows in one snapshot, but for those whose keys the
/// log holds in that snapshot.
pub async fn assert_equal(server: &Config, table: &Table, when: &str) {
    let client = connect(server).await;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.expect("BEGIN");
    let pair = Pair::read(&client).await;
    let differences = pair.differences(&client, table).await;
    assert!(differences.is_empty(), "seed {}: {when}: {differences:#?}", table.seed);
    // Else two empty tables would do.
    let fixed =
        |name: &str| format!("SELECT count(*) FROM {name} WHERE {} = 0", table.col(Col::Writer));
    for name in [&pair.source, &pair.target] {
        let rows: i64 = client.query_one(&fixed(name), &[]).await.expect("a count").get(0);
        assert_eq!(rows, i64::from(table.fixed), "seed {}: {when}: {name}", table.seed);
    }
}
