//! A server that a URL or single variables name.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU64};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::{User, geteuid};
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, LoadBalanceHosts, TargetSessionAttrs};

use super::given::{Given, OWN};
use super::passfile::{self, Wanted};
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
    /// Files with our own certificate and its key (PEM).
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// What a person should know, such as a password file that is ignored.
    pub notes: Vec<String>,
}

/// Any one of these makes the variables count.
const NAMING: [&[&str]; 6] = [
    &["POSTGRES_HOST", "PGHOST"],
    &["PGHOSTADDR"],
    &["POSTGRES_PORT", "PGPORT"],
    &["POSTGRES_DB", "PGDATABASE"],
    &["POSTGRES_USER", "PGUSER"],
    &["PGSERVICE"],
];

/// How long a connection attempt may take unless `PGCONNECT_TIMEOUT` or the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where PostgreSQL's packages put the socket; the first is Debian's and Red Hat's.
const SOCKET_FOLDERS: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

impl Remote {
    /// From a URL; what it leaves open, single variables fill in, as in libpq.
    pub(super) fn from_url(name: &str, url: &str, all: &Variables, wrong: &mut Wrong) -> Self {
        let origin = match all.origin(&[name]) {
            origin if origin == "environment" => "database URL".to_owned(),
            file => format!("database URL in {file}"),
        };
        let given = Given::gather(Some((name, url)), all, wrong);
        Self::new(Kind::Url, origin, all.called(name), &given, false, all, wrong)
    }

    /// From `POSTGRES_*` or `PG*`: any one but the password makes it count. `None`: not one is set.
    pub(super) fn from_parts(all: &Variables, wrong: &mut Wrong) -> Option<Self> {
        let named: Vec<_> =
            NAMING.iter().filter_map(|names| all.first(names)).map(|(name, _)| name).collect();
        if named.is_empty() {
            return None;
        }
        let given = Given::gather(None, all, wrong);
        let ours = named.iter().any(|name| OWN.iter().any(|(own, _)| own == name));
        let named_by: Vec<_> = named.iter().map(|name| all.called(name)).collect();
        let (origin, named_by) = (all.origin(&named), named_by.join(", "));
        Some(Self::new(Kind::Env, origin, named_by, &given, ours, all, wrong))
    }

    /// `ours`: what is left open has the project's defaults, not libpq's.
    fn new(
        kind: Kind,
        origin: String,
        named_by: String,
        given: &Given,
        ours: bool,
        all: &Variables,
        wrong: &mut Wrong,
    ) -> Self {
        let mut config = Config::new();
        place(&mut config, given, ours, wrong);
        limits(&mut config, given, wrong);
        choices(&mut config, given, wrong);
        let (ssl_mode, ssl_root_cert) = trust(given, all, wrong);
        let mut notes = Vec::new();
        match given.text("password") {
            Some(password) => drop(config.password(password)),
            None => password_from_file(&mut config, given, all, &mut notes, wrong),
        }
        let client_certificate = client_certificate(given, all, wrong);
        Self { kind, origin, named_by, config, ssl_mode, ssl_root_cert, client_certificate, notes }
    }

    /// `user@host:port/database`, for messages: never a password.
    #[must_use]
    pub fn place(&self) -> String {
        let config = &self.config;
        let hosts: Vec<_> = (0..config.get_hosts().len())
            .map(|n| format!("{}:{}", host_text(&config.get_hosts()[n]), port_of(config, n)))
            .collect();
        let user = config.get_user().unwrap_or("(you)");
        format!("{user}@{}/{}", hosts.join(","), config.get_dbname().unwrap_or(user))
    }
}

fn host_text(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    }
}

fn port_of(config: &Config, n: usize) -> u16 {
    let ports = config.get_ports();
    ports.get(n).or(ports.first()).copied().unwrap_or(5432)
}

