//! Folders for local servers, which are stopped and removed however the test process ends.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Waits for the end of its input, which the system closes when the test process dies. Then ends the
/// servers below the folder, and removes it.
const WATCHDOG: &str = r#"
    cat >/dev/null
    find "$1" -name postmaster.pid | while read -r file; do
        pid=$(head -n 1 "$file")
        # A pid that a test wrote there is not a server.
        case $(ps -o comm= -p "$pid" 2>/dev/null || cat "/proc/$pid/comm") in
            *postgres*) kill -QUIT "$pid" ;;
            *) continue ;;
        esac
        while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    done
    rm -rf "$1"
"#;

/// A temporary folder that everyone can enter, so that the server's user can when tests run as root.
/// When it is dropped, or the test process ends, servers in it are ended.
#[derive(Debug)]
pub struct TestHome {
    folder: PathBuf,
    watchdog: Child,
}

impl TestHome {
    /// Makes the folder.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("partition-lab-test-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(&folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of the terminal's Ctrl-C.
            .process_group(0)
            .spawn()
            .expect("sh");
        Self { folder, watchdog }
    }

    /// The folder. It is empty.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Default for TestHome {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestHome {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}
