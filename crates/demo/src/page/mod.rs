//! `--html FILE`: what queries read as one page that needs no network and runs nothing.

mod draw;
mod lessons;
mod map;
mod nodes;
mod picture;
mod plan;
mod query;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use lab::Result;
use lab::app::App;
use lab::connect::Session;
use lab::output_file::OutputFile;
use lab::page::plain;
use lab::report;
use maud::{Markup, Render, html};

pub use lessons::{Taken, lessons};
pub use picture::Picture;
pub use query::{queries, query};

const STYLE: &str = include_str!("style.css");

/// Where and when it was measured.
#[derive(Debug, Clone)]
pub struct About {
    /// Which server and its version.
    pub server: String,
    /// When it was done.
    pub at: Timestamp,
}

impl About {
    /// This server, now.
    pub fn now(session: &Session) -> Self {
        Self { server: report::server_line(session.server()), at: Timestamp::now() }
    }
}

impl Render for About {
    fn render(&self) -> Markup {
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        html! { (plain(&self.server)) " · " time datetime=(self.at) { (at) } }
    }
}

/// Writes a page where one is wanted, and says so.
pub fn write(file: Option<&OutputFile>, app: &App, made: impl FnOnce() -> Markup) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    file.write(&made().into_string())?;
    app.say(format!("\n{} the page is in {}", report::mark(true), file.path().display()))
}

/// What signs and figures mean.
fn footer() -> Markup {
    html! {
        p { "Areas are bytes on disk, with indexes; empty partitions are drawn a little larger than they are. "
            "A partition in the plan leads to its node, the name in the node back to the partition." }
        p { "Time and buffers of a node include those of the nodes beneath it, and are sums over all its loops." }
    }
}
