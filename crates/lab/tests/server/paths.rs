//! Where a home may be, and where not.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::bench::{Bench, assert_says, connect, is_root, listing, server, setting};

#[tokio::test]
async fn spaces_quotes_and_shell_characters_in_the_path() {
    for name in ["Ann's \"lab\" of $HOME, 100% `id` \\ ü", " leading and trailing "] {
        let bench = Bench::at(name);
        let attached = bench.server.attach_or_start(None).await.unwrap();
        connect(&attached).await;
        assert!(bench.server.stop().await.unwrap());
        assert!(bench.server.attach_or_start(None).await.unwrap().started);
        let url: tokio_postgres::Config = attached.url().parse().unwrap();
        let (_client, connection) = url.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        bench.server.destroy().await.unwrap();
        assert!(!bench.home.exists());
    }
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_private_folder_that_is_kept() {
    let bench = Bench::at(&"long/".repeat(30));
    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert!(!attached.socket.starts_with(&bench.home), "{}", attached.socket.display());
    let folder = fs::metadata(&attached.socket).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o700);
    assert_eq!(folder.uid(), fs::metadata(&attached.data).unwrap().uid());
    connect(&attached).await;

    assert!(bench.server.stop().await.unwrap());
    let again = bench.server.attach_or_start(None).await.unwrap();
    assert_eq!(again.socket, attached.socket, "the same folder serves again");
    bench.server.destroy().await.unwrap();
    assert!(!attached.socket.exists());
}

#[tokio::test]
async fn a_removed_socket_folder_is_replaced() {
    let bench = Bench::at(&"long/".repeat(30));
    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert!(bench.server.stop().await.unwrap());
    // As a cleaner of temporary folders does; or somebody who puts a trap there.
    fs::remove_dir(&attached.socket).unwrap();
    fs::create_dir(&attached.socket).unwrap();
    let again = bench.server.attach_or_start(None).await.unwrap();
    assert_ne!(again.socket, attached.socket, "a folder that others may enter is not used");
    connect(&again).await;
    fs::remove_dir(&attached.socket).unwrap();
}

#[tokio::test]
async fn a_folder_that_the_owner_cannot_enter_gets_a_substitute() {
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let bench = Bench::at("closed/lab/home");
    let closed = bench.home.ancestors().nth(2).unwrap();
    DirBuilder::new().mode(0o700).create(closed).unwrap();

    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert_ne!(attached.home, bench.home);
    let [note] = attached.notes.as_slice() else { panic!("{:?}", attached.notes) };
    for part in [closed, &attached.home] {
        assert!(note.contains(&part.display().to_string()), "{note}");
    }
    let pointer = fs::read_to_string(bench.home.join("moved-to")).unwrap();
    assert_eq!(Path::new(pointer.trim_end()), attached.home);

    let again = server(&bench.home, None).attach().await.unwrap().expect("it follows the pointer");
    assert_eq!(again.home, attached.home);
    assert_eq!(bench.server.log_path(), attached.home.join("log"));

    // Without its pointer too: nobody's data is lost with one file.
    fs::remove_file(bench.home.join("moved-to")).unwrap();
    assert_eq!(bench.server.attach().await.unwrap().expect("it runs").home, attached.home);
    fs::write(bench.home.join("moved-to"), pointer).unwrap();

    bench.server.destroy().await.unwrap();
    assert!(!bench.home.exists() && !attached.home.exists());
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_refused_untouched() {
    let bench = Bench::at("letters");
    fs::create_dir_all(bench.home.join("data")).unwrap();
    fs::write(bench.home.join("data/letter.txt"), "Dear Ann").unwrap();
    let before = listing(&bench.home);
    for error in [
        bench.server.attach_or_start(None).await.unwrap_err(),
        bench.server.destroy().await.unwrap_err(),
    ] {
        assert_says(&error, &["letters", "not empty", "PARTITION_LAB_HOME"]);
        assert_eq!(error.kind(), lab::error::Kind::Usage);
    }
    assert!(!bench.server.stop().await.unwrap());
    assert_eq!(listing(&bench.home), before);
}

#[tokio::test]
async fn a_file_in_the_homes_place_is_refused() {
    let bench = Bench::at("note");
    fs::write(&bench.home, "remember the milk").unwrap();
    let error = bench.server.attach_or_start(None).await.unwrap_err();
    assert_says(&error, &["note", "PARTITION_LAB_HOME"]);
    assert_eq!(fs::read_to_string(&bench.home).unwrap(), "remember the milk");
}

#[tokio::test]
async fn data_that_is_no_cluster_is_refused_untouched() {
    let bench = Bench::stopped();
    fs::rename(bench.data(), bench.home.join("data.away")).unwrap();
    fs::create_dir(bench.data()).unwrap();
    fs::write(bench.data().join("letter.txt"), "Dear Ann").unwrap();
    let error = bench.server.attach_or_start(None).await.unwrap_err();
    assert_says(
        &error,
        &["no PostgreSQL data directory", "PG_VERSION", "nothing in it was touched"],
    );
    let done = bench.server.destroy().await.unwrap();
    assert!(done.left.contains(&bench.data()), "{done:?}");
    assert_eq!(fs::read_to_string(bench.data().join("letter.txt")).unwrap(), "Dear Ann");
}

#[tokio::test]
async fn an_empty_folder_of_the_owners_is_used_as_it_is() {
    let bench = Bench::new();
    fs::create_dir(&bench.home).unwrap();
    if is_root() {
        let user = nix::unistd::User::from_name("postgres").unwrap();
        let Some(user) = user else {
            eprintln!("skipped: needs a user postgres");
            return;
        };
        let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
        std::os::unix::fs::chown(&bench.home, Some(uid), Some(gid)).unwrap();
    }
    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert_eq!(attached.home, bench.home);
    let data = setting(&connect(&attached).await, "data_directory").await;
    assert_eq!(PathBuf::from(data), bench.data());
}
