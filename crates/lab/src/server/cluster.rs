//! The data directory: what is in it, and how it is made.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::binaries::{Binaries, major_of};
use super::home::Home;
use super::owner::{Owner, succeeded};
use crate::{Context, Error, Result};

/// The major version that made the data, or `None` where there is no data yet. Refuses a `data`
/// folder that is no cluster.
pub(super) fn major(home: &Home) -> Result<Option<u32>> {
    let data = home.data();
    let file = data.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => match major_of(&text) {
            Some(major) => Ok(Some(major)),
            None => Err(refused(&data, &format!("PG_VERSION says {:?}", text.trim()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if fs::symlink_metadata(&data).is_ok() {
                return Err(refused(&data, "it has no PG_VERSION"));
            }
            Ok(None)
        }
        Err(error) => Err(error).context(|| format!("cannot read {}", file.display())),
    }
}

fn refused(data: &Path, why: &str) -> Error {
    Error::failed(format!("{} is no PostgreSQL data directory", data.display()))
        .because(format!("{why}, so nothing in it was touched"))
        .next(
            "move it away, then run the command again; or set PARTITION_LAB_HOME to another folder",
        )
}

/// Makes the cluster, all of it or nothing (ground truth 22). The home's lock is held.
pub(super) fn create(home: &Home, owner: &Owner, binaries: &Binaries) -> Result<()> {
    remove_unfinished(home)?;
    let made = fill(home, owner, binaries);
    let _ = fs::remove_file(home.pwfile());
    match made {
        Ok(()) => fs::rename(home.unfinished_data(), home.data())
            .context(|| format!("cannot make {}", home.data().display())),
        Err(error) => {
            remove_unfinished(home)?;
            Err(error)
        }
    }
}

fn fill(home: &Home, owner: &Owner, binaries: &Binaries) -> Result<()> {
    let password = random_password()?;
    owner.write(&home.pwfile(), &format!("{password}\n"))?;
    let initdb = binaries.program("initdb");
    let out = owner
        .command(&initdb, home.folder())
        .arg("--pgdata")
        .arg(home.unfinished_data())
        .arg("--pwfile")
        .arg(home.pwfile())
        .args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-instructions"])
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .output()
        .context(|| format!("cannot run {}", initdb.display()))?;
    succeeded(&out).map_err(|said| {
        Error::failed(format!("initdb could not make {}", home.data().display()))
            .because(said)
            .next("remove what it names (a full disk, say), then run the command again: nothing was left behind")
    })?;
    let conf = home.unfinished_data().join("postgresql.conf");
    let mut text =
        fs::read_to_string(&conf).context(|| format!("cannot read {}", conf.display()))?;
    text.push_str("\ninclude 'partition-lab.conf'\n");
    owner.write(&conf, &text)?;
    let pgpass = format!("127.0.0.1:*:*:postgres:{password}\nlocalhost:*:*:postgres:{password}\n");
    owner.write(&home.pgpass(), &pgpass)
}

/// A cluster whose `initdb` did not finish is ours, and of no use.
fn remove_unfinished(home: &Home) -> Result<()> {
    let unfinished = home.unfinished_data();
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).context(|| format!("cannot remove {}", unfinished.display()))
        }
        _ => Ok(()),
    }
}

/// 192 random bits as text.
fn random_password() -> Result<String> {
    let mut bytes = [0_u8; 24];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context(|| "cannot read /dev/urandom")?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_named_data_that_is_no_cluster_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        assert_eq!(major(&home).unwrap(), None);
        fs::create_dir(home.data()).unwrap();
        assert!(major(&home).unwrap_err().to_string().contains("no PG_VERSION"));
        fs::write(home.data().join("PG_VERSION"), "14\n").unwrap();
        assert_eq!(major(&home).unwrap(), Some(14));
        fs::write(home.data().join("PG_VERSION"), "x\n").unwrap();
        assert!(major(&home).unwrap_err().to_string().contains("PG_VERSION says"));
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let password = random_password().unwrap();
        assert_eq!(password.len(), 48);
        assert_ne!(password, random_password().unwrap());
    }
}
