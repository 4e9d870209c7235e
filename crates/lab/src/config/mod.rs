//! Settings from flags, the environment and `.env`, validated once, every wrong one named.
//!
//! A flag wins over the environment, which wins over `.env`. An empty value counts as not set. What
//! decides which programs are run never comes from `.env`.

mod env_file;
mod given;
mod parameters;
mod passfile;
mod remote;
mod service;
mod ssl_mode;
mod target;
mod url;

use std::collections::HashMap;
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use remote::Remote;
pub use ssl_mode::SslMode;
pub use target::{Kind, Local, Target};

use nix::unistd::{User, geteuid};

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

/// The variables that we read beside those of libpq's parameters.
const VARIABLES: [&str; 10] = [
    "DATABASE_URL",
    "POSTGRES_HOST",
    "POSTGRES_PORT",
    "POSTGRES_DB",
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "PGSYSCONFDIR",
    "PARTITION_LAB_HOME",
    "PG_BIN",
    "SIMULATOR_INTERVAL_MS",
];

/// Every variable that we read.
fn variables() -> impl Iterator<Item = &'static str> {
    let of_libpq = parameters::PARAMETERS.iter().map(|parameter| parameter.variable);
    VARIABLES.into_iter().chain(of_libpq.filter(|name| !name.is_empty()))
}

impl Settings {
    /// Reads the environment and `.env` (in this folder or at the root of the checkout).
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

/// What `.env` may not set, because it decides which programs are run: `PG_BIN` names their folder,
/// and the configuration of a server's data folder names libraries and commands.
const NEVER_FROM_FILE: [&str; 2] = ["PG_BIN", "PARTITION_LAB_HOME"];

/// The variables that are set, from the environment first and `.env` second.
///
/// Not `Debug`: there are passwords among them.
#[derive(Default, Clone)]
pub struct Variables {
    values: HashMap<String, String>,
    /// Which line of `.env` a value came from.
    lines: HashMap<String, usize>,
    /// The `.env` that was read.
    file: PathBuf,
}

impl Variables {
    fn read() -> Result<Self> {
        let mut all = Self::default();
        for name in variables().chain(["HOME"]) {
            match std::env::var(name) {
                Ok(value) => drop(all.values.insert(name.to_owned(), value)),
                Err(VarError::NotPresent) => {}
                // Only files that nobody named are looked for there.
                Err(VarError::NotUnicode(_)) if name == "HOME" => {}
                // Not taken for unset: then another server than the one meant would be used.
                Err(VarError::NotUnicode(_)) => {
                    return Err(Error::usage(format!("{name} is not valid UTF-8"))
                        .next("correct it in the environment"));
                }
            }
        }
        if let Some((file, lines)) = env_file::read()? {
            all.add_file(file, lines)?;
        }
        if all.get("HOME").is_none()
            && let Some(user) = User::from_uid(geteuid()).ok().flatten()
        {
            all.values.insert("HOME".to_owned(), user.dir.to_string_lossy().into_owned());
        }
        Ok(all)
    }

    /// Adds what the environment does not set, not even to nothing; of two lines the last counts.
    fn add_file(&mut self, file: PathBuf, lines: Vec<env_file::Line>) -> Result<()> {
        for line in lines.into_iter().rev() {
            let name = line.name;
            if self.values.contains_key(&name) {
                continue;
            }
            if NEVER_FROM_FILE.contains(&&*name) && !line.value.is_empty() {
                return Err(never_from_file(&file, line.number, &name));
            }
            if variables().any(|ours| ours == name) {
                self.lines.insert(name.clone(), line.number);
                self.values.insert(name, line.value);
            }
        }
        self.file = file;
        Ok(())
    }

    /// Where `names` were set, for messages.
    fn origin(&self, names: &[&str]) -> String {
        let in_file = names.iter().filter(|name| self.lines.contains_key(**name)).count();
        match in_file {
            0 => "environment".to_owned(),
            n if n == names.len() => self.file.display().to_string(),
            _ => format!("environment and {}", self.file.display()),
        }
    }

    /// `name` as messages call it: with file and line, if that is where it was set.
    fn called(&self, name: &str) -> String {
        match self.lines.get(name) {
            Some(line) => format!("{name} ({} line {line})", self.file.display()),
            None => name.to_owned(),
        }
    }

    /// The value of `name`, if it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of `names` that is set, with its name.
    fn first<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, &'a str)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    /// A file in the home folder of whoever runs us, if they have one.
    fn home_file(&self, name: &str) -> Option<PathBuf> {
        self.path("HOME").map(|home| home.join(name))
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Variables {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { values: values.collect(), ..Self::default() }
    }
}

fn never_from_file(file: &Path, line: usize, name: &str) -> Error {
    let next = match name {
        "PG_BIN" => "remove the line; to use that folder: export PG_BIN=FOLDER",
        _ => "remove the line; to use that folder: export PARTITION_LAB_HOME=FOLDER",
    };
    Error::usage(format!(
        "{} line {line} sets {name}, which only the environment may",
        file.display()
    ))
    .because("it decides which programs are run, and a file may come with somebody else's folder")
    .next(next)
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
            self.add(format!("{} is {text:?}: it must be {wanted}", all.called(name)));
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
