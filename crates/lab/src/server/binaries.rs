//! PostgreSQL's programs: which of the installed versions to take.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::owner::{Owner, succeeded};
use crate::{Error, Result};

/// The oldest PostgreSQL that the lab works with.
pub const OLDEST_MAJOR: u32 = 15;

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// One installed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Looks whether the owner can run what is in `folder`. `Err` says in words why not.
    fn probe(folder: &Path, owner: &Owner) -> std::result::Result<Self, String> {
        let missing: Vec<_> =
            NEEDED.into_iter().filter(|name| !folder.join(name).exists()).collect();
        if !missing.is_empty() {
            return Err(format!("{} has no {}", folder.display(), missing.join(", no ")));
        }
        let postgres = folder.join("postgres");
        let out = owner
            .command(&postgres, Path::new("/"))
            .arg("--version")
            .output()
            .map_err(|error| format!("{owner} cannot run {}: {error}", postgres.display()))?;
        succeeded(&out)
            .map_err(|said| format!("{owner} cannot run {}: {said}", postgres.display()))?;
        let said = String::from_utf8_lossy(&out.stdout);
        let major = version_in(&said).and_then(major_of);
        let major = major
            .ok_or_else(|| format!("{} is no PostgreSQL: {}", postgres.display(), said.trim()))?;
        Ok(Self { folder: folder.to_owned(), major })
    }
}

/// `15.8 (Debian 15.8-1)` of `postgres (PostgreSQL) 15.8 (Debian 15.8-1)`.
pub(super) fn version_in(said: &str) -> Option<&str> {
    said.trim().split_once("(PostgreSQL) ").map(|(_, version)| version)
}

