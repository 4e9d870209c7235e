//! Partitions on another server: their conditions stand in what that server is asked.

use tokio_postgres::config::Host;

use crate::ask;
use crate::corpus::lines;

#[tokio::test]
async fn partitions_on_another_server() {
    let database = testbed::server().database();
    let mut client = database.client().await;
    let [Host::Unix(socket)] = database.config().get_hosts() else { panic!("a socket") };
    let (socket, port) = (socket.display(), database.config().get_ports()[0]);
    let user = client.query_one("SELECT current_user::text", &[]).await.unwrap();
    client
        .batch_execute(&format!(
            "CREATE TABLE near (n int, label text);
             INSERT INTO near VALUES (5, 'x'), (15, 'y');
             CREATE EXTENSION postgres_fdw;
             CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
                 OPTIONS (host '{socket}', port '{port}', dbname '{}');
             CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user '{}', password_required 'false');
             CREATE TABLE spread (n int, label text) PARTITION BY RANGE (n);
             CREATE FOREIGN TABLE spread_0 PARTITION OF spread FOR VALUES FROM (0) TO (10)
                 SERVER far OPTIONS (table_name 'near');
             CREATE FOREIGN TABLE spread_1 PARTITION OF spread FOR VALUES FROM (10) TO (20)
                 SERVER far OPTIONS (table_name 'near');",
            database.name(),
            user.get::<_, String>(0),
        ))
        .await
        .unwrap();
    for (sql, expected) in [
        ("SELECT * FROM spread WHERE n = 5", "why: spread: pruned_by n = 5"),
        ("SELECT * FROM spread WHERE label = 'x'", "why: spread: no_condition"),
        ("SELECT * FROM spread", "why: spread: no_condition"),
        (
            "SELECT * FROM spread WHERE n + 1 = 6",
            "why: spread: calculation_on_key n + 1\ntry: spread: rewrite n = 5 [1/2]",
        ),
    ] {
        let tx = client.transaction().await.unwrap();
        let (_, whys) = ask(&tx, sql).await;
        assert_eq!(lines(&whys).join("\n"), expected, "{sql}");
    }
    // One local partition tells what the others are asked.
    client
        .batch_execute("CREATE TABLE spread_2 PARTITION OF spread FOR VALUES FROM (20) TO (30)")
        .await
        .unwrap();
    let tx = client.transaction().await.unwrap();
    let (_, whys) = ask(&tx, "SELECT * FROM spread WHERE n % 7 = 3").await;
    assert_eq!(lines(&whys), ["why: spread: calculation_on_key n % 7"]);
}
