//! `--html FILE`: what queries read as one page that needs no network and runs nothing.

mod draw;
mod lessons;
mod map;
mod nodes;
mod picture;
mod plan;

#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;
use lab::app::App;
use lab::catalog::Tree;
use lab::connect::Session;
use lab::page::{Page, plain};
use lab::plan::{Explained, Touched};
use lab::report;
use lab::{Result, page};
use maud::{Markup, Render, html};

pub use lessons::{Taken, lessons};
pub use picture::Picture;

const STYLE: &str = include_str!("style.css");
/// Of all the maps of one query, in pixels.
const HEIGHT: f64 = 480.0;

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
pub fn write(path: Option<&Path>, app: &App, made: impl FnOnce() -> Markup) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    page::write(path, &made().into_string())?;
    app.say(format!("\n{} the page is in {}", report::mark(true), path.display()))
}

/// The page of one query.
pub fn query(
    sql: &str,
    explained: &Explained,
    tables: &[(Touched, Tree)],
    about: &About,
) -> Markup {
    let picture = Picture { explained, tables, prefix: "", height: HEIGHT };
    let names: Vec<&str> = tables.iter().map(|(touched, _)| touched.table.name.as_str()).collect();
    let page = Page {
        command: "demo query",
        heading: &match names[..] {
            [] => "A query that reads no partitioned table".to_owned(),
            _ => format!("What it reads of {}", names.join(", ")),
        },
        about: about.render(),
        style: STYLE,
        main: html! {
            section { pre { code { (sql.trim()) } } }
            (picture.tiles())
            div.alone { (picture.draw()) }
        },
        footer: footer(),
    };
    page.render()
}

/// What signs and figures mean.
fn footer() -> Markup {
    html! {
        p { "Areas are bytes on disk, with indexes; empty partitions are drawn a little larger than they are. "
            "A partition in the plan leads to its node, the name in the node back to the partition." }
        p { "Time and buffers of a node include those of the nodes beneath it, and are sums over all its loops." }
    }
}
