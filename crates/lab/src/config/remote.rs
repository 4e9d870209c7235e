//! A server that a URL or single variables name.

use std::num::{NonZeroU16, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::{Kind, SslMode, Variables, Wrong};

/// A server that a URL or variables name.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Whether a URL or single variables named it.
    pub kind: Kind,
    /// What named it, as the first line of output says: `environment`, `.env`, `database URL`.
    pub origin: String,
    /// The flag or variables that named it, for messages.
    pub named_by: String,
    /// Host, port, user, password, database, timeout; everything but TLS.
    pub config: Config,
    /// How TLS is used.
    pub ssl_mode: SslMode,
    /// File with the certificates to trust (PEM) instead of the system's.
    pub ssl_root_cert: Option<PathBuf>,
}

const HOST: [&str; 2] = ["POSTGRES_HOST", "PGHOST"];
const PORT: [&str; 2] = ["POSTGRES_PORT", "PGPORT"];
const DATABASE: [&str; 2] = ["POSTGRES_DB", "PGDATABASE"];
const USER: [&str; 2] = ["POSTGRES_USER", "PGUSER"];

/// How long a connection attempt may take unless `PGCONNECT_TIMEOUT` or the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Remote {
    /// From a URL; what it leaves open, single variables fill in, as in libpq.
    pub(super) fn from_url(name: &str, url: &str, all: &Variables, wrong: &mut Wrong) -> Self {
        // tokio-postgres knows neither verify-* nor sslrootcert: take both out of the query, which
        // begins behind the password.
        let credentials = url.find('@').unwrap_or(0);
        let query = url[credentials..].find('?').map(|at| credentials + at);
        let (address, query) = query.map_or((url, ""), |at| (&url[..at], &url[at + 1..]));
        let mut ssl_mode = None;
        let mut ssl_root_cert = None;
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => {
                    ssl_mode = Some(mode.parse().unwrap_or_else(|wanted| {
                        wrong.add(format!("sslmode in {name} is {mode:?}: it must be {wanted}"));
                        SslMode::Prefer
                    }));
                }
                Some(("sslrootcert", path)) => ssl_root_cert = Some(decoded_path(path)),
                _ => rest.push(pair),
            }
        }
        let config = match format!("{address}?{}", rest.join("&")).parse() {
            _ if !address.starts_with("postgresql://") && !address.starts_with("postgres://") => {
                wrong.add(format!("{name} must begin with postgresql://"));
                Config::new()
            }
            _ if has_stray_at(url) => {
                wrong.add(format!(
                    "{name} is no connection URL: write @ / : % in a name or password as %40 %2F %3A %25"
                ));
                Config::new()
            }
            Ok(config) => config,
            Err(error) => {
                wrong.add(format!("{name} is no connection URL: {}", innermost(&error)));
                Config::new()
            }
        };
        let origin = match all.origin(&[name]) {
            origin if origin == "environment" => "database URL".to_owned(),
            file => format!("database URL in {file}"),
        };
        let mut remote = Self::complete(
            Kind::Url,
            all.called(name),
            config,
            ssl_mode,
            ssl_root_cert,
            all,
            wrong,
        );
        remote.origin = origin;
        remote
    }

    /// From `POSTGRES_*` or `PG*`: any one but the password makes it count. `None`: not one is set.
    pub(super) fn from_parts(all: &Variables, wrong: &mut Wrong) -> Option<Self> {
        let named: Vec<_> = [HOST, PORT, DATABASE, USER]
            .iter()
            .filter_map(|names| all.first(names))
            .map(|(name, _)| name)
            .collect();
        if named.is_empty() {
            return None;
        }
        let mut config = Config::new();
        config.dbname(all.first(&DATABASE).map_or("partition_demo", |(_, value)| value));
        config.user(all.first(&USER).map_or("postgres", |(_, value)| value));
        let named_by: Vec<_> = named.iter().map(|name| all.called(name)).collect();
        let mut remote =
            Self::complete(Kind::Env, named_by.join(", "), config, None, None, all, wrong);
        remote.origin = all.origin(&named);
        Some(remote)
    }

    fn complete(
        kind: Kind,
        named_by: String,
        mut config: Config,
        ssl_mode: Option<SslMode>,
        ssl_root_cert: Option<PathBuf>,
        all: &Variables,
        wrong: &mut Wrong,
    ) -> Self {
        fill_in(&mut config, all, wrong);
        let from_environment = all.get("PGSSLMODE").and_then(|mode| {
            mode.parse()
                .map_err(|wanted| {
                    wrong.add(format!(
                        "{} is {mode:?}: it must be {wanted}",
                        all.called("PGSSLMODE")
                    ));
                })
                .ok()
        });
        Self {
            kind,
            origin: String::new(),
            named_by,
            config,
            ssl_mode: ssl_mode.or(from_environment).unwrap_or(SslMode::Prefer),
            ssl_root_cert: ssl_root_cert.or_else(|| all.path("PGSSLROOTCERT")),
        }
    }

    /// `user@host:port/database`, for messages: never a password.
    #[must_use]
    pub fn place(&self) -> String {
        let config = &self.config;
        let port = config.get_ports().first().unwrap_or(&5432);
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name,
            #[cfg(unix)]
            Some(Host::Unix(folder)) => &*folder.to_string_lossy(),
            None => "localhost",
        };
        let user = config.get_user().unwrap_or("(you)");
        format!("{user}@{host}:{port}/{}", config.get_dbname().unwrap_or(user))
    }
}

