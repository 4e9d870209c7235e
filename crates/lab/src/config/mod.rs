//! Settings from flags, the environment and `.env`, validated once, every wrong one named.
//!
//! A flag wins over the environment, which wins over `.env`. An empty value counts as not set.

mod remote;
mod ssl_mode;
mod target;

use std::collections::HashMap;
use std::env::VarError;
use std::path::PathBuf;
use std::time::Duration;

pub use remote::Remote;
pub use ssl_mode::SslMode;
pub use target::{Kind, Local, Target};

use crate::{Error, Result};

/// What the environment and the flags decide for every command.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which server the commands talk to.
    pub target: Target,
    /// The local server's settings, which `server` needs even where the target is another.
    pub local: Local,
    /// `SIMULATOR_INTERVAL_MS`: the pause between two inserts of `load`, when it is set.
    pub simulator_interval: Option<Duration>,
}

/// Every variable that we read, in the order in which the documentation lists them.
const VARIABLES: [&str; 17] = [
    "DATABASE_URL",
    "POSTGRES_HOST",
    "POSTGRES_PORT",
    "POSTGRES_DB",
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "PGHOST",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGCONNECT_TIMEOUT",
    "PARTITION_LAB_HOME",
    "PG_BIN",
    "SIMULATOR_INTERVAL_MS",
];

impl Settings {
    /// Reads `.env` (in this folder or one above) and the environment.
    ///
    /// `database_url` is the flag, which wins over everything else.
    pub fn load(database_url: Option<&str>) -> Result<Self> {
        Self::from_variables(&Variables::read()?, database_url)
    }

    /// The same from given variables: pure, so that every combination can be tested.
    pub fn from_variables(variables: &Variables, database_url: Option<&str>) -> Result<Self> {
        let mut wrong = Wrong::default();
        let target = Target::read(variables, database_url, &mut wrong);
        let simulator_interval = wrong
            .parse(variables, "SIMULATOR_INTERVAL_MS", "milliseconds, 0 or more")
            .map(Duration::from_millis);
        if wrong.0.is_empty() {
            Ok(Self { target, local: Local::read(variables), simulator_interval })
        } else {
            Err(wrong.into_error())
        }
    }
}

/// The variables that are set, from the environment first and `.env` second.
///
/// Not `Debug`: there are passwords among them.
#[derive(Default, Clone)]
pub struct Variables(HashMap<String, String>);

impl Variables {
    fn read() -> Result<Self> {
        let mut all = HashMap::new();
        match dotenvy::dotenv_iter() {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|error| bad_env_file(&error))?;
                    all.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(bad_env_file(&error)),
        }
        for name in VARIABLES {
            match std::env::var(name) {
                Ok(value) => drop(all.insert(name.to_owned(), value)),
                Err(VarError::NotPresent) => {}
                // Not taken for unset: then another server than the one meant would be used.
                Err(VarError::NotUnicode(_)) => {
                    return Err(Error::usage(format!("{name} is not valid UTF-8"))
                        .next("correct it in the environment"));
                }
            }
        }
        Ok(Self(all))
    }

    /// The value of `name`, if it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of `names` that is set, with its name.
    fn first<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, &'a str)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// The parse error is told without the line: it may hold a password.
fn bad_env_file(error: &dotenvy::Error) -> Error {
    let cause = match error {
        dotenvy::Error::LineParse(_, at) => format!("a line is not NAME=value (column {at})"),
        other => other.to_string(),
    };
    Error::usage("cannot read .env").because(cause).next("compare it with .env.example")
}

/// Collects every wrong setting, so that one run names them all.
#[derive(Debug, Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn add(&mut self, setting: impl Into<String>) {
        self.0.push(setting.into());
    }

    fn parse<T: std::str::FromStr>(
        &mut self,
        all: &Variables,
        name: &str,
        wanted: &str,
    ) -> Option<T> {
        let text = all.get(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.add(format!("{name} is {text:?}: it must be {wanted}"));
        }
        value
    }

    fn into_error(self) -> Error {
        let what = match self.0.len() {
            1 => "a setting is wrong".to_owned(),
            n => format!("{n} settings are wrong"),
        };
        let error = self.0.into_iter().fold(Error::usage(what), Error::because);
        error.next("correct it in the environment or in .env (docs/configuration.md lists them)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_wrong_setting_at_once() {
        let variables = Variables::from([
            ("POSTGRES_HOST", "localhost"),
            ("POSTGRES_PORT", "fivefour"),
            ("PGSSLMODE", "maybe"),
            ("SIMULATOR_INTERVAL_MS", "-5"),
        ]);
        let error = Settings::from_variables(&variables, None).unwrap_err().to_string();
        for name in ["POSTGRES_PORT", "PGSSLMODE", "SIMULATOR_INTERVAL_MS", "3 settings"] {
            assert!(error.contains(name), "{name} is missing in:\n{error}");
        }
    }

    #[test]
    fn an_empty_value_is_not_set() {
        let variables = Variables::from([("POSTGRES_HOST", ""), ("SIMULATOR_INTERVAL_MS", "")]);
        let settings = Settings::from_variables(&variables, None).unwrap();
        assert!(matches!(settings.target, Target::Local(_)));
        assert_eq!(settings.simulator_interval, None);
    }
}
