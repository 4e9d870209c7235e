//! `~/.pgpass`, `PGPASSFILE` and `passfile`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::bench::{Server, assert_says, open, open_with, plain};

fn write(path: PathBuf, text: &str, mode: u32) -> PathBuf {
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn without_password(plain: &Server, host: &str) -> String {
    plain.url(host, "").replace(&format!(":{}@", plain.password), "@")
}

#[tokio::test]
async fn each_of_the_three_places_is_looked_in() {
    let plain = plain().await;
    let folder = tempfile::tempdir().unwrap();
    let text = format!("# mine\nlocalhost:{}:partition_demo:*:{}\n", plain.port, plain.password);
    let file = write(folder.path().join(".pgpass"), &text, 0o600);
    let url = without_password(plain, "localhost");
    let home = folder.path().to_str().unwrap();
    open_with(&url, [("HOME", home)]).await.unwrap();
    open_with(&url, [("PGPASSFILE", file.to_str().unwrap())]).await.unwrap();
    open(&format!("{url}passfile={}", file.display())).await.unwrap();
    // Another host has no line; and a password that is given wins.
    let other = without_password(plain, "127.0.0.1");
    assert_says(&open_with(&other, [("HOME", home)]).await.unwrap_err(), &["password missing"]);
    let given = [("HOME", home), ("PGPASSWORD", "wrong")];
    assert_says(&open_with(&url, given).await.unwrap_err(), &["28P01"]);
}

#[tokio::test]
async fn one_that_others_can_read_is_ignored_and_it_is_said() {
    let plain = plain().await;
    let folder = tempfile::tempdir().unwrap();
    let text = format!("*:*:*:*:{}\n", plain.password);
    let file = write(folder.path().join(".pgpass"), &text, 0o640);
    let url = without_password(plain, "localhost");
    let home = [("HOME", folder.path().to_str().unwrap())];
    let error = open_with(&url, home).await.unwrap_err();
    assert_says(&error, &["password missing", "mode is 0640", "chmod 600"]);
    write(file, &text, 0o600);
    open_with(&url, home).await.unwrap();
    let missing = [("PGPASSFILE", "/nowhere/pgpass")];
    let error = open_with(&url, missing).await.unwrap_err();
    assert_says(&error, &["there is no password file /nowhere/pgpass"]);
}

#[tokio::test]
async fn one_hosts_password_does_not_go_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path().join("pass"), "db1:*:*:*:one\n", 0o600);
    let url = |hosts: &str| {
        format!("postgresql://ann@{hosts}/shop?passfile={}", Path::new(&file).display())
    };
    let error = open(&url("db1,db2")).await.unwrap_err();
    assert_says(&error, &["different passwords for these hosts", "name one host"]);
}
