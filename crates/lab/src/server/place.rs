//! Which folder a home really is: the one asked for, or one outside where the owner can work
//! (ground truth 21).

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::home::{Home, MARKER_TEXT};
use super::owner::{Owner, outside};
use crate::{Context, Error, Result};

/// The home in use for the one that was asked for, if it was ever made.
pub(super) fn find(asked: &Path) -> Option<Home> {
    let asked = Home::at(asked);
    // The substitute without a pointer too, because not everyone may leave one.
    let substitute = substitute(asked.folder()).ok();
    let homes: Vec<_> = [Some(asked.moved_to().unwrap_or(asked)), substitute]
        .into_iter()
        .flatten()
        .filter(|home| home.is_marked() && Owner::may_run(home))
        .collect();
    homes.iter().find(|home| home.data().exists()).or(homes.first()).cloned()
}

/// A home that its owner can work in, and what the user should know about it.
pub(super) struct Claim {
    pub(super) home: Home,
    pub(super) owner: Owner,
    pub(super) note: Option<String>,
}

/// Finds the home, or makes it. Refuses a folder that holds something else.
pub(super) fn claim(asked: &Path) -> Result<Claim> {
    if let Some(home) = find(asked) {
        let owner = Owner::of(&home)?;
        if let Some(obstacle) = owner.obstacle(home.folder())? {
            return Err(Error::failed(format!("cannot use {}", home.folder().display()))
                .because(obstacle)
                .next("give it access again, or set PARTITION_LAB_HOME to another folder"));
        }
        return Ok(Claim { home, owner, note: None });
    }
    let owner = Owner::for_new()?;
    let home = Home::at(asked);
    let Some(obstacle) = make(&home, &owner)? else {
        return Ok(Claim { home, owner, note: None });
    };
    let substitute = substitute(asked)?;
    if let Some(parent) = substitute.folder().parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(parent)
            .context(|| format!("cannot make the folder {}", parent.display()))?;
    }
    if let Some(also) = make(&substitute, &owner)? {
        return Err(Error::failed("no folder for the local server's files")
            .because(&obstacle)
            .because(also)
            .next("set PARTITION_LAB_HOME to a folder of your own"));
    }
    leave_pointer(&home, &substitute);
    let note = format!(
        "the local server's files are in {}, because {obstacle}",
        substitute.folder().display()
    );
    Ok(Claim { home: substitute, owner, note: Some(note) })
}

/// Makes a marked home, or says why its owner could not work in it.
fn make(home: &Home, owner: &Owner) -> Result<Option<String>> {
    home.refuse_foreign()?;
    let folder = home.folder();
    match create(folder, owner) {
        Ok(()) => {}
        Err(error) => {
            use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
            if matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) {
                return Ok(Some(format!("{owner} cannot make {} ({error})", folder.display())));
            }
            return Err(error).context(|| format!("cannot make the folder {}", folder.display()));
        }
    }
    let obstacle = owner.obstacle(folder)?;
    if obstacle.is_none() {
        owner.write(&home.marker(), MARKER_TEXT)?;
    }
    Ok(obstacle)
}

/// Creates the folder for its owner. One that exists keeps its owner and mode: it may be
/// somebody's.
fn create(folder: &Path, owner: &Owner) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
            owner.give(folder)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Tells people who look into the folder they asked for where the files went. Where it cannot be
/// written nothing is lost: [`find`] knows the substitute's name without it.
fn leave_pointer(asked: &Home, substitute: &Home) {
    let create_new = |path: PathBuf, text: &str| -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    };
    let pointed_at = format!("{}\n", substitute.folder().display());
    let _ = create_new(asked.marker(), MARKER_TEXT)
        .and_then(|()| create_new(asked.pointer(), &pointed_at));
}

/// The home outside that stands for `asked`: the same one every time.
fn substitute(asked: &Path) -> Result<Home> {
    let called = asked.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let called: String =
        called.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
    // FNV-1a: std's hashers may change from one Rust to the next, and then homes would be lost.
    let hash = asked
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Ok(Home::at(outside()?.join(format!("{called}-{hash:016x}"))))
}

/// Removes the folder of substitutes with the last of them.
pub(super) fn forget_empty_outside() {
    if let Ok(outside) = outside() {
        // It fails when something is in it, or when there is none.
        let _ = fs::remove_dir(outside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutes_keep_their_names_and_differ() {
        let name = |path: &str| {
            let home = substitute(Path::new(path)).unwrap();
            home.folder().file_name().unwrap().to_string_lossy().into_owned()
        };
        assert_eq!(name("/root/my lab/.partition-lab"), "my_lab-1a78211022d06149");
        assert_ne!(name("/a/b/.partition-lab"), name("/a-b/.partition-lab"));
    }
}
