//! One command at a time makes, starts, stops or destroys a server (ground truth 26).

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::home::Home;
use super::owner::Owner;
use crate::{Context, Error, Result};

/// Longer than `initdb` and a start with crash recovery take, so that waiting longer is an error.
const LIMIT: Duration = Duration::from_secs(150);

/// Waits for the home's lock, which lasts until the file is dropped or the process ends. `None`: the home is gone by now.
pub(super) async fn hold(home: &Home, owner: &Owner) -> Result<Option<File>> {
    let path = home.lock();
    let what = || format!("cannot lock {}", path.display());
    let begun = Instant::now();
    loop {
        let file = match open(&path, owner) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.context(what)?,
        };
        match file.try_lock() {
            Ok(()) if is_still_there(&file, &path) => return Ok(Some(file)),
            // `destroy` removed it while we waited.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if begun.elapsed() < LIMIT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::failed(what())
                    .because(
                        "another command has been starting or stopping this server for minutes",
                    )
                    .next("end that command, then run this one again"));
            }
            Err(TryLockError::Error(error)) => return Err(error).context(what),
        }
    }
}

/// Opened for reading where possible: one of root's and the owner's commands made it, and the
/// other may only read it.
fn open(path: &Path, owner: &Owner) -> io::Result<File> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
        Ok(file) => owner.give(path).map(|()| file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(path),
        Err(error) => Err(error),
    }
}

fn is_still_there(file: &File, path: &Path) -> bool {
    let identity = |file: std::fs::Metadata| (file.dev(), file.ino());
    match (file.metadata(), path.metadata()) {
        (Ok(held), Ok(named)) => identity(held) == identity(named),
        _ => false,
    }
}
