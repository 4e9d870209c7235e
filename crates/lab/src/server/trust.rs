//! Whose word is taken: as root, files that others wrote name folders to delete and programs to run.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::geteuid;

/// Whether `pointer`, a file or a link that leads to `to`, was put there by somebody who may say so: root, whoever runs this, or
/// the owner of what it leads to. Nobody can make a file that belongs to another.
pub(super) fn is_honest(pointer: &Path, to: &Path) -> bool {
    let Ok(itself) = fs::symlink_metadata(pointer) else { return false };
    let mine = itself.uid() == 0 || itself.uid() == geteuid().as_raw();
    mine || fs::metadata(to).is_ok_and(|to| to.uid() == itself.uid())
}

/// Whether we may run a program that a file of the server's owner names, as ourselves. As root: only what root alone can
/// change.
pub(super) fn may_run(program: &Path) -> bool {
    if !geteuid().is_root() {
        return true;
    }
    let Ok(program) = program.canonicalize() else { return false };
    program.ancestors().all(|part| {
        // A sticky folder lets others add to it, and not replace what is root's.
        fs::metadata(part).is_ok_and(|file| {
            file.uid() == 0
                && (file.mode() & 0o022 == 0 || file.is_dir() && file.mode() & 0o1000 != 0)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;

    #[test]
    fn as_root_a_program_that_others_can_change_is_not_run() {
        if !geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("psql");
        fs::write(&program, "").unwrap();
        assert!(may_run(&program));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!may_run(&program), "everybody can write to it");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        chown(folder.path(), Some(65534), None).unwrap();
        assert!(!may_run(&program), "the folder's owner can replace it");
        assert!(!may_run(&folder.path().join("gone")));
    }

    #[test]
    fn a_pointer_to_somebody_elses_folder_is_not_honest() {
        if !geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (pointer, to) = (folder.path().join("moved-to"), folder.path().join("home"));
        fs::write(&pointer, "").unwrap();
        fs::create_dir(&to).unwrap();
        assert!(is_honest(&pointer, &to), "root's own");
        chown(&pointer, Some(65534), None).unwrap();
        assert!(!is_honest(&pointer, &to), "nobody's, to root's folder");
        chown(&to, Some(65534), None).unwrap();
        assert!(is_honest(&pointer, &to), "nobody's, to nobody's folder");
    }
}
