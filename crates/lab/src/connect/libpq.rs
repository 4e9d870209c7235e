//! PostgreSQL's own programs (psql, `pg_dump`) led to the server of a [`Connector`].

use std::env;
use std::ffi::OsString;
use std::process::Command;

use tokio_postgres::config::{ChannelBinding, Host, TargetSessionAttrs};

use super::Connector;
use crate::config::SslMode;

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
            ("PGOPTIONS", config.get_options()),
        ];
        for (name, text) in texts {
            command.envs(text.map(|text| (name, text)));
        }
        if let Some(password) = config.get_password() {
            command.env("PGPASSWORD", OsString::from(String::from_utf8_lossy(password).as_ref()));
        }
        command.env("PGSSLMODE", self.ssl_mode.as_str());
        // We do not speak it either: the same way to the server for both.
        command.env("PGGSSENCMODE", "disable");
        match &self.ssl_root_cert {
            Some(file) => drop(command.env("PGSSLROOTCERT", file)),
            // libpq asks for a file otherwise; it knows the word since 16.
            None if self.ssl_mode == SslMode::VerifyFull => {
                command.env("PGSSLROOTCERT", "system");
            }
            None => {}
        }
        if let Some((certificate, key)) = &self.client_certificate {
            command.env("PGSSLCERT", certificate).env("PGSSLKEY", key);
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::ReadWrite {
            command.env("PGTARGETSESSIONATTRS", "read-write");
        }
        if config.get_channel_binding() == ChannelBinding::Require {
            command.env("PGCHANNELBINDING", "require");
        }
    }
}

fn list(all: impl IntoIterator<Item: ToString>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}
