//! Our own certificate, with which a server may know us.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::geteuid;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};

use crate::{Error, Result};

/// The configuration with the certificate and key of these files (PEM).
pub(super) fn authenticated(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    certificate: &Path,
    key: &Path,
) -> Result<ClientConfig> {
    let chain = chain(certificate).map_err(|why| {
        Error::usage(format!("cannot use the client certificate {}", certificate.display()))
            .because(why)
            .next("name a PEM file in PGSSLCERT, or in the URL as sslcert")
    })?;
    let private = private_key(key)?;
    builder.with_client_auth_cert(chain, private).map_err(|error| {
        Error::usage(format!(
            "the key {} does not go with the certificate {}",
            key.display(),
            certificate.display()
        ))
        .caused_by(&error)
        .next("name the two files of one certificate in PGSSLCERT and PGSSLKEY")
    })
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(super::words)?;
    let chain: Vec<_> = certificates.collect::<Result<_, _>>().map_err(super::words)?;
    if chain.is_empty() {
        return Err("there is no `-----BEGIN CERTIFICATE-----` in it".to_owned());
    }
    Ok(chain)
}

/// Refused, as by libpq, where others could read it.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let refused = |why: String| {
        Error::usage(format!("cannot use the client key {}", path.display())).because(why)
    };
    let name_it = "name a PEM file in PGSSLKEY, or in the URL as sslkey";
    let unread = |error: std::io::Error| refused(error.to_string()).next(name_it);
    // Before it is opened: opening a pipe would hold us.
    if !path.metadata().map_err(unread)?.is_file() {
        return Err(refused("it is no ordinary file".to_owned()).next(name_it));
    }
    let mut file = File::open(path).map_err(unread)?;
    let described = file.metadata().map_err(unread)?;
    // One of root's may be given to a group, which then holds who may use it.
    let by_others = if described.uid() == 0 && !geteuid().is_root() { 0o037 } else { 0o077 };
    if described.mode() & by_others != 0 {
        let why = format!("its mode is {:04o}: others can read it", described.mode() & 0o7777);
        return Err(refused(why).next(format!("chmod 600 {:?}", path.display())));
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(unread)?;
    let lines = String::from_utf8_lossy(&text);
    if lines.contains("BEGIN ENCRYPTED PRIVATE KEY") || lines.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(refused("it has a passphrase, which is not supported".to_owned())
            .next(format!(
                "openssl pkey -in {:?} -out PLAIN.key; chmod 600 PLAIN.key",
                path.display()
            ))
            .next("then name PLAIN.key in PGSSLKEY"));
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| refused(super::words(error)).next(name_it))
}
