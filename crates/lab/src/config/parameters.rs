//! libpq's connection parameters (PostgreSQL manual, "Parameter Key Words" and "Environment Variables"),
//! and what becomes of each here. `docs/configuration.md` has the same table for people.

/// A parameter by its name in a URL or service file.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    /// Its environment variable; empty where libpq has none.
    pub(super) variable: &'static str,
    pub(super) support: Support,
}

/// What becomes of a parameter's value.
#[derive(Clone, Copy)]
pub(super) enum Support {
    Works,
    /// Taken and left alone: it changes nothing here, and nobody is less safe for it.
    Ignored,
    /// Only these values can be had; the text says why no other.
    Only(&'static [&'static str], &'static str),
}

use Support::{Ignored, Only, Works};

const NO_GSS: &str =
    "GSSAPI and Kerberos are not supported: use a password or a client certificate";
const NO_CRL: &str =
    "lists of revoked certificates are not supported: leave it out, or connect by psql";
const NO_KEYS: &str = "it is not supported: use a password";
const NO_OAUTH: &str = "OAuth is not supported: use a password or a client certificate";

/// All of them.
pub(super) const PARAMETERS: &[Parameter] = &[
    of("host", "PGHOST", Works),
    of("hostaddr", "PGHOSTADDR", Works),
    of("port", "PGPORT", Works),
    of("dbname", "PGDATABASE", Works),
    of("user", "PGUSER", Works),
    of("password", "PGPASSWORD", Works),
    of("passfile", "PGPASSFILE", Works),
    of("service", "PGSERVICE", Works),
    of("servicefile", "PGSERVICEFILE", Works),
    of("options", "PGOPTIONS", Works),
    of("connect_timeout", "PGCONNECT_TIMEOUT", Works),
    of("sslmode", "PGSSLMODE", Works),
    of("sslrootcert", "PGSSLROOTCERT", Works),
    of("sslcert", "PGSSLCERT", Works),
    of("sslkey", "PGSSLKEY", Works),
    of("channel_binding", "PGCHANNELBINDING", Works),
    of("target_session_attrs", "PGTARGETSESSIONATTRS", Works),
    of("load_balance_hosts", "PGLOADBALANCEHOSTS", Works),
    of("keepalives", "", Works),
    of("keepalives_idle", "", Works),
    of("keepalives_interval", "", Works),
    of("keepalives_count", "", Works),
    of("tcp_user_timeout", "", Works),
    of("application_name", "PGAPPNAME", Ignored),
    of("fallback_application_name", "", Ignored),
    of("client_encoding", "PGCLIENTENCODING", Ignored),
    of("sslcompression", "PGSSLCOMPRESSION", Ignored),
    of("sslkeylogfile", "", Ignored),
    of("krbsrvname", "PGKRBSRVNAME", Ignored),
    of("gsslib", "PGGSSLIB", Ignored),
    of("gssdelegation", "PGGSSDELEGATION", Ignored),
    of("max_protocol_version", "PGMAXPROTOCOLVERSION", Ignored),
    of("gssencmode", "PGGSSENCMODE", Only(&["disable", "prefer"], NO_GSS)),
    of(
        "sslnegotiation",
        "PGSSLNEGOTIATION",
        Only(&["postgres"], "only that is supported: leave it out"),
    ),
    of("sslsni", "PGSSLSNI", Only(&["1"], "the server is always told the host's name")),
    of(
        "sslcertmode",
        "PGSSLCERTMODE",
        Only(&["allow"], "a client certificate is sent when the server asks for it"),
    ),
    of(
        "ssl_min_protocol_version",
        "PGSSLMINPROTOCOLVERSION",
        Only(
            &["TLSv1", "TLSv1.1", "TLSv1.2"],
            "TLS 1.2 and 1.3 are offered, and the server chooses",
        ),
    ),
    of(
        "ssl_max_protocol_version",
        "PGSSLMAXPROTOCOLVERSION",
        Only(&["TLSv1.3"], "TLS 1.2 and 1.3 are offered, and the server chooses"),
    ),
    of(
        "min_protocol_version",
        "PGMINPROTOCOLVERSION",
        Only(&["3.0"], "version 3.0 is what we speak"),
    ),
    of("replication", "", Only(&["false", "off", "no", "0"], "our connections run SQL")),
    of("sslcrl", "PGSSLCRL", Only(&[], NO_CRL)),
    of("sslcrldir", "PGSSLCRLDIR", Only(&[], NO_CRL)),
    of(
        "sslpassword",
        "",
        Only(
            &[],
            "keys with a passphrase are not supported: make a copy without one by openssl pkey",
        ),
    ),
    of(
        "requirepeer",
        "PGREQUIREPEER",
        Only(
            &[],
            "it is not supported: take a socket folder that only the server's user can write to",
        ),
    ),
    of(
        "require_auth",
        "PGREQUIREAUTH",
        Only(&[], "it is not supported: channel_binding=require demands SCRAM over TLS"),
    ),
    of("scram_client_key", "", Only(&[], NO_KEYS)),
    of("scram_server_key", "", Only(&[], NO_KEYS)),
    of("oauth_issuer", "", Only(&[], NO_OAUTH)),
    of("oauth_client_id", "", Only(&[], NO_OAUTH)),
    of("oauth_client_secret", "", Only(&[], NO_OAUTH)),
    of("oauth_scope", "", Only(&[], NO_OAUTH)),
];

