//! One wrong input: a command, what it must answer, and the database that it must leave alone.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

use testbed::{Database, Ran, ScriptsCopy, ran};

/// Where the command's stdout goes.
enum Stdout {
    Read,
    Full,
    Closed,
}

/// A row of the table.
pub struct Case {
    line: String,
    command: Command,
    stdout: Stdout,
    code: i32,
    says: Vec<&'static str>,
    documented: bool,
    scripts: Option<ScriptsCopy>,
    untouched: Vec<Database>,
}

/// `line` is what a person types after `cargo run -p`; single words, and then `rest` as it is.
pub fn case(line: &str, rest: &[&str]) -> Case {
    let mut words = line.split_whitespace();
    let mut command = testbed::process(words.next().unwrap());
    command.args(words).args(rest);
    Case {
        line: format!("{line} {}", rest.join(" ")),
        command,
        stdout: Stdout::Read,
        code: 1,
        says: Vec::new(),
        documented: false,
        scripts: None,
        untouched: Vec::new(),
    }
}

impl Case {
    /// The command works on `database`.
    pub fn on(self, database: &Database) -> Self {
        let url = database.url().to_owned();
        self.watching(database).env("DATABASE_URL", url)
    }

    /// It works on `database` as another user.
    pub fn on_as(self, database: &Database, user: &str) -> Self {
        let url = database.url().replacen("postgres@", &format!("{user}@"), 1);
        self.watching(database).env("DATABASE_URL", url)
    }

    /// Nothing may change in `database`.
    pub fn watching(mut self, database: &Database) -> Self {
        self.untouched.push(database.clone());
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value.as_ref());
        self.line = format!("{name}={} {}", value.as_ref().display(), self.line);
        self
    }

    pub fn within(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// It reads the scripts of a folder in which `name` has that text; `None`: is missing.
    pub fn script(mut self, name: &str, text: Option<&str>) -> Self {
        let scripts = ScriptsCopy::new();
        match text {
            Some(text) => scripts.write(name, text),
            None => std::fs::remove_file(scripts.path().join(name)).unwrap(),
        }
        self.command.arg("--scripts").arg(scripts.path());
        self.line = format!("{} --scripts DIR (in which {name} is {text:?})", self.line);
        self.scripts = Some(scripts);
        self
    }

    /// Beside the error it prints a document of what it found or did.
    pub fn documented(mut self) -> Self {
        self.documented = true;
        self
    }

    /// Its output goes to a device that is always full.
    pub fn into_full_device(mut self) -> Self {
        self.stdout = Stdout::Full;
        self.line += " >/dev/full";
        self
    }

    /// Nobody reads its output.
    pub fn into_closed_pipe(mut self) -> Self {
        self.stdout = Stdout::Closed;
        self.line += " | true";
        self
    }

    /// The exit code, and words that stderr must have. 2: the person typed or configured something
    /// wrong; 1: the work failed.
    pub fn exits(mut self, code: i32, says: &[&'static str]) -> Self {
        self.code = code;
        self.says = says.to_vec();
        self
    }

    /// Runs it once, whatever it changes.
    pub fn prepare(mut self) {
        let _ = self.run();
    }

    /// Runs it. `Err` tells all that is not as it should be.
    pub fn check(mut self) -> Result<(), String> {
        let before: Vec<_> = self.untouched.iter().map(Database::fingerprint).collect();
        let ran = self.run();
        let mut wrong = Vec::new();
        if ran.code != Some(self.code) {
            wrong.push(format!("exit code {:?} instead of {}", ran.code, self.code));
        }
        for word in self.says.iter().filter(|word| !ran.complains_of(word)) {
            wrong.push(format!("stderr lacks {word:?}"));
        }
        let advice = ["\n  next ", "--help", "tip:"];
        if self.code != 0 && !advice.iter().any(|sign| ran.err.contains(sign)) {
            wrong.push("stderr names no next step".to_owned());
        }
        if self.code == 0 && !ran.err.is_empty() {
            wrong.push("stderr is not empty".to_owned());
        }
        if ran.out.is_empty() == self.documented {
            wrong.push("stdout is not as it should be".to_owned());
        }
        if ran.err.contains("secret") {
            wrong.push("stderr shows a password".to_owned());
        }
        let changed =
            self.untouched.iter().zip(before).filter(|(now, then)| now.fingerprint() != *then);
        wrong.extend(changed.map(|(database, _)| format!("{} was changed", database.name())));
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("{}\n  {}\n{}{}", self.line, wrong.join("\n  "), ran.out, ran.err))
    }

    fn run(&mut self) -> Ran {
        match self.stdout {
            // People's output has the server's name as its first line, which says nothing here.
            Stdout::Read => ran(self.command.args(["--format", "json"])),
            Stdout::Full => {
                self.run_into(OpenOptions::new().write(true).open("/dev/full").unwrap())
            }
            Stdout::Closed => {
                let (reader, writer) = std::io::pipe().unwrap();
                drop(reader);
                self.run_into(writer)
            }
        }
    }

    fn run_into(&mut self, stdout: impl Into<Stdio>) -> Ran {
        let errors = tempfile::NamedTempFile::new().unwrap();
        let stderr = File::options().append(true).open(errors.path()).unwrap();
        self.command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let code = self.command.status().unwrap().code();
        Ran { code, out: String::new(), err: std::fs::read_to_string(errors.path()).unwrap() }
    }
}
