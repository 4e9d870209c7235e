//! A server that cannot start says why.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;

use crate::bench::{Bench, assert_says, is_root, server};

#[tokio::test]
async fn a_failed_start_shows_its_own_part_of_the_log() {
    let bench = Bench::stopped();
    let append = |file: &str, text: &str| {
        let mut file = OpenOptions::new().append(true).open(bench.home.join(file)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    append("log", "an old line\n");
    append("data/postgresql.conf", "work_mem = 'plenty'\n");
    let error = bench.server.attach_or_start(None).await.unwrap_err();
    assert_says(&error, &["did not start", "invalid value for parameter \"work_mem\"", "log"]);
    assert!(!error.to_string().contains("an old line"), "{error}");
}

#[tokio::test]
async fn own_settings_in_postgresql_conf_are_kept() {
    let bench = Bench::stopped();
    let conf = bench.data().join("postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}\nwork_mem = '7MB'\n")).unwrap();
    let attached = bench.server.attach_or_start(None).await.unwrap();
    let client = crate::bench::connect(&attached).await;
    assert_eq!(crate::bench::setting(&client, "work_mem").await, "7MB");
}

/// Unmounts with the test.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_left() {
    let bench = Bench::at("disk/home");
    let disk = bench.home.parent().unwrap().to_owned();
    fs::create_dir(&disk).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs"]).arg(&disk);
    if !is_root() || !mount.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: needs root, and the right to mount");
        return;
    }
    let _mounted = Mounted(disk);
    let error = bench.server.attach_or_start(None).await.unwrap_err();
    assert_says(&error, &["initdb could not make", "No space left on device"]);
    assert!(!bench.data().exists() && !bench.home.join("data.tmp").exists());
    server(&bench.home, None).destroy().await.unwrap();
    assert!(!bench.home.exists());
}
