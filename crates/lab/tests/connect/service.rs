//! `PGSERVICE`, `service=` and the files in which services stand.

use std::fs;

use lab::config::Variables;

use crate::bench::{assert_says, connect, open, open_with, plain};

#[tokio::test]
async fn a_service_names_the_server() {
    let plain = plain().await;
    let folder = tempfile::tempdir().unwrap();
    let (password, port) = (&plain.password, plain.port);
    let text = format!(
        "[other]\nhost=nowhere.invalid\n\n# ours\n[lab]\nhost=localhost\nport={port}\n\
         user=postgres\ndbname=partition_demo\npassword={password}\n"
    );
    let file = folder.path().join(".pg_service.conf");
    fs::write(&file, text).unwrap();
    let (home, file) = (folder.path().to_str().unwrap(), file.to_str().unwrap());
    // libpq's variables come after it, as in libpq; ours before.
    for variables in [
        [("PGSERVICE", "lab"), ("HOME", home), ("PGPORT", "1")],
        [("PGSERVICE", "lab"), ("PGSERVICEFILE", file), ("PGUSER", "nobody")],
    ] {
        let session = connect(&Variables::from(variables), None).await.unwrap();
        assert_eq!(session.server().place, format!("postgres@localhost:{port}/partition_demo"));
    }
    let variables = [("PGSERVICE", "lab"), ("HOME", home), ("POSTGRES_DB", "shop")];
    let error = connect(&variables.into(), None).await.unwrap_err();
    assert_says(&error, &["3D000", "/shop"]);
    open_with("postgresql://?service=lab", [("HOME", home)]).await.unwrap();
    open(&format!("postgresql://?service=lab&servicefile={file}")).await.unwrap();

    // The system's file is the second.
    let system = folder.path().join("etc");
    fs::create_dir(&system).unwrap();
    fs::copy(file, system.join("pg_service.conf")).unwrap();
    let variables = [("PGSERVICE", "lab"), ("PGSYSCONFDIR", system.to_str().unwrap())];
    connect(&variables.into(), None).await.unwrap();
}

#[tokio::test]
async fn a_service_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("services");
    fs::write(&file, "[lab]\nhost=db\ncolour=red\n[bad]\nsecret\n").unwrap();
    let file = file.to_str().unwrap();
    for (name, says) in [
        ("none", ["PGSERVICE is \"none\"", "there is no [none] in"]),
        ("lab", ["services line 3", "no such connection parameter"]),
        ("bad", ["services line 5", "it is not NAME=value"]),
    ] {
        let variables = [("PGSERVICE", name), ("PGSERVICEFILE", file)];
        let error = connect(&variables.into(), None).await.unwrap_err();
        assert_says(&error, &says);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
