//! TLS by rustls, with libpq's meaning of each `sslmode`.

mod client;
mod explain;
mod verify;

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) use explain::explain;
use verify::Lenient;

use crate::config::{Remote, SslMode};
use crate::{Context, Error, Result};

/// Makes TLS connections, or none.
#[derive(Clone)]
pub(super) enum Connector {
    None,
    Rustls(Box<MakeRustlsConnect>),
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Rustls(_) => "Rustls",
        })
    }
}

impl Connector {
    pub(super) fn new(remote: &Remote) -> Result<Self> {
        let over_network =
            remote.config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        if !over_network || remote.ssl_mode == SslMode::Disable {
            // Like libpq: a Unix socket needs no TLS, whatever sslmode says.
            return Ok(Self::None);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = verifier(remote, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context(|| "cannot set up TLS")?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &remote.client_certificate {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => client::authenticated(builder, certificate, key)?,
        };
        Ok(Self::Rustls(Box::new(MakeRustlsConnect::new(config))))
    }
}

fn verifier(
    remote: &Remote,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let lenient = |authority| Arc::new(Lenient { provider: provider.clone(), authority });
    // libpq: `require` with a root certificate at hand means `verify-ca`.
    let looks_at_name = match (remote.ssl_mode, &remote.ssl_root_cert) {
        (SslMode::Disable | SslMode::Prefer, _) | (SslMode::Require, None) => {
            return Ok(lenient(None));
        }
        (SslMode::Require | SslMode::VerifyCa, _) => false,
        (SslMode::VerifyFull, _) => true,
    };
    let full =
        WebPkiServerVerifier::builder_with_provider(Arc::new(trusted(remote)?), provider.clone())
            .build()
            .context(|| "cannot set up the check of the server's certificate")?;
    Ok(if looks_at_name { full } else { lenient(Some(full)) })
}

/// The named root certificates, else the system's.
fn trusted(remote: &Remote) -> Result<RootCertStore> {
    let Some(path) = &remote.ssl_root_cert else {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Error::usage("this system has no certificates to trust").next(NAME_A_FILE));
        }
        return Ok(roots);
    };
    read(path).map_err(|why| {
        Error::usage(format!("cannot use the root certificate {}", path.display()))
            .because(why)
            .next(NAME_A_FILE)
    })
}

const NAME_A_FILE: &str = "name a PEM file in PGSSLROOTCERT, or in the URL as sslrootcert";

/// The certificates in a PEM file; `Err` says in words what is wrong with it.
fn read(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(words)? {
        roots.add(certificate.map_err(words)?).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("there is no `-----BEGIN CERTIFICATE-----` in it".to_owned());
    }
    Ok(roots)
}

/// What is wrong with a PEM file.
fn words(error: pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        // Its own words are the marker's bytes as numbers.
        pem::Error::MissingSectionEnd { .. } => "a certificate in it has no end".to_owned(),
        other => other.to_string(),
    }
}
