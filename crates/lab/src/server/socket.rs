//! The socket folder: in the home, unless that makes the socket's path too long (ground truth 23).

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::home::{Home, read_path};
use super::owner::Owner;
use crate::{Context, Error, Result};

/// What a socket's path may have at most, in bytes (`sun_path`, less its closing zero).
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The folder for the socket, made if need be.
pub(super) fn folder(home: &Home, owner: &Owner) -> Result<PathBuf> {
    let run = home.run();
    if fits(&run) {
        owner.make_folder(&run)?;
        return Ok(run);
    }
    if let Some(known) = elsewhere(home, owner) {
        return Ok(known);
    }
    let short = make_short(owner)?;
    owner.write(&home.socket_pointer(), &format!("{}\n", short.display()))?;
    Ok(short)
}

/// The folder outside the home that was made for its socket, if that is what stands there still.
pub(super) fn elsewhere(home: &Home, owner: &Owner) -> Option<PathBuf> {
    read_path(&home.socket_pointer()).filter(|folder| is_private(folder, owner))
}

/// Removes sockets and their lock files that a server which is gone left behind. Only to be called
/// while no server runs and the home's lock is held.
pub(super) fn clear(folder: &Path) -> Result<()> {
    // Never behind a link: the sockets there are another server's.
    if folder.is_symlink() {
        return Ok(());
    }
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b".s.PGSQL.") {
            let path = entry.path();
            fs::remove_file(&path).context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Whether clients can name a socket in this folder. A comma separates hosts in libpq's addresses.
fn fits(folder: &Path) -> bool {
    let bytes = folder.as_os_str().as_encoded_bytes();
    bytes.len() + "/.s.PGSQL.65535".len() <= LONGEST && !bytes.contains(&b',')
}

/// Whether it is the owner's alone: anyone may have put something else there, since it stands in a
/// folder that everyone writes to.
fn is_private(folder: &Path, owner: &Owner) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|file| {
        file.is_dir() && file.uid() == owner.uid && file.mode().trailing_zeros() >= 6
    })
}

fn make_short(owner: &Owner) -> Result<PathBuf> {
    for parent in [env::temp_dir(), PathBuf::from("/tmp")] {
        let mut builder = tempfile::Builder::new();
        builder.prefix("partition-lab-").permissions(fs::Permissions::from_mode(0o700));
        let Ok(made) = builder.tempdir_in(&parent) else { continue };
        if fits(made.path())
            && owner.give(made.path()).is_ok()
            && owner.obstacle(made.path())?.is_none()
        {
            return Ok(made.keep());
        }
    }
    Err(Error::failed("no folder for the local server's socket")
        .because(format!(
            "a socket's path has at most {LONGEST} bytes, and no short folder could be made"
        ))
        .next("set PARTITION_LAB_HOME to a folder with a shorter path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sockets_path_fits_to_the_byte() {
        let spare = LONGEST - "/.s.PGSQL.65535".len();
        assert!(fits(Path::new(&"a".repeat(spare))));
        assert!(!fits(Path::new(&"a".repeat(spare + 1))));
        assert!(!fits(Path::new("/tmp/a,b")));
    }
}