const fn of(name: &'static str, variable: &'static str, support: Support) -> Parameter {
    Parameter { name, variable, support }
}

impl Parameter {
    /// The parameter of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        // As `tokio_postgres` calls it; URLs for it should work on.
        let name = if name == "keepalives_retries" { "keepalives_count" } else { name };
        PARAMETERS.iter().find(|parameter| parameter.name == name)
    }

    /// Why `value` cannot be had; `None`: it can.
    pub(super) fn refusal(&self, value: &str) -> Option<String> {
        match self.support {
            Only([], why) => Some(why.to_owned()),
            Only(values, why) if !values.contains(&value) => {
                Some(format!("it must be {}, because {why}", values.join(" or ")))
            }
            Works | Ignored | Only(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/configuration.md");

    /// The cells of the row that tells of a parameter.
    fn row(name: &str) -> Vec<&'static str> {
        let name =
            if name.starts_with("oauth_") { "`oauth_…`".to_owned() } else { format!("`{name}`") };
        let table = PAGE.split_once("## What of libpq works").unwrap().1;
        let rows = table.lines().filter(|line| line.starts_with('|'));
        let mut found = rows.map(|line| line.split('|').map(str::trim).skip(1).collect::<Vec<_>>());
        found
            .find(|cells| cells[0].contains(&name))
            .unwrap_or_else(|| panic!("docs/configuration.md says nothing of {name}"))
    }

    #[test]
    fn the_page_tells_what_becomes_of_each() {
        for parameter in PARAMETERS {
            let (name, row) = (parameter.name, row(parameter.name));
            assert!(row[1].contains(parameter.variable), "{name}: {row:?}");
            let (says, refused) = (row[2], parameter.refusal("no such value"));
            match parameter.support {
                Works => {
                    assert!(!says.starts_with("ignored") && refused.is_none(), "{name}: {says}");
                }
                Ignored => {
                    assert!(says.starts_with("ignored") && refused.is_none(), "{name}: {says}");
                }
                Only([], _) => assert!(says.starts_with("refused by name"), "{name}: {says}"),
                Only(values, _) => {
                    assert!(values.iter().any(|value| says.contains(value)), "{name}: {says}");
                    assert!(values.iter().all(|value| parameter.refusal(value).is_none()));
                    assert!(refused.is_some(), "{name}");
                }
            }
        }
    }
}
