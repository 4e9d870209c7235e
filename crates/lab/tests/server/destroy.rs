//! Destroying removes what we made, and nothing else.

use std::fs;
use std::os::unix::fs::{chown, lchown, symlink};

use testbed::TestHome;

use crate::bench::{Bench, assert_says, is_root, pg_bin, server};

#[tokio::test]
async fn all_of_it_goes_while_it_runs_and_a_second_time_there_is_nothing() {
    let (bench, attached) = Bench::running().await;
    let done = bench.server.destroy().await.unwrap();
    assert!(!bench.home.exists());
    assert_eq!(done.removed.last(), Some(&bench.home));
    assert!(done.removed.contains(&attached.data));
    assert!(done.left.is_empty());
    let (client, error) = (bench.server.attach().await.unwrap(), bench.server.destroy().await);
    assert!(client.is_none());
    assert_eq!(error.unwrap(), lab::server::Destroyed::default());
}

#[tokio::test]
async fn a_strangers_files_stay() {
    let bench = Bench::stopped();
    let strangers = [bench.home.join("letter.txt"), bench.home.join("run/letter.txt")];
    for file in &strangers {
        fs::write(file, "Dear Ann").unwrap();
    }
    let done = bench.server.destroy().await.unwrap();
    for file in &strangers {
        assert_eq!(fs::read_to_string(file).unwrap(), "Dear Ann");
    }
    let mut left = done.left;
    left.sort();
    assert_eq!(left, [bench.home.join("letter.txt"), bench.home.join("run")]);
    assert_eq!(fs::read_dir(&bench.home).unwrap().count(), 2, "only theirs are left");
}

/// A tablespace is a link out of the data directory: what is behind it is not ours to remove.
#[tokio::test]
async fn links_are_not_followed() {
    let bench = Bench::stopped();
    let outside = bench.home.with_file_name("tablespace");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("rows"), "many").unwrap();
    symlink(&outside, bench.data().join("pg_tblspc/16999")).unwrap();
    bench.server.destroy().await.unwrap();
    assert!(!bench.home.exists());
    assert_eq!(fs::read_to_string(outside.join("rows")).unwrap(), "many");
}

/// A package was removed or upgraded under the server.
#[tokio::test]
async fn it_stops_and_goes_when_the_programs_are_gone() {
    for destroy in [false, true] {
        let (bench, _) = Bench::running().await;
        fs::write(bench.data().join("postmaster.opts"), "/gone/bin/postgres \"-D\" \"/x\"\n")
            .unwrap();
        let server = server(&bench.home, Some("/gone/bin".into()));
        if destroy {
            server.destroy().await.unwrap();
            assert!(!bench.home.exists());
        } else {
            assert!(server.stop().await.unwrap());
            assert!(!bench.data().join("postmaster.pid").exists(), "it ended in order");
            assert!(!server.stop().await.unwrap());
        }
    }
}

/// What root is led to by somebody else is not stopped and not deleted.
#[tokio::test]
async fn as_root_a_planted_pointer_or_link_is_not_followed() {
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap().uid.as_raw();
    let (victim, _) = Bench::running().await;
    let planted = TestHome::new();
    let home = |name: &str| {
        let home = planted.path().join(name);
        fs::create_dir(&home).unwrap();
        chown(&home, Some(nobody), None).unwrap();
        home
    };
    let pointing = home("pointing");
    fs::write(pointing.join("moved-to"), format!("{}\n", victim.home.display())).unwrap();
    chown(pointing.join("moved-to"), Some(nobody), None).unwrap();
    let linking = home("linking");
    fs::copy(
        victim.home.join("MADE-BY-PARTITION-LAB.txt"),
        linking.join("MADE-BY-PARTITION-LAB.txt"),
    )
    .unwrap();
    for (of, name) in [(victim.data(), "data"), (victim.home.join("run"), "run")] {
        symlink(of, linking.join(name)).unwrap();
        lchown(linking.join(name), Some(nobody), None).unwrap();
    }
    let link = planted.path().join("link");
    symlink(&victim.home, &link).unwrap();
    lchown(&link, Some(nobody), None).unwrap();
    for home in [&pointing, &linking, &link] {
        let server = server(home, pg_bin());
        for error in [server.stop().await.unwrap_err(), server.destroy().await.unwrap_err()] {
            assert_says(&error, &["is not followed", "another user", "rm "]);
        }
        assert!(server.attach().await.unwrap().is_none());
    }
    assert!(victim.server.attach().await.unwrap().is_some(), "it runs on");
}
