//! Pid files that lie, and servers that were killed (ground truth 20).

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Child;
use std::time::Duration;

use crate::bench::{Bench, assert_says, connect, pid, signal};

/// Writes the pid file, and the socket's lock file, that a killed server would have left.
fn leave_pid(bench: &Bench, pid: u32) {
    let (data, run) = (bench.data(), bench.home.join("run"));
    let text = format!("{pid}\n{}\n1700000000\n5432\n{}\n\n", data.display(), run.display());
    fs::write(data.join("postmaster.pid"), &text).unwrap();
    fs::write(run.join(".s.PGSQL.5432.lock"), &text).unwrap();
}

async fn starts(bench: &Bench) {
    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert!(attached.started);
    connect(&attached).await;
}

#[tokio::test]
async fn a_pid_that_is_gone() {
    let bench = Bench::stopped();
    let mut child = bench.as_owner("true").spawn().unwrap();
    child.wait().unwrap();
    leave_pid(&bench, child.id());
    assert!(bench.server.attach().await.unwrap().is_none());
    assert!(!bench.server.stop().await.unwrap());
    starts(&bench).await;
}

/// Ends the process with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_pid_that_another_program_has_now() {
    let bench = Bench::stopped();
    let mut other = Ended(bench.as_owner("sleep").arg("600").spawn().unwrap());
    leave_pid(&bench, other.0.id());
    assert!(!bench.server.stop().await.unwrap(), "it is not ours to stop");
    starts(&bench).await;
    assert!(other.0.try_wait().unwrap().is_none(), "the other program runs on");
}

#[tokio::test]
async fn a_pid_that_another_server_has_now() {
    let bench = Bench::stopped();
    let other = testbed::server().attached();
    leave_pid(&bench, pid(&other.data));
    assert!(!bench.server.stop().await.unwrap(), "it is not ours to stop");
    starts(&bench).await;
    connect(other).await;
}

#[tokio::test]
async fn a_pid_that_is_a_zombie_called_postgres() {
    let bench = Bench::stopped();
    let postgres = bench.home.join("postgres");
    symlink("/bin/true", &postgres).unwrap();
    let zombie = bench.as_owner(&postgres).current_dir(bench.data()).spawn().unwrap();
    let zombie = Ended(zombie);
    leave_pid(&bench, zombie.0.id());
    starts(&bench).await;
    fs::remove_file(postgres).unwrap();
}

#[tokio::test]
async fn a_killed_server_starts_again_with_its_data() {
    let (bench, attached) = Bench::running().await;
    let client = connect(&attached).await;
    client.batch_execute("CREATE TABLE kept AS SELECT 42 AS x").await.unwrap();
    // A session at work outlives its server until it is done, and keeps the shared memory.
    let busy = connect(&attached).await;
    let backend: i32 = busy.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let work = tokio::spawn(async move {
        busy.batch_execute("SELECT sum(x) FROM generate_series(1, 20000000) AS g (x)").await
    });
    tokio::time::timeout(Duration::from_secs(20), async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";
        while client.query_one(sql, &[&backend]).await.unwrap().get::<_, i64>(0) == 0 {}
    })
    .await
    .expect("the session is at work");

    signal("KILL", bench.pid());
    let again = bench.server.attach_or_start(None).await.unwrap();
    assert!(again.started && !again.created);
    let row = connect(&again).await.query_one("SELECT x FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 42);
    // The old session's answer, if it came at all, is none of ours.
    let _ = work.await;
}

#[tokio::test]
async fn another_server_at_our_address_is_never_taken_for_ours() {
    let bench = Bench::stopped();
    let other = testbed::server().attached();
    let text = format!(
        "{}\n{}\n1\n{}\n{}\n\n",
        pid(&other.data),
        other.data.display(),
        other.port,
        other.socket.display()
    );
    fs::write(bench.data().join("postmaster.pid"), text).unwrap();
    let error = bench.server.attach().await.unwrap_err();
    assert_says(&error, &["another server", &other.data.display().to_string()]);
    assert_says(&bench.server.attach_or_start(None).await.unwrap_err(), &["another server"]);
}
