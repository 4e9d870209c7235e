//! Destroying removes what we made, and nothing else.

use std::fs;

use crate::bench::Bench;

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
    std::os::unix::fs::symlink(&outside, bench.data().join("pg_tblspc/16999")).unwrap();
    bench.server.destroy().await.unwrap();
    assert!(!bench.home.exists());
    assert_eq!(fs::read_to_string(outside.join("rows")).unwrap(), "many");
}
