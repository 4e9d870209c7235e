//! How the server is, for people and for programs.

use std::path::PathBuf;

use lab::server::{Attached, DATABASE, LocalServer, State};
use serde::Serialize;

/// What `status` and `start` print.
#[derive(Debug, Serialize)]
pub struct Document {
    /// `absent`, `stopped`, `busy` or `running`.
    state: &'static str,
    home: PathBuf,
    log: PathBuf,
    /// The version that runs, or the major version of the data; null without data.
    version: Option<String>,
    /// The server's process, if there is one.
    pid: Option<u32>,
    /// Why it is busy.
    why: Option<String>,
    /// How to reach it, while it runs.
    #[serde(flatten)]
    address: Option<Address>,
    #[serde(skip)]
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Address {
    database: &'static str,
    url: String,
    data: PathBuf,
    socket: PathBuf,
    port: u16,
    /// Null where it listens on its socket only.
    tcp_port: Option<u16>,
}

impl Document {
    pub fn new(local: &LocalServer, state: State) -> Self {
        let mut document = Self {
            state: "absent",
            home: local.home_path(),
            log: local.log_path(),
            version: None,
            pid: None,
            why: None,
            address: None,
            notes: Vec::new(),
        };
        match state {
            State::Absent => {}
            State::Stopped { major } => {
                (document.state, document.version) = ("stopped", Some(major.to_string()));
            }
            State::Busy { pid, why } => {
                (document.state, document.pid, document.why) = ("busy", Some(pid), Some(why));
            }
            State::Running { pid, attached } => {
                (document.state, document.pid) = ("running", Some(pid));
                document.version = Some(attached.version.clone());
                document.notes.clone_from(&attached.notes);
                document.address = Some(Address::new(*attached));
            }
        }
        document
    }

    /// Sentences that the user should read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A line a fact.
    pub fn render(&self) -> String {
        let mut lines = vec![("local server", self.headline())];
        lines.push(("home", self.home.display().to_string()));
        if let Some(address) = &self.address {
            lines.push(("database", address.database.to_owned()));
            lines.push(("socket", address.socket.display().to_string()));
            let tcp = address.tcp_port.map(|port| format!("127.0.0.1:{port}"));
            lines.push(("TCP", tcp.unwrap_or_else(|| "off (start --port N)".to_owned())));
        }
        if self.state != "absent" {
            lines.push(("log", self.log.display().to_string()));
        }
        let lines = lines.into_iter().map(|(fact, text)| format!("{fact:12}  {text}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn headline(&self) -> String {
        let version = self.version.as_deref().unwrap_or_default();
        let process = self.pid.map_or_else(String::new, |pid| format!(", process {pid}"));
        match self.state {
            "running" => format!("PostgreSQL {version}, running{process}"),
            "stopped" => format!("PostgreSQL {version}, stopped: cargo run -p server -- start"),
            "busy" => {
                format!("does not answer{process}: {}", self.why.as_deref().unwrap_or_default())
            }
            _ => "none yet: cargo run -p setup makes it".to_owned(),
        }
    }
}

impl Address {
    fn new(attached: Attached) -> Self {
        Self {
            database: DATABASE,
            url: attached.url(),
            data: attached.data,
            socket: attached.socket,
            port: attached.port,
            tcp_port: attached.tcp_port,
        }
    }
}
