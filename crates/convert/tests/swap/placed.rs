//! Where indexes are kept, and what is said of them: tablespace, CLUSTER, replica identity.

use convert::request::{Request, Shape, UniqueKey};
use testbed::{Database, server};

use crate::conversion::{Converter, months};
use crate::describe::describe;

/// What the rows' tables say of their indexes, one line an index; `of` says of which table's.
async fn of_rows(database: &Database) -> Vec<String> {
    let all = describe(database, "public.t").await;
    let lines = all.lines().filter(|line| line.starts_with("index of rows"));
    lines.map(str::to_owned).collect()
}

async fn table(database: &Database) -> Vec<String> {
    let client = database.client().await;
    let space = format!("{} Space", database.name());
    client.batch_execute("SET allow_in_place_tablespaces = on").await.unwrap();
    client.batch_execute(&format!("CREATE TABLESPACE \"{space}\" LOCATION ''")).await.unwrap();
    database.batch(&format!(
        "CREATE TABLE t (id int NOT NULL, day date NOT NULL, n int NOT NULL,
             PRIMARY KEY (id) USING INDEX TABLESPACE \"{space}\");
         CREATE UNIQUE INDEX t_identity ON t (n) INCLUDE (id);
         CREATE INDEX t_day ON t (day) TABLESPACE \"{space}\" WHERE n > 0;
         ALTER TABLE t CLUSTER ON t_pkey; ALTER TABLE t REPLICA IDENTITY USING INDEX t_identity;
         INSERT INTO t SELECT g, date '2024-01-01' + g % 90, g FROM generate_series(1, 500) g"
    ));
    let before = of_rows(database).await;
    assert_eq!(
        before,
        [
            format!("index of rows | public.t_day | {space} | f | f"),
            "index of rows | public.t_identity | f | t".to_owned(),
            format!("index of rows | public.t_pkey | {space} | t | f"),
        ]
    );
    before
}

/// There and back, twice, and to the end.
async fn kept(shape: Shape) {
    let database = server().database();
    let before = table(&database).await;
    let unique = [("t_identity".to_owned(), UniqueKey::Extend)].into();
    let request = Request { shape, unique, ..months("day") };
    let mut converter = Converter::new(&database).await;
    converter.run("t", &request).await;
    for _ in 0..2 {
        converter.swap().await.unwrap();
        assert_eq!(of_rows(&database).await, before, "swapped");
        // What a later partition's indexes are made like.
        let whole = database.texts(
            "SELECT c.relname::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
             WHERE x.indrelid = 't'::regclass AND c.reltablespace <> 0 ORDER BY 1",
        );
        assert_eq!(whole, ["t_day", "t_pkey"]);
        assert_eq!(
            database.text("SELECT relreplident::text FROM pg_class WHERE oid = 't'::regclass"),
            "i"
        );
        converter.rollback().await.unwrap();
        assert_eq!(of_rows(&database).await, before, "rolled back");
    }
    converter.swap().await.unwrap();
    converter.finish().await.unwrap();
    assert_eq!(of_rows(&database).await, before, "finished");
}

#[tokio::test]
async fn a_new_tables_indexes_are_where_the_old_ones_were() {
    kept(Shape::Table).await;
}

#[tokio::test]
async fn an_attached_tables_wider_indexes_are_where_the_narrow_ones_were() {
    kept(Shape::AttachOld).await;
}
