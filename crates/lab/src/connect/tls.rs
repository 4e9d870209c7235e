//! TLS by rustls, with libpq's meaning of each `sslmode`.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
};
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

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
        let over_socket =
            remote.config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
        if over_socket || remote.ssl_mode == SslMode::Disable {
            // Like libpq: a Unix socket needs no TLS, whatever sslmode says.
            return Ok(Self::None);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = verifier(remote, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context(|| "cannot set up TLS")?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Self::Rustls(Box::new(MakeRustlsConnect::new(config))))
    }
}

fn verifier(
    remote: &Remote,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    // libpq: `require` with a root certificate at hand means `verify-ca`.
    let looks_at_name = match (remote.ssl_mode, &remote.ssl_root_cert) {
        (SslMode::Disable | SslMode::Prefer, _) | (SslMode::Require, None) => {
            return Ok(Arc::new(AnyCertificate(provider.clone())));
        }
        (SslMode::Require | SslMode::VerifyCa, _) => false,
        (SslMode::VerifyFull, _) => true,
    };
    let full =
        WebPkiServerVerifier::builder_with_provider(Arc::new(trusted(remote)?), provider.clone())
            .build()
            .context(|| "cannot set up the check of the server's certificate")?;
    Ok(if looks_at_name { full } else { Arc::new(AnyName(full)) })
}

/// The named root certificates, else the system's.
fn trusted(remote: &Remote) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &remote.ssl_root_cert {
        let what = || format!("cannot read the root certificate {}", path.display());
        for certificate in CertificateDer::pem_file_iter(path).context(what)? {
            roots.add(certificate.context(what)?).context(what)?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err(Error::usage("there is no certificate to trust")
            .next("name a PEM file in PGSSLROOTCERT, or sslrootcert in the URL"));
    }
    Ok(roots)
}

/// Accepts every certificate, as `prefer` and `require` do: the connection is private, but the
/// server's identity is not proved.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Accepts a trusted certificate for any host name, as `verify-ca` does.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        match self.0.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is what the verifier looks at last: all else was in order.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
