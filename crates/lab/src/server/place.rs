//! Which folder a home really is: the one asked for, or one outside where the owner can work
//! (ground truth 21).

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::home::{Home, MARKER_TEXT};
use super::owner::{Owner, outside};
use super::trust;
use crate::{Context, Error, Result};

/// The home in use for the one that was asked for, if it was ever made.
pub(super) fn find(asked: &Path) -> Option<Home> {
    let asked = Home::at(asked);
    // The substitute without a pointer too, because not everyone may leave one.
    let substitute = substitute(asked.folder()).ok();
    let moved_to = asked.moved_to().filter(|to| trust::is_honest(&asked.pointer(), to.folder()));
    let homes: Vec<_> = [Some(moved_to.unwrap_or(asked)), substitute]
        .into_iter()
        .flatten()
        .filter(|home| home.is_marked() && Owner::may_run(home) && planted(home).is_none())
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

/// Refuses a pointer or a link in the home that somebody else than the owner of what it leads to has put there: a command of
/// root's would stop a server and delete data that are not this home's.
pub(super) fn refuse_planted(asked: &Home) -> Result<()> {
    let pointer = asked.pointer();
    let (at, to) = match asked.moved_to() {
        Some(to) if !trust::is_honest(&pointer, to.folder()) => (pointer, to.folder().to_owned()),
        Some(to) => match planted(&to) {
            Some(found) => found,
            None => return Ok(()),
        },
        None => match planted(asked) {
            Some(found) => found,
            None => return Ok(()),
        },
    };
    Err(Error::failed(format!("{} is not followed", at.display()))
        .because(format!("it leads to {}, and belongs to another user than that", to.display()))
        .next(format!(
            "look at both (ls -ld); a server of yours is there: PARTITION_LAB_HOME={}",
            to.display()
        ))
        .next(format!("somebody has put it there: rm {}", at.display())))
}

/// A link in the place of the home or its data that is not to be followed, and where it leads.
fn planted(home: &Home) -> Option<(PathBuf, PathBuf)> {
    [home.folder().to_owned(), home.data()].into_iter().find_map(|path| {
        let is_link = path.is_symlink();
        let to = path.canonicalize().unwrap_or_else(|_| path.clone());
        (is_link && !trust::is_honest(&path, &to)).then_some((path, to))
    })
}

/// Refuses a folder with something in it that is not ours. A missing or empty one is fine, and so is
/// one that we may not list: whether it can be used is another question.
pub(super) fn refuse_foreign(home: &Home) -> Result<()> {
    let occupied = match fs::read_dir(home.folder()) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() == io::ErrorKind::NotADirectory,
    };
    if !occupied || home.is_marked() || is_signpost(home) {
        return Ok(());
    }
    Err(Error::usage(format!("{} is not ours to use", home.folder().display()))
        .because("it is not empty and Partition Lab did not make it, so nothing in it was touched")
        .next("set PARTITION_LAB_HOME to a folder that is empty or does not exist yet"))
}

/// Whether the folder holds a pointer that we left. Its name tells, since root's substitutes and
/// everyone else's stand in different folders.
pub(super) fn is_signpost(home: &Home) -> bool {
    let name = |home: Home| home.folder().file_name().map(ToOwned::to_owned);
    let points_to = home.moved_to().and_then(name);
    points_to.is_some() && points_to == substitute(home.folder()).ok().and_then(name)
}

/// Makes a marked home, or says why its owner could not work in it.
fn make(home: &Home, owner: &Owner) -> Result<Option<String>> {
    refuse_foreign(home)?;
    let folder = home.folder();
    if !folder.exists() {
        let mut obstacle = None;
        let created = create(folder, 0o700, |new| {
            owner.give(new).context(|| format!("cannot give {} to {owner}", new.display()))?;
            obstacle = owner.obstacle(new)?;
            match obstacle {
                Some(_) => Ok(false),
                None => owner.write(&Home::at(new).marker(), MARKER_TEXT).map(|()| true),
            }
        });
        match created {
            Err(Refused::Denied(error)) => {
                return Ok(Some(format!("{owner} cannot make {} ({error})", folder.display())));
            }
            Err(Refused::Failed(error)) => return Err(error),
            Ok(()) if obstacle.is_some() => return Ok(obstacle),
            Ok(()) => {}
        }
    }
    // One that was there keeps its owner and mode: it may be somebody's.
    let obstacle = owner.obstacle(folder)?;
    if obstacle.is_none() && !home.is_marked() {
        owner.write(&home.marker(), MARKER_TEXT)?;
    }
    Ok(obstacle)
}

enum Refused {
    /// We may not make a folder there.
    Denied(io::Error),
    Failed(Error),
}

/// Makes a folder with its content at once, so that a command started together with this one never
/// sees half of it. It is not made when `fill` says `false`, nor when another command was quicker.
fn create(
    folder: &Path,
    mode: u32,
    fill: impl FnOnce(&Path) -> Result<bool>,
) -> std::result::Result<(), Refused> {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, PermissionDenied, ReadOnlyFilesystem};
    let refused = |error: io::Error| match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => Refused::Denied(error),
        _ => Refused::Failed(
            Error::failed(format!("cannot make the folder {}", folder.display())).caused_by(&error),
        ),
    };
    let parent = folder.parent().unwrap_or(folder);
    DirBuilder::new().recursive(true).mode(0o755).create(parent).map_err(refused)?;
    let new = tempfile::Builder::new()
        .prefix(".partition-lab-")
        .permissions(Permissions::from_mode(mode))
        .tempdir_in(parent)
        .map_err(refused)?;
    if !fill(new.path()).map_err(Refused::Failed)? {
        return Ok(());
    }
    match fs::rename(new.path(), folder) {
        Ok(()) => {
            // Nothing is left to clean up.
            let _ = new.keep();
            Ok(())
        }
        Err(error) if matches!(error.kind(), AlreadyExists | DirectoryNotEmpty) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// Tells where the files went in the folder that was asked for. Where that cannot be done nothing is
/// lost: [`find`] knows the substitute's name without it.
fn leave_pointer(asked: &Home, substitute: &Home) {
    let text = format!("{}\n", substitute.folder().display());
    let write = |home: &Home| {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(home.pointer())
            .and_then(|mut file| file.write_all(text.as_bytes()))
    };
    if asked.folder().exists() {
        let _ = write(asked);
    } else {
        let _ = create(asked.folder(), 0o755, |new| Ok(write(&Home::at(new)).is_ok()));
    }
}

/// Removes the folder of substitutes with the last of them.
pub(super) fn forget_empty_outside() {
    if let Ok(outside) = outside() {
        // It fails when something is in it, or when there is none.
        let _ = fs::remove_dir(outside);
    }
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
