//! Commands of ours that run without a terminal, as cron and systemd run them: the program's whole path, the same server, and no
//! password.

use std::env;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::config::Host;

use crate::config::{Remote, SslMode, Target};
use crate::{Context, Result};

/// How this program reaches this server when nothing is in the environment.
#[derive(Debug, Clone)]
pub struct Crontab {
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    /// The password was in a URL or a variable, neither of which may stand in a crontab.
    needs_password: bool,
    database: String,
}

impl Crontab {
    /// For this program and `target`.
    pub fn new(target: &Target) -> Result<Self> {
        let program = env::current_exe().context(|| "cannot tell where this program lies")?;
        Ok(match target {
            Target::Local(local) => {
                let home = local.server()?.asked_path().display().to_string();
                let bin = local.pg_bin.as_ref().map(|bin| ("PG_BIN", bin.display().to_string()));
                let environment = [("PARTITION_LAB_HOME", home)].into_iter().chain(bin).collect();
                let database = crate::server::DATABASE.to_owned();
                Self { program, environment, needs_password: false, database }
            }
            Target::Remote(remote) => {
                let mut environment = vec![("DATABASE_URL", url(remote))];
                environment.extend(env::var("PGPASSFILE").ok().map(|file| ("PGPASSFILE", file)));
                let config = &remote.config;
                let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
                Self {
                    program,
                    environment,
                    needs_password: config.get_password().is_some(),
                    database: database.to_owned(),
                }
            }
        })
    }

    /// A line of a crontab: it needs nothing else.
    #[must_use]
    pub fn line(&self, when: &str, arguments: &[&str]) -> String {
        let variables = self.environment.iter();
        let variables = variables.map(|(name, value)| format!("{name}={}", shell(value)));
        let words = [self.program.display().to_string()];
        let words = words.iter().map(String::as_str).chain(arguments.iter().copied()).map(shell);
        let command = variables.chain(words).collect::<Vec<_>>().join(" ");
        // cron ends the command at a percent sign.
        format!("{when}  {}", command.replace('%', r"\%"))
    }

    /// What besides the line is needed, where something is.
    #[must_use]
    pub fn password(&self) -> Option<&'static str> {
        self.needs_password.then_some(
            "the password is not in it: put host:port:database:user:password into the ~/.pgpass of the user whose crontab it is, chmod 600",
        )
    }

    /// The lines of a systemd unit that name the server and what runs.
    #[must_use]
    pub fn service(&self, arguments: &str) -> String {
        let quoted = |text: &str| {
            let escaped = text.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
            format!("\"{escaped}\"")
        };
        let variables = self.environment.iter();
        let variables = variables
            .map(|(name, value)| format!("Environment={}\n", quoted(&format!("{name}={value}"))));
        let program = quoted(&self.program.display().to_string()).replace('$', "$$");
        format!("{}ExecStart={program} {arguments}\n", variables.collect::<String>())
    }

    /// The database that the server's own scheduler is to work in.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }
}

/// The server as a URL without its password.
fn url(remote: &Remote) -> String {
    let config = &remote.config;
    let mut parameters = Vec::new();
    let hosts: Vec<_> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => encoded(name),
            Host::Unix(folder) => in_query(&folder.display().to_string()),
        })
        .collect();
    let ports: Vec<_> = config.get_ports().iter().map(ToString::to_string).collect();
    let user = config.get_user().map(|user| encoded(user) + "@").unwrap_or_default();
    let database = config.get_dbname().map(encoded).unwrap_or_default();
    let authority = match (config.get_hosts(), ports.as_slice()) {
        ([Host::Tcp(name)], [] | [_]) if !name.contains(':') => {
            let port = ports.first().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}{port}", hosts.concat())
        }
        _ => {
            parameters.push(format!("host={}", hosts.join(",")));
            if !ports.is_empty() {
                parameters.push(format!("port={}", ports.join(",")));
            }
            String::new()
        }
    };
    if remote.ssl_mode != SslMode::Prefer {
        parameters.push(format!("sslmode={}", remote.ssl_mode.as_str()));
    }
    if let Some(file) = &remote.ssl_root_cert {
        parameters.push(format!("sslrootcert={}", in_query(&file.display().to_string())));
    }
    if let Some(options) = config.get_options() {
        parameters.push(format!("options={}", encoded(options)));
    }
    let query =
        if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) };
    format!("postgresql://{user}{authority}/{database}{query}")
}

/// What stands for itself in every part of a URL.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same behind the question mark, where a slash is one.
const KEPT_IN_QUERY: &AsciiSet = &KEPT.remove(b'/');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

fn in_query(text: &str) -> String {
    utf8_percent_encode(text, KEPT_IN_QUERY).to_string()
}

/// A word as a shell takes it.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@=,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, Variables};

    fn of(url: &str) -> Crontab {
        let settings = Settings::from_variables(&Variables::default(), Some(url)).unwrap();
        let crontab = Crontab::new(&settings.target).unwrap();
        Crontab { program: "/opt/a lab/convert".into(), ..crontab }
    }

    #[test]
    fn a_line_names_program_and_server_and_no_password() {
        let crontab = of("postgresql://ann:se%40cret@db:5433/my%2Fshop?sslmode=require");
        assert_eq!(
            crontab.line("0 3 * * *", &["premake", "public.\"100%\"", "--run"]),
            r#"0 3 * * *  DATABASE_URL='postgresql://ann@db:5433/my\%2Fshop?sslmode=require' '/opt/a lab/convert' premake 'public."100\%"' --run"#
        );
        assert!(crontab.password().is_some_and(|note| note.contains(".pgpass")));
        assert_eq!(crontab.database(), "my/shop");
        let service = crontab.service("maintain %i");
        assert!(service.contains("ExecStart=\"/opt/a lab/convert\" maintain %i\n"), "{service}");
        assert!(
            service.contains("Environment=\"DATABASE_URL=postgresql://ann@db:5433/my%%2Fshop?"),
            "{service}"
        );
    }

    #[test]
    fn the_url_leads_to_the_same_server() {
        for url in [
            "postgresql://ann@db/shop",
            "postgresql://ann@/shop?host=%2Ftmp%2Fa%20b&port=5433",
            "postgresql://ann@/shop?host=a,b&port=5432,5433",
            "postgresql://ann@/shop?host=%3A%3A1&port=5433",
        ] {
            let read = |url: &str| match Settings::from_variables(&Variables::default(), Some(url))
                .unwrap()
                .target
            {
                Target::Remote(remote) => *remote,
                Target::Local(_) => panic!("a URL"),
            };
            let (first, second) = (read(url), read(&super::url(&read(url))));
            assert_eq!(first.config, second.config, "{url}");
            assert!(of(url).password().is_none());
        }
    }
}
