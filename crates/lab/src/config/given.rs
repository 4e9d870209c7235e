//! What is given about a server: libpq's parameters from the URL, the variables and a service, each with
//! the name under which messages tell of it.

use std::collections::HashMap;

use super::parameters::{PARAMETERS, Parameter};
use super::{Variables, Wrong, service, url};

/// Parameters by name. A value that is there is not replaced: who comes first wins.
#[derive(Default)]
pub(super) struct Given(HashMap<&'static str, Value>);

/// A value, and who gave it: `sslmode in DATABASE_URL`, `PGSSLMODE (.env line 3)`.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) called: String,
}

/// Our own variables, which come before libpq's.
pub(super) const OWN: [(&str, &str); 5] = [
    ("POSTGRES_HOST", "host"),
    ("POSTGRES_PORT", "port"),
    ("POSTGRES_DB", "dbname"),
    ("POSTGRES_USER", "user"),
    ("POSTGRES_PASSWORD", "password"),
];

impl Given {
    /// In this order: the URL, the service that it names, `POSTGRES_*`, the service that `PGSERVICE`
    /// names, libpq's variables.
    pub(super) fn gather(url: Option<(&str, &str)>, all: &Variables, wrong: &mut Wrong) -> Self {
        let mut given = Self::default();
        if let Some((name, text)) = url {
            match url::split(text) {
                Ok(pairs) => {
                    // The later of two of a name counts.
                    for (parameter, value) in pairs.into_iter().rev() {
                        given.add(
                            &parameter,
                            value,
                            &format!("{parameter} in {}", all.called(name)),
                            wrong,
                        );
                    }
                }
                Err(why) => wrong.add(format!("{} {why}", all.called(name))),
            }
            service::fill_in(&mut given, all, wrong);
            given.name_hosts_by_address();
        }
        for (variable, parameter) in OWN {
            given.add_variable(variable, parameter, all, wrong);
        }
        if !given.0.contains_key("service") {
            given.add_variable("PGSERVICE", "service", all, wrong);
            service::fill_in(&mut given, all, wrong);
        }
        for parameter in PARAMETERS.iter().filter(|parameter| !parameter.variable.is_empty()) {
            given.add_variable(parameter.variable, parameter.name, all, wrong);
        }
        given.name_hosts_by_address();
        given
    }

    fn add_variable(
        &mut self,
        variable: &str,
        parameter: &str,
        all: &Variables,
        wrong: &mut Wrong,
    ) {
        if let Some(value) = all.get(variable) {
            self.add(parameter, value.to_owned(), &all.called(variable), wrong);
        }
    }

    /// Adds what is not there yet. An empty value counts as not given.
    pub(super) fn add(&mut self, name: &str, text: String, called: &str, wrong: &mut Wrong) {
        let Some(parameter) = Parameter::named(name) else {
            wrong.add(format!("{called}: there is no such connection parameter"));
            return;
        };
        if text.is_empty() || self.0.contains_key(parameter.name) {
            return;
        }
        if let Some(why) = parameter.refusal(&text) {
            wrong.add(format!("{called}: {why}"));
        }
        self.0.insert(parameter.name, Value { text, called: called.to_owned() });
    }

    /// TLS and messages need a name; an address is its own.
    fn name_hosts_by_address(&mut self) {
        if !self.0.contains_key("host")
            && let Some(Value { text, called }) = self.0.get("hostaddr")
        {
            let value = Value { text: text.clone(), called: called.clone() };
            self.0.insert("host", value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| &*value.text)
    }

    /// The value of `name` as `T`, if it is given; a wrong one is added to `wrong`.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        wrong: &mut Wrong,
    ) -> Option<T> {
        let value = self.get(name)?;
        let parsed = parse(&value.text);
        if parsed.is_none() {
            wrong.add(format!("{} is {:?}: it must be {wanted}", value.called, value.text));
        }
        parsed
    }
}
