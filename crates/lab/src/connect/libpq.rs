//! PostgreSQL's own programs (psql, `pg_dump`) led to the server of a [`Connector`].

use std::env;
use std::ffi::OsString;
use std::process::Command;

use tokio_postgres::config::Host;

use super::Connector;

/// Takes the variables away that would lead libpq to another server; `PGOPTIONS` stays.
pub fn forget_variables(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") && name != "PGOPTIONS" {
            command.env_remove(name);
        }
    }
}

impl Connector {
    /// Leads a program that uses libpq to this server. By its environment: a list of processes does not show the password.
    pub fn lead(&self, command: &mut Command) {
        forget_variables(command);
        let config = &self.config;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        command.env("PGHOST", list(hosts));
        command.env("PGPORT", list(config.get_ports()));
        if !config.get_hostaddrs().is_empty() {
            command.env("PGHOSTADDR", list(config.get_hostaddrs()));
        }
        let texts = [
            ("PGUSER", config.get_user()),
            ("PGDATABASE", config.get_dbname()),
            ("PGAPPNAME", config.get_application_name()),
        ];
        for (name, text) in texts {
            command.envs(text.map(|text| (name, text)));
        }
        if let Some(password) = config.get_password() {
            command.env("PGPASSWORD", OsString::from(String::from_utf8_lossy(password).as_ref()));
        }
        command.env("PGSSLMODE", self.ssl_mode.as_str());
        command.envs(self.ssl_root_cert.as_ref().map(|file| ("PGSSLROOTCERT", file)));
    }
}

fn list(all: impl IntoIterator<Item: ToString>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}
