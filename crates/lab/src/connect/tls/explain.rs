//! TLS errors in words that help.

use std::error::Error as _;
use std::io;

use rustls::CertificateError::{
    Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
    NotValidYetContext, UnknownIssuer,
};
use rustls::Error::InvalidCertificate;

const NO_TLS: &str = "server does not support TLS";

/// Why TLS failed, and what to do; `None` when it is something else that failed.
pub(in super::super) fn explain(
    error: &tokio_postgres::Error,
) -> Option<(&'static str, &'static str)> {
    let cause = error.source()?;
    if cause.to_string() == NO_TLS {
        return Some((
            "sslmode demands TLS, and the server has it switched off, or is no PostgreSQL server",
            "set ssl = on in the server, or connect without it: sslmode=prefer",
        ));
    }
    // An io::Error's source() is what stands beneath the error that it holds.
    let held = cause.downcast_ref::<io::Error>()?.get_ref()?;
    Some(match held.downcast_ref::<rustls::Error>()? {
        InvalidCertificate(UnknownIssuer) => (
            "no authority that you trust signed the server's certificate",
            "name the file of the one that did in PGSSLROOTCERT, or in the URL as sslrootcert",
        ),
        InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => (
            "the server's certificate is for another host name",
            "connect to a name that is in it, or check only who signed it: sslmode=verify-ca",
        ),
        InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
        ) => (
            "the server's certificate is not valid today",
            "renew it, or correct the clock of this machine",
        ),
        InvalidCertificate(_) => (
            "the server's certificate was not accepted",
            "have it replaced, or encrypt without proof of who is there: sslmode=require, no sslrootcert",
        ),
        _ => (
            "the TLS connection could not be set up",
            "look at the server's log, or connect without TLS if you may: sslmode=disable",
        ),
    })
}
