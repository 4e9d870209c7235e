//! Requests, and what is decided for them.

use convert::design::{self, Design};
use convert::request::{Every, Level, Request, Shape, UniqueKey};
use testbed::Database;

/// By range of `column`, a quarter a partition.
pub fn quarters(column: &str) -> Request {
    request(Level::Range { column: column.to_owned(), every: Every::Quarter })
}

/// By this level alone.
pub fn request(level: Level) -> Request {
    Request {
        shape: Shape::Table,
        levels: vec![level],
        default: false,
        ahead: 4,
        time_zone: None,
        names: Vec::new(),
        unique: std::collections::BTreeMap::new(),
        accept: Vec::new(),
    }
}

/// The same, with a way for all unique keys.
pub fn unique(mut request: Request, way: UniqueKey) -> Request {
    request.unique.insert("*".to_owned(), way);
    request
}

/// What is decided for `table`.
pub async fn decided(database: &Database, table: &str, request: &Request) -> Design {
    let client = database.client().await;
    let oid = client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0);
    design::decide(&client, oid, request).await.unwrap()
}

/// A database with the chat application's tables.
pub fn chat() -> Database {
    let database = testbed::server().database();
    database.batch(include_str!("../../../../scripts/chat/00_base.sql"));
    database
}
