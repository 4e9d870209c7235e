//! A fresh database for each test.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_postgres::{Client, NoTls};

static NUMBER: AtomicUsize = AtomicUsize::new(0);

pub async fn connect() -> Client {
    let url = std::env::var("LAB_TEST_URL").unwrap();
    let name = format!("t_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let admin = open(&url).await;
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    open(&format!("{url} dbname={name}")).await
}

#[allow(dead_code)]
pub async fn second(client: &Client) -> Client {
    let url = std::env::var("LAB_TEST_URL").unwrap();
    let row = client.query_one("SELECT current_database()::text", &[]).await.unwrap();
    open(&format!("{url} dbname={}", row.get::<_, &str>(0))).await
}

async fn open(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
