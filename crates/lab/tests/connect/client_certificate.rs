//! Servers that know us by our certificate: `sslcert` and `sslkey`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use lab::error::Kind;

use crate::bench::{assert_says, open, open_with, plain, with_tls};

#[tokio::test]
async fn a_certificate_proves_who_we_are() {
    let tls = with_tls().await;
    let query = format!(
        "sslmode=require&sslcert={}&sslkey={}",
        tls.client_certificate.display(),
        tls.client_key.display()
    );
    let session = open(&tls.server.url("localhost", &query)).await.unwrap();
    let ask = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = session.client().query_one(ask, &[]).await.unwrap();
    assert!(row.get::<_, &str>(0).contains("ann"), "{row:?}");

    // psql shows the same one.
    let mut psql = Command::new("psql");
    session.connector().lead(&mut psql);
    psql.args(["-XAtc", ask]);
    let said = psql.output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("ann"), "{said:?}");

    let (certificate, key) = (&tls.client_certificate, &tls.client_key);
    let variables =
        [("PGSSLCERT", certificate.to_str().unwrap()), ("PGSSLKEY", key.to_str().unwrap())];
    let session = open_with(&tls.server.url("localhost", ""), variables).await.unwrap();
    let row = session.client().query_one(ask, &[]).await.unwrap();
    assert!(row.get::<_, &str>(0).contains("ann"), "{row:?}");
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let tls = with_tls().await;
    let folder = tempfile::tempdir().unwrap();
    let key = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        format!("sslcert={}&sslkey={}", tls.client_certificate.display(), path.display())
    };
    let text = fs::read_to_string(&tls.client_key).unwrap();
    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let with_passphrase = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n";
    for (query, says) in [
        (key("open", &text, 0o644), ["its mode is 0644", "chmod 600"]),
        (key("other", &other, 0o600), ["does not go with the certificate", "PGSSLKEY"]),
        (key("locked", with_passphrase, 0o600), ["it has a passphrase", "openssl pkey"]),
        (key("empty", "", 0o600), ["cannot use the client key", "PGSSLKEY"]),
        ("sslcert=/nowhere.crt&sslkey=/nowhere.key".to_owned(), ["/nowhere.crt", "PGSSLCERT"]),
        (format!("sslcert={}", tls.client_certificate.display()), ["has no key", "PGSSLKEY"]),
    ] {
        let error = open(&tls.server.url("localhost", &query)).await.unwrap_err();
        assert_says(&error, &says);
        assert_eq!(error.kind(), Kind::Usage, "{error}");
    }
    // Without TLS nobody asks for it.
    let query = key("unused", &text, 0o600);
    open(&plain().await.url("localhost", &query)).await.unwrap();
}