/// Hosts, ports, user and database.
fn place(config: &mut Config, given: &Given, ours: bool, wrong: &mut Wrong) {
    let ports = given.parsed("port", "a port, 1 to 65535", |text| list(text, port), wrong);
    for port in ports.iter().flatten() {
        config.port(*port);
    }
    match given.text("host") {
        Some(hosts) => {
            for host in hosts.split(',') {
                // As libpq: an empty one of a list is the default.
                let host = if host.is_empty() { socket_folder(5432) } else { host };
                config.host(host);
            }
        }
        None if ours => drop(config.host("localhost")),
        None => drop(config.host(socket_folder(port_of(config, 0)))),
    }
    let address = |text: &str| text.parse::<IpAddr>().ok();
    let addresses = given.parsed("hostaddr", "an IP address", |text| list(text, address), wrong);
    for address in addresses.iter().flatten() {
        config.hostaddr(*address);
    }
    let hosts = config.get_hosts().len();
    if config.get_ports().len() > 1 && config.get_ports().len() != hosts {
        wrong.add(format!("there are {} ports for {hosts} hosts", config.get_ports().len()));
    }
    if !config.get_hostaddrs().is_empty() && config.get_hostaddrs().len() != hosts {
        wrong.add(format!("there are {} hostaddr for {hosts} hosts", config.get_hostaddrs().len()));
    }
    let user = match given.text("user") {
        Some(user) => Some(user.to_owned()),
        None if ours => Some("postgres".to_owned()),
        None => User::from_uid(geteuid()).ok().flatten().map(|user| user.name),
    };
    let Some(user) = user else {
        wrong.add("no user is named, and this system has no name for you: set PGUSER");
        return;
    };
    match given.text("dbname") {
        Some(database) => config.dbname(database),
        None if ours => config.dbname("partition_demo"),
        None => config.dbname(&user),
    };
    config.user(user);
}

fn port(text: &str) -> Option<u16> {
    if text.is_empty() { Some(5432) } else { text.parse().ok().map(NonZeroU16::get) }
}

/// Each of what stands between commas.
fn list<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(one).collect()
}

/// Where a socket for `port` is; without any, where it would be.
fn socket_folder(port: u16) -> &'static str {
    let has_socket = |folder: &&str| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists();
    let found = SOCKET_FOLDERS.into_iter().find(has_socket);
    let installed = || SOCKET_FOLDERS.into_iter().find(|folder| Path::new(folder).is_dir());
    found.or_else(installed).unwrap_or("/tmp")
}

/// How long things may take.
fn limits(config: &mut Config, given: &Given, wrong: &mut Wrong) {
    let seconds = |text: &str| text.parse().ok().map(NonZeroU64::get).map(Duration::from_secs);
    let timeout = given.parsed("connect_timeout", "whole seconds, 1 or more", seconds, wrong);
    config.connect_timeout(timeout.unwrap_or(CONNECT_TIMEOUT));
    let switch = |text: &str| text.parse::<i64>().ok().map(|number| number != 0);
    if let Some(on) = given.parsed("keepalives", "0 or 1", switch, wrong) {
        config.keepalives(on);
    }
    // 0 is the system's own value, for all of these.
    let number = |text: &str| text.parse::<u32>().ok();
    let mut some = |name, wanted| given.parsed(name, wanted, number, wrong).filter(|n| *n > 0);
    let seconds = |number| Duration::from_secs(u64::from(number));
    if let Some(idle) = some("keepalives_idle", "seconds") {
        config.keepalives_idle(seconds(idle));
    }
    if let Some(interval) = some("keepalives_interval", "seconds") {
        config.keepalives_interval(seconds(interval));
    }
    if let Some(count) = some("keepalives_count", "a number") {
        config.keepalives_retries(count);
    }
    if let Some(milliseconds) = some("tcp_user_timeout", "milliseconds") {
        config.tcp_user_timeout(Duration::from_millis(u64::from(milliseconds)));
    }
}

