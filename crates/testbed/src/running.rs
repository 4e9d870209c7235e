//! Our commands while they run, and what they leave on stdout and stderr.

use std::cell::Cell;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use crate::eventually;

/// Long enough for any command of these tests on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its stdout.
    pub out: String,
    /// Its stderr.
    pub err: String,
}

/// Runs a command to its end, with nothing on its stdin.
#[must_use]
pub fn ran(command: &mut Command) -> Ran {
    command.stdin(Stdio::null());
    Running::start(command).finish()
}

impl Ran {
    /// Asserts that it exited with 0.
    #[must_use]
    pub fn ok(self) -> Self {
        self.exited(0)
    }

    /// Asserts its exit code.
    #[must_use]
    pub fn exited(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that stderr contains each of `texts`.
    #[must_use]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.complains_of(text), "stderr lacks {text:?}: {self:#?}");
        }
        self
    }

    /// Whether stderr contains `text`, over the ends of its lines too.
    #[must_use]
    pub fn complains_of(&self, text: &str) -> bool {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        one_line(&self.err).contains(&one_line(text))
    }

    /// The one JSON document on stdout.
    #[must_use]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A command that runs. It is killed when the test is done with it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Whether Ctrl-C was pressed: its terminal does not close then.
    interrupted: Cell<bool>,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts `command`; unless it has a stdin of its own, the test types its input.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
        Self {
            stdin: child.stdin.take(),
            interrupted: Cell::new(false),
            out: child.stdout.take().map(read),
            err: child.stderr.take().map(read),
            child,
        }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types `text` on its stdin, which must be piped.
    pub fn types(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("a piped stdin");
        stdin.write_all(text.as_bytes()).expect("it reads its stdin");
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub fn interrupt(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("sh").args(["-c", "kill -INT \"$1\"", "sh", &pid]).status();
        assert!(sent.expect("sh").success(), "process {pid} is gone");
        self.interrupted.set(true);
    }

    /// Sends SIGKILL and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        let ended = self.child.wait().expect("its end");
        assert_eq!(ended.code(), None, "it had ended before: {ended}");
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// Closes its stdin, unless it was interrupted, and waits for its end.
    #[must_use]
    pub fn finish(mut self) -> Ran {
        if !self.interrupted.get() {
            drop(self.stdin.take());
        }
        let mut ended = None;
        eventually(LIMIT, "the command ends", || {
            ended = self.child.try_wait().expect("its state");
            ended.is_some()
        });
        let text = |reader: Option<JoinHandle<String>>| {
            reader.map_or_else(String::new, |reader| reader.join().expect("its output"))
        };
        let code = ended.and_then(|status| status.code());
        Ran { code, out: text(self.out.take()), err: text(self.err.take()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads in a thread of its own, so that a full pipe never holds the command.
fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("its output");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
