//! A disk that is full while rows are copied.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use testbed::{TestHome, ran};

use crate::own_server::OwnServer;
use crate::writer::connect;

/// A small file system of its own, where whoever runs the test may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let disk = folder.join("disk");
        std::fs::create_dir(&disk).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&disk);
        let mounted = mount.output().is_ok_and(|mounted| mounted.status.success());
        mounted.then_some(Self(disk))
    }

    fn grow(&self) {
        let mut mount = Command::new("mount");
        let grown = mount.args(["-o", "remount,size=64m"]).arg(&self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still have its files open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_ends_a_run_and_the_next_goes_on_when_there_is_room() {
    let home = TestHome::new();
    let Some(disk) = SmallDisk::mount(home.path()) else {
        println!("skipped: this user may not mount a file system");
        return;
    };
    let own = OwnServer::start_new();
    let client = connect(&own.config()).await;
    let data: String = client.query_one("SHOW data_directory", &[]).await.unwrap().get(0);
    let owner = std::fs::metadata(data).unwrap();
    let folder = disk.0.join("space");
    std::fs::create_dir(&folder).unwrap();
    chown(&folder, Some(owner.uid()), Some(owner.gid())).unwrap();
    let make = format!("CREATE TABLESPACE small LOCATION '{}'", folder.display());
    client.batch_execute(&make).await.unwrap();
    let database: String = client.query_one("SELECT current_database()", &[]).await.unwrap().get(0);
    client
        .batch_execute(&format!(
            "CREATE TABLE t (id int PRIMARY KEY, at date NOT NULL, v text NOT NULL);
             INSERT INTO t SELECT n, date '2088-01-01' + n % 60, repeat('v', 400)
                 FROM generate_series(1, 20000) AS n;
             ALTER DATABASE {database} SET default_tablespace = small"
        ))
        .await
        .unwrap();
    let rows = "SELECT count(*) || md5(string_agg(t::text, ' ' ORDER BY id)) FROM t";
    let before: String = client.query_one(rows, &[]).await.unwrap().get(0);
    let months = ["run", "t", "--range", "at", "--every", "month", "--swap"];
    for _ in 0..2 {
        let run = ran(own.process("convert").args(months)).exited(1);
        let _ =
            run.says(&["cannot copy", "No space left on device", "53100", "same command again"]);
        let state = "SELECT phase || ' ' || live FROM partition_convert.conversions";
        let state: String = client.query_one(state, &[]).await.unwrap().get(0);
        assert_eq!(state, "prepared source");
    }
    let now: String = client.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(now, before, "the source is untouched");
    disk.grow();
    // What is written from now on is logged as before.
    client
        .batch_execute("UPDATE t SET v = 'x' WHERE id % 9 = 7; DELETE FROM t WHERE id % 9 = 8")
        .await
        .unwrap();
    let before: String = client.query_one(rows, &[]).await.unwrap().get(0);
    let _ = ran(own.process("convert").args(months)).ok();
    let now: String = client.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(now, before, "the new table holds the same");
}