/// Gives `config` what it lacks, from the environment, as libpq does.
fn fill_in(config: &mut Config, all: &Variables, wrong: &mut Wrong) {
    if config.get_hosts().is_empty() {
        // TLS and messages need a name; an address is its own.
        let addresses: Vec<_> = config.get_hostaddrs().iter().map(ToString::to_string).collect();
        for address in &addresses {
            config.host(address);
        }
        if addresses.is_empty() {
            config.host(all.first(&HOST).map_or("localhost", |(_, value)| value));
        }
    }
    if config.get_ports().is_empty()
        && let Some((name, _)) = all.first(&PORT)
        && let Some(port) = wrong.parse::<NonZeroU16>(all, name, "a port, 1 to 65535")
    {
        config.port(port.get());
    }
    if config.get_user().is_none()
        && let Some((_, user)) = all.first(&USER)
    {
        config.user(user);
    }
    if config.get_dbname().is_none()
        && let Some((_, database)) = all.first(&DATABASE)
    {
        config.dbname(database);
    }
    if config.get_password().is_none()
        && let Some((_, password)) = all.first(&["POSTGRES_PASSWORD", "PGPASSWORD"])
    {
        config.password(password);
    }
    let timeout = wrong
        .parse::<NonZeroU64>(all, "PGCONNECT_TIMEOUT", "whole seconds, 1 or more")
        .map(|seconds| Duration::from_secs(seconds.get()));
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(timeout.unwrap_or(CONNECT_TIMEOUT));
    }
}

/// Whether an `@` stands where it cannot end the name and password: half of a password would then be
/// taken for the host or the database, which messages name.
fn has_stray_at(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let all = rest.matches('@').count();
    all > 1 || authority.matches('@').count() != all
}

