//! libpq's `sslmode` (PostgreSQL manual, "SSL Support", table "SSL Mode Descriptions").

use std::str::FromStr;

/// How TLS is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS when the server offers it; the certificate is not looked at.
    Prefer,
    /// TLS or nothing; the certificate is not looked at, unless a root certificate is named.
    Require,
    /// TLS with a certificate from a trusted authority.
    VerifyCa,
    /// The same, and the certificate must be for this host name.
    VerifyFull,
}

impl SslMode {
    /// As libpq calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl FromStr for SslMode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return Err("disable, prefer, require, verify-ca or verify-full"),
        })
    }
}