/// Which server of several, and what the session begins with.
fn choices(config: &mut Config, given: &Given, wrong: &mut Wrong) {
    if let Some(options) = given.text("options") {
        config.options(options);
    }
    let binding = |text: &str| match text {
        "disable" => Some(ChannelBinding::Disable),
        "prefer" => Some(ChannelBinding::Prefer),
        "require" => Some(ChannelBinding::Require),
        _ => None,
    };
    let wanted = "disable, prefer or require";
    if let Some(binding) = given.parsed("channel_binding", wanted, binding, wrong) {
        config.channel_binding(binding);
    }
    let attributes = |text: &str| match text {
        "any" => Some(TargetSessionAttrs::Any),
        "read-write" => Some(TargetSessionAttrs::ReadWrite),
        "read-only" => Some(TargetSessionAttrs::ReadOnly),
        _ => None,
    };
    let wanted = "any, read-write or read-only (primary and standby are not supported)";
    if let Some(attributes) = given.parsed("target_session_attrs", wanted, attributes, wrong) {
        config.target_session_attrs(attributes);
    }
    let balance = |text: &str| match text {
        "disable" => Some(LoadBalanceHosts::Disable),
        "random" => Some(LoadBalanceHosts::Random),
        _ => None,
    };
    if let Some(balance) = given.parsed("load_balance_hosts", "disable or random", balance, wrong) {
        config.load_balance_hosts(balance);
    }
}

/// How TLS is used, and whose signature counts.
fn trust(given: &Given, all: &Variables, wrong: &mut Wrong) -> (SslMode, Option<PathBuf>) {
    let wanted = "disable, prefer, require, verify-ca or verify-full";
    let mode = given.parsed("sslmode", wanted, |text| text.parse().ok(), wrong);
    let root = given.text("sslrootcert");
    if root == Some("system") {
        // libpq: whom all the world trusts proves nothing without the name.
        if mode.is_some_and(|mode| mode != SslMode::VerifyFull) {
            wrong.add("sslrootcert=system demands sslmode=verify-full");
        }
        return (SslMode::VerifyFull, None);
    }
    let root = root.map(PathBuf::from).or_else(|| present(all, ".postgresql/root.crt"));
    (mode.unwrap_or(SslMode::Prefer), root)
}

/// A file below `HOME` that libpq takes when it is there.
fn present(all: &Variables, name: &str) -> Option<PathBuf> {
    all.home_file(name).filter(|file| file.exists())
}

/// A certificate comes with its key.
fn client_certificate(
    given: &Given,
    all: &Variables,
    wrong: &mut Wrong,
) -> Option<(PathBuf, PathBuf)> {
    let path =
        |name, standard| given.text(name).map(PathBuf::from).or_else(|| present(all, standard));
    let certificate = path("sslcert", ".postgresql/postgresql.crt")?;
    let key = path("sslkey", ".postgresql/postgresql.key");
    if key.is_none() {
        wrong.add(format!(
            "the client certificate {} has no key: name its file in sslkey or PGSSLKEY",
            certificate.display()
        ));
    }
    Some((certificate, key?))
}

/// The password that a password file has for all the hosts.
fn password_from_file(
    config: &mut Config,
    given: &Given,
    all: &Variables,
    notes: &mut Vec<String>,
    wrong: &mut Wrong,
) {
    let named = given.text("passfile").map(PathBuf::from);
    let is_named = named.is_some();
    let Some(file) = named.or_else(|| all.home_file(".pgpass")) else { return };
    let text = match passfile::read(&file) {
        Ok(Some(text)) => text,
        Ok(None) => {
            if is_named {
                notes.push(format!("there is no password file {}", file.display()));
            }
            return;
        }
        Err(why) => {
            notes.push(why);
            return;
        }
    };
    let (Some(user), Some(database)) = (config.get_user(), config.get_dbname()) else { return };
    let mut found = (0..config.get_hosts().len()).map(|n| {
        let host = host_text(&config.get_hosts()[n]);
        let host = if SOCKET_FOLDERS.contains(&&*host) { "localhost" } else { &*host };
        passfile::find(&text, Wanted { host, port: port_of(config, n), database, user })
    });
    let Some(first) = found.next() else { return };
    // One password is sent to whichever host answers: it must be right for each of them.
    if found.any(|other| other != first) {
        wrong.add(format!(
            "{} has different passwords for these hosts: name one host",
            file.display()
        ));
        return;
    }
    if let Some(password) = first {
        config.password(password);
    }
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
        assert_eq!(
            from_url("postgresql://db1,db2:7000/", &all).0.place(),
            "ann@db1:5432,db2:7000/shop"
        );
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
