//! Whoever looks on: the live view or a line a second, and the CSV file.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use lab::Result;

use crate::cli::Cli;
use crate::engine::{Job, Watch};
use crate::stats::{Second, Stats};
use crate::view::{self, Csv, Frame, Live, Status};

/// Shows a run while it goes on.
pub struct Eyes {
    /// On a terminal, until the run ends.
    live: Option<Live>,
    on_terminal: bool,
    status: Status,
    drawn: Option<Instant>,
    csv: Option<Csv>,
}

/// How often the live view is drawn.
const DRAW: Duration = Duration::from_millis(250);

impl Eyes {
    /// Opens the view that fits stderr, and the CSV file.
    pub fn open(cli: &Cli, job: &Job, server: String, doing: String) -> Result<Self> {
        let end = match (job.rows, job.duration) {
            (Some(rows), _) => Some(view::End::Rows(rows)),
            (None, duration) => duration.map(view::End::After),
        };
        let connections = job.workers as u64;
        let on_terminal = std::io::stderr().is_terminal();
        Ok(Self {
            on_terminal,
            csv: cli.csv.as_deref().map(|path| Csv::create(path, cli.force)).transpose()?,
            live: if on_terminal { Some(Live::start()?) } else { None },
            status: Status { server, doing, end, connected: connections, connections },
            drawn: None,
        })
    }
}

impl Watch for Eyes {
    fn look(&mut self, stats: &Stats, connections: usize) {
        let Some(live) = &self.live else { return };
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAW) {
            self.drawn = Some(Instant::now());
            self.status.connected = connections as u64;
            live.show(Frame::of(stats, &self.status));
        }
    }

    /// Gives the terminal back: a second Ctrl-C ends at once, and could not.
    fn ending(&mut self) {
        self.live = None;
    }

    fn second(&mut self, second: &Second, stats: &Stats) -> Result<()> {
        if let Some(csv) = &mut self.csv {
            csv.write(second)?;
        }
        if !self.on_terminal {
            // With stderr closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{}", view::line(second, stats.inserted()));
        }
        Ok(())
    }
}