fn decoded_path(text: &str) -> PathBuf {
    PathBuf::from(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// The end of the chain says what is wrong; `tokio_postgres`'s own words are only its category.
fn innermost(error: &tokio_postgres::Error) -> String {
    let sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    sources.last().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_url(url: &str, all: &Variables) -> (Remote, Vec<String>) {
        let mut wrong = Wrong::default();
        let remote = Remote::from_url("DATABASE_URL", url, all, &mut wrong);
        (remote, wrong.0)
    }

    #[test]
    fn takes_tls_out_of_the_url_and_keeps_the_rest() {
        let url = "postgresql://ann:secret@db:6432/shop?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca%20x.pem&connect_timeout=3";
        let (remote, wrong) = from_url(url, &Variables::default());
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(remote.ssl_mode, SslMode::VerifyCa);
        assert_eq!(remote.ssl_root_cert, Some(PathBuf::from("/etc/ca x.pem")));
        assert_eq!(remote.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(remote.place(), "ann@db:6432/shop");
    }

    #[test]
    fn the_environment_fills_in_what_the_url_leaves_open() {
        let all = Variables::from([("PGPASSWORD", "from-env"), ("PGSSLMODE", "require")]);
        let (remote, _) = from_url("postgresql://ann@db/shop", &all);
        assert_eq!(remote.config.get_password(), Some("from-env".as_bytes()));
        assert_eq!(remote.ssl_mode, SslMode::Require);
        let (remote, _) = from_url("postgresql://ann:own@db/shop?sslmode=disable", &all);
        assert_eq!(remote.config.get_password(), Some("own".as_bytes()));
        assert_eq!(remote.ssl_mode, SslMode::Disable);
    }

    #[test]
    fn the_environment_names_the_server_of_a_url_that_names_none() {
        let all = Variables::from([
            ("PGHOST", "db"),
            ("POSTGRES_PORT", "6000"),
            ("PGUSER", "ann"),
            ("PGDATABASE", "shop"),
        ]);
        assert_eq!(from_url("postgresql://", &all).0.place(), "ann@db:6000/shop");
        assert_eq!(from_url("postgresql://bob@/lab", &all).0.place(), "bob@db:6000/lab");
        let (remote, _) = from_url("postgresql:///lab?hostaddr=192.0.2.1", &all);
        assert_eq!(remote.place(), "ann@192.0.2.1:6000/lab");
        let (remote, _) = from_url("postgresql://ann@/shop", &Variables::default());
        assert_eq!(remote.place(), "ann@localhost:5432/shop");
    }

    #[test]
    fn a_password_may_hold_a_question_mark_and_more_when_it_is_encoded() {
        for (url, password) in [
            ("postgresql://ann:wh?at@db/shop?connect_timeout=3", "wh?at"),
            ("postgresql://ann:%40%2F%3F%25@db/shop", "@/?%"),
        ] {
            let (remote, wrong) = from_url(url, &Variables::default());
            assert!(wrong.is_empty(), "{wrong:?}");
            assert_eq!(remote.config.get_password(), Some(password.as_bytes()));
            assert_eq!(remote.place(), "ann@db:5432/shop");
        }
    }

    #[test]
    fn a_timeout_of_nothing_is_wrong() {
        let mut wrong = Wrong::default();
        let all = Variables::from([("PGHOST", "db"), ("PGCONNECT_TIMEOUT", "0")]);
        Remote::from_parts(&all, &mut wrong);
        assert!(wrong.0[0].contains("PGCONNECT_TIMEOUT is \"0\""), "{wrong:?}");
    }

    #[test]
    fn a_wrong_url_is_named_without_its_password() {
        for (url, cause) in [
            ("mysql://ann:secret@db/shop", "must begin with postgresql://"),
            ("postgresql://ann:secret@db:port/shop", "no connection URL"),
            ("postgresql://ann:secret@db/shop?sslmode=sometimes", "sslmode"),
            ("postgresql://ann:secret@db/shop?colour=red", "colour"),
            ("postgresql://ann:@secret@db/shop", "%40"),
            ("postgresql://ann:/secret@db/shop", "%2F"),
            ("postgresql://ann:x/?secret=y@db/shop", "%2F"),
            ("postgresql://ann:secret%ff@db:port/shop", "no connection URL"),
        ] {
            let (_, wrong) = from_url(url, &Variables::default());
            assert_eq!(wrong.len(), 1, "{url}");
            assert!(wrong[0].contains(cause), "{wrong:?} lacks {cause}");
            assert!(!wrong[0].contains("secret"), "{wrong:?}");
        }
    }
}