/// The major version of `15.8`, `15`, `18beta1` or `9.6.24`.
pub(super) fn major_of(version: &str) -> Option<u32> {
    let version = version.trim();
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

/// Takes the given folder, or searches the places where PostgreSQL is installed: for data of a
/// major version that one (ground truth 27), for a new cluster the newest.
pub(super) fn find(
    pg_bin: Option<&Path>,
    data: Option<(u32, &Path)>,
    owner: &Owner,
) -> Result<Binaries> {
    let (found, rejected) = match pg_bin {
        Some(folder) => match Binaries::probe(folder, owner) {
            Ok(binaries) => (vec![binaries], vec![]),
            Err(why) => {
                return Err(Error::usage(format!("cannot use PG_BIN={}", folder.display()))
                    .because(why)
                    .next("set PG_BIN to a folder that holds initdb, pg_ctl and postgres, or unset it"));
            }
        },
        None => search(owner),
    };
    choose(found, &rejected, data)
}

/// Every usable installation, and why others were passed over.
fn search(owner: &Owner) -> (Vec<Binaries>, Vec<String>) {
    let mut seen = Vec::new();
    let (mut found, mut rejected) = (Vec::new(), Vec::new());
    for folder in candidates() {
        let Ok(real) = fs::canonicalize(folder.join("postgres")) else { continue };
        if seen.contains(&real) || !folder.join("initdb").exists() {
            continue;
        }
        match Binaries::probe(&folder, owner) {
            Ok(binaries) => {
                seen.push(real);
                found.push(binaries);
            }
            Err(why) => rejected.push(why),
        }
    }
    (found, rejected)
}

fn choose(
    mut found: Vec<Binaries>,
    rejected: &[String],
    data: Option<(u32, &Path)>,
) -> Result<Binaries> {
    // Stable, so that of two equals the one found first, `pg_config`'s, comes first.
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    let Some(newest) = found.first() else { return Err(none_found(rejected)) };
    if let Some((major, data)) = data
        && !found.iter().any(|binaries| binaries.major == major)
    {
        let installed: Vec<_> = found
            .iter()
            .map(|binaries| format!("{} in {}", binaries.major, binaries.folder.display()))
            .collect();
        return Err(Error::failed(format!("cannot start the local server in {}", data.display()))
            .because(format!(
                "PostgreSQL {major} made its data, and found is PostgreSQL {}",
                installed.join(", ")
            ))
            .next(format!(
                "install PostgreSQL {major} and set PG_BIN to the folder of its programs"
            ))
            .next(
                "or give the data up: cargo run -p server -- destroy, then run the command again",
            ));
    }
    if newest.major < OLDEST_MAJOR {
        return Err(Error::failed(format!(
            "PostgreSQL {} in {} is too old",
            newest.major,
            newest.folder.display()
        ))
        .because(format!(
            "the lab needs {OLDEST_MAJOR} or newer: MERGE and UNIQUE NULLS NOT DISTINCT came with 15"
        ))
        .next(format!("install PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL")));
    }
    let wanted = data.map_or(newest.major, |(major, _)| major);
    let place = found.iter().position(|binaries| binaries.major == wanted).unwrap_or(0);
    Ok(found.swap_remove(place))
}

fn none_found(rejected: &[String]) -> Error {
    let mut error = Error::failed("no PostgreSQL found on this machine")
        .because("initdb, pg_ctl and postgres are in none of the usual places");
    for why in rejected {
        error = error.because(why);
    }
    error
        .next("Debian, Ubuntu   sudo apt install postgresql")
        .next("macOS            brew install postgresql@17")
        .next("Windows          in WSL: sudo apt install postgresql")
        .next("                 or EDB's installer, and its server in DATABASE_URL")
        .next("Docker           cp .env.example .env && docker compose up -d --wait")
        .next("elsewhere        set PG_BIN to the folder of initdb, pg_ctl and postgres,")
        .next("                 or DATABASE_URL to any running server")
}

/// Folders that may hold PostgreSQL's programs, likeliest first.
fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(out) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()));
    }
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&path));
    for (parent, prefix, rest) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        let versions = entries
            .flatten()
            .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()));
        folders.extend(versions.map(|entry| entry.path().join(rest)));
    }
    folders.retain(|folder| folder.is_absolute());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Binaries> {
        let one = |major: &u32| Binaries { folder: format!("/pg/{major}").into(), major: *major };
        majors.iter().map(one).collect()
    }

    #[test]
    fn reads_versions() {
        let said = "postgres (PostgreSQL) 15.8 (Debian 15.8-1)\n";
        assert_eq!(version_in(said), Some("15.8 (Debian 15.8-1)"));
        assert_eq!(version_in("hello"), None);
        assert_eq!(major_of("15\n"), Some(15));
        assert_eq!(major_of("18beta1"), Some(18));
        assert_eq!(major_of("9.6.24"), Some(9));
        assert_eq!(major_of("devel"), None);
    }

    #[test]
    fn a_new_cluster_takes_the_newest_and_old_data_its_own() {
        assert_eq!(choose(installed(&[15, 18, 16]), &[], None).unwrap().major, 18);
        let data = Some((15, Path::new("/home/data")));
        assert_eq!(choose(installed(&[15, 18, 16]), &[], data).unwrap().major, 15);
    }

    #[test]
    fn data_of_a_version_that_is_not_installed_names_both() {
        let error = choose(installed(&[16]), &[], Some((15, Path::new("/home/data")))).unwrap_err();
        let text = error.to_string();
        for part in ["PostgreSQL 15", "PostgreSQL 16", "/home/data", "PG_BIN", "destroy"] {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }

    #[test]
    fn an_old_version_is_refused_with_what_it_lacks() {
        let text = choose(installed(&[14, 13]), &[], None).unwrap_err().to_string();
        assert!(text.contains("PostgreSQL 14") && text.contains("MERGE"), "{text}");
    }

    #[test]
    fn without_any_the_error_says_what_to_install_everywhere() {
        let rejected = ["user postgres cannot run /root/pg/postgres".to_owned()];
        let text = choose(vec![], &rejected, None).unwrap_err().to_string();
        for part in
            ["Debian", "macOS", "Windows", "Docker", "PG_BIN", "DATABASE_URL", "/root/pg/postgres"]
        {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }
}
