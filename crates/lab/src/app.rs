//! What happens around every command: flags, colours, Ctrl-C, the runtime, errors, exit codes.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Parser;

use crate::cli::{Common, Format};
use crate::config::{Settings, Target};
use crate::connect::{Connector, Session};
use crate::crontab::Crontab;
use crate::error::Kind;
use crate::interrupt::Interrupt;
use crate::report::{self, Progress};
use crate::{Context, Error, Result};

/// What a running command has at hand.
#[derive(Debug)]
pub struct App {
    name: &'static str,
    /// Flags, environment and `.env`, validated.
    pub settings: Settings,
    /// How results are written.
    pub format: Format,
    /// Whether Ctrl-C was pressed.
    pub interrupt: Interrupt,
    /// Whether the command ends when nobody reads its output any more (`demo | head`). One that
    /// changes something goes on: what it has begun it finishes.
    pub ends_with_reader: bool,
    /// Whether the server's line was printed.
    server_said: Cell<bool>,
    /// Documents of the parts of a command, until it prints them as one.
    gathered: RefCell<Option<Vec<serde_json::Value>>>,
}

/// Runs a command from its arguments to its exit code: the whole of every `main`.
///
/// `common` picks the shared flags out of the command's own.
pub fn run<C: Parser>(
    name: &'static str,
    common: impl FnOnce(&C) -> &Common,
    command: impl AsyncFnOnce(C, App) -> Result<()>,
) -> ExitCode {
    let cli = match C::try_parse() {
        Ok(cli) => cli,
        // Help and version are no errors, and clap knows which stream and code each has.
        Err(error) => {
            if error.use_stderr() {
                report::print_wrong_usage(&error);
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let common = common(&cli).clone();
    report::set_colors(common.color);
    let outcome = App::new(name, &common).and_then(|app| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Error::failed("cannot start the runtime").caused_by(&error))?;
        let outcome = runtime.block_on(command(cli, app));
        // A read from the terminal may still be waiting for Enter; it must not hold us.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.kind() != Kind::OutputClosed {
                report::print_error(&error);
            }
            error.exit_code()
        }
    }
}

impl App {
    fn new(name: &'static str, common: &Common) -> Result<Self> {
        Ok(Self {
            name,
            settings: Settings::load(common.database_url.as_deref())?,
            format: common.format,
            interrupt: Interrupt::listen()?,
            ends_with_reader: false,
            server_said: Cell::new(false),
            gathered: RefCell::new(None),
        })
    }

    /// Whether people read the output.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Prints `text` when people read the output.
    pub fn say(&self, text: impl AsRef<str>) -> Result<()> {
        if self.is_table() { self.written(report::print(text.as_ref())) } else { Ok(()) }
    }

    /// Prints `document` when a program reads the output.
    pub fn json(&self, document: &impl serde::Serialize) -> Result<()> {
        if self.is_table() {
            return Ok(());
        }
        if let Some(gathered) = self.gathered.borrow_mut().as_mut() {
            gathered.push(serde_json::to_value(document).context(|| "cannot write JSON")?);
            return Ok(());
        }
        self.written(report::print_json(document))
    }

    /// What `work` prints as JSON becomes one document, an array; also when it fails.
    pub async fn as_one_document<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.gathered.replace(Some(Vec::new()));
        let outcome = work.await;
        let gathered = self.gathered.replace(None);
        self.json(&gathered)?;
        outcome
    }

    fn written(&self, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.kind() == Kind::OutputClosed && !self.ends_with_reader => Ok(()),
            other => other,
        }
    }

    /// The result of reading from the server; Ctrl-C cancels it, and the error then says
    /// "interrupted" and `when`.
    pub async fn read<T>(
        &self,
        session: &Session,
        when: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let read = session.canceller().unless_interrupted(&self.interrupt, work).await?;
        read.ok_or_else(|| Error::interrupted(format!("interrupted {when}")))?
    }

    /// A program of PostgreSQL's, led to the session's server: of the local server's version, else from the folder `PG_BIN`, else
    /// from the `PATH`.
    pub fn program(&self, session: &Session, name: &str) -> Result<Command> {
        let path = match (&self.settings.target, &self.settings.local.pg_bin) {
            (Target::Local(local), _) => local.server()?.program_path(name),
            (Target::Remote(_), Some(folder)) if folder.join(name).exists() => folder.join(name),
            (Target::Remote(_), _) => PathBuf::from(name),
        };
        let mut command = Command::new(path);
        session.connector().lead(&mut command);
        Ok(command)
    }

    /// How this command is run by cron, against the same server.
    pub fn crontab(&self) -> Result<Crontab> {
        Crontab::new(&self.settings.target)
    }

    /// Finds the server (the local one is made and started if need be) and connects to it; the
    /// first line of human output says which one it is.
    pub async fn connect(&self) -> Result<Session> {
        let progress = Progress::spinner(match self.settings.target {
            Target::Local(_) => "attaching to the local server (the first time, it is made)",
            Target::Remote(_) => "connecting",
        });
        let open = async { Connector::new(&self.settings.target, self.name).await?.open().await };
        let session = tokio::select! {
            session = open => session?,
            () = self.interrupt.raised() => {
                return Err(Error::interrupted("interrupted before connecting"));
            }
        };
        progress.finish();
        let server = session.server();
        if !self.server_said.replace(true) {
            self.say(report::server_line(server))?;
            for note in &server.notes {
                report::note(note);
            }
        }
        Ok(session)
    }
}
