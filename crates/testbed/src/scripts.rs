//! A copy of `scripts/` for `--scripts`, in which a test changes what it likes.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The copy. It goes when it is dropped.
#[derive(Debug)]
pub struct ScriptsCopy(TempDir);

impl ScriptsCopy {
    /// Copies all scripts of this checkout.
    #[must_use]
    pub fn new() -> Self {
        let copy = Self(tempfile::tempdir().expect("a temporary folder"));
        copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts"), copy.path());
        copy
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts `text` in the place of script `name`.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("the script is written");
    }

    /// The text of script `name`.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("a script")
    }

    /// Puts `statement` in front of statement `number`, from 0; a number too high means the end.
    pub fn insert(&self, name: &str, number: usize, statement: &str) {
        let text = self.read(name);
        let statements = lab::script::statements(&text).expect("a script");
        let mut lines: Vec<&str> = text.lines().collect();
        let line = statements.get(number).map_or(lines.len(), |before| before.line - 1);
        lines.insert(line, statement);
        self.write(name, &lines.join("\n"));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

impl Default for ScriptsCopy {
    fn default() -> Self {
        Self::new()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
