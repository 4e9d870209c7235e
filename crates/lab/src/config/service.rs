//! libpq's service files (PostgreSQL manual, "The Connection Service File").
//!
//! Read here as libpq reads them: unlike in other INI files, nothing is quoted or escaped, and a `#` begins a
//! comment only where the line begins, so that a password may hold one.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::given::Given;
use super::{Variables, Wrong};

/// The folder of the system's file, where `PGSYSCONFDIR` names none: Debian's.
const SYSTEM: &str = "/etc/postgresql-common";

/// Gives `given` what it lacks and its service has. Without a service nothing is done.
pub(super) fn fill_in(given: &mut Given, all: &Variables, wrong: &mut Wrong) {
    let Some(service) = given.get("service") else { return };
    let (name, called) = (service.text.clone(), service.called.clone());
    let own = given.text("servicefile").or_else(|| all.get("PGSERVICEFILE")).map(PathBuf::from);
    let own = own.or_else(|| all.home_file(".pg_service.conf"));
    let system = Path::new(all.get("PGSYSCONFDIR").unwrap_or(SYSTEM)).join("pg_service.conf");
    let files: Vec<_> = own.into_iter().chain([system]).collect();
    for file in &files {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                wrong.add(format!("cannot read the service file {}: {error}", file.display()));
                return;
            }
        };
        match section(&text, &name) {
            Ok(None) => {}
            Ok(Some(pairs)) => {
                for (line, key, value) in pairs {
                    let called = format!("{key} in {} line {line}", file.display());
                    given.add(&key, value, &called, wrong);
                }
                return;
            }
            Err((line, why)) => {
                wrong.add(format!("{} line {line}: {why}", file.display()));
                return;
            }
        }
    }
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    wrong.add(format!("{called} is {name:?}: there is no [{name}] in {}", files.join(" and no ")));
}

type Pairs = Vec<(usize, String, String)>;

/// Line, name and value of what stands under `[name]`. A line that is wrong is not shown: it may hold a
/// password.
fn section(text: &str, name: &str) -> Result<Option<Pairs>, (usize, &'static str)> {
    let mut found: Option<Pairs> = None;
    for (line, content) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(header) = content.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            let header = header.split_once(']').ok_or((line, "a service begins with [NAME]"))?.0;
            found = (header == name).then(Vec::new);
            continue;
        }
        let Some(pairs) = &mut found else { continue };
        if content.starts_with("ldap") {
            return Err((line, "a service from LDAP is not supported: write its parameters here"));
        }
        let (key, value) = content.split_once('=').ok_or((line, "it is not NAME=value"))?;
        if key == "service" || key == "servicefile" {
            return Err((line, "a service cannot name another one"));
        }
        // The first of two counts, as in libpq.
        pairs.push((line, key.to_owned(), value.to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "# services\n[lab]\nhost=db\n password=a#b=c \n\n[shop]\nhost=other\n";
        let pairs = section(text, "lab").unwrap().unwrap();
        let expected = [(3, "host", "db"), (4, "password", "a#b=c")];
        assert_eq!(pairs, expected.map(|(n, key, value)| (n, key.to_owned(), value.to_owned())));
        assert_eq!(section(text, "none").unwrap(), None);
        assert_eq!(section("[lab]\nsecret\n", "lab"), Err((2, "it is not NAME=value")));
        assert_eq!(section("[lab]\nservice=x\n", "lab").unwrap_err().0, 2);
        assert!(section("[lab]\nldap://x\n", "lab").unwrap_err().1.contains("LDAP"));
    }
}
