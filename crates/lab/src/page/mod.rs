//! A page that holds everything it shows, and asks no network for anything.

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use crate::output_file::GENERATOR;

/// The style that all pages share, in light and dark.
pub const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched or run, whatever the page should ever contain.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The parts of a page.
#[derive(Debug)]
pub struct Page<'a> {
    /// The command that wrote it.
    pub command: &'a str,
    /// What it is about, in a line.
    pub heading: &'a str,
    /// Server and time.
    pub about: Markup,
    /// What the page's own elements look like; colours as variables with a value for light and one
    /// for dark.
    pub style: &'static str,
    /// The content.
    pub main: Markup,
    /// How to get it again, and what the figures mean.
    pub footer: Markup,
}

impl Render for Page<'_> {
    /// The whole document. Everything that comes from outside is escaped by `maud`; what turns the direction of writing, and
    /// what a terminal would obey when somebody looks into the file, is shown.
    fn render(&self) -> Markup {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    (PreEscaped(GENERATOR))
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { (self.command) " · " (self.heading) }
                    style { (PreEscaped(STYLE)) (PreEscaped(self.style)) }
                }
                body {
                    header {
                        p.name { (self.command) }
                        h1 { (self.heading) }
                        p.about { (self.about) }
                    }
                    main { (self.main) }
                    footer { (self.footer) }
                }
            }
        };
        PreEscaped(crate::report::visible(&page.into_string()))
    }
}

/// A headline figure; `bad` makes it red.
#[must_use]
pub fn tile(name: &str, value: &str, remark: &str, bad: bool) -> Markup {
    html! {
        div class=(if bad { "tile bad" } else { "tile" }) {
            dt { (name) }
            dd { (value) }
            dd.remark { (remark) }
        }
    }
}

/// Text for a page, without the colours of a terminal.
#[must_use]
pub fn plain(text: &str) -> String {
    console::strip_ansi_codes(text).trim().to_owned()
}

/// Asserts what every page must keep to: it fetches and runs nothing, and each colour has a value
/// in light and one in dark. For tests; panics with what is wrong.
///
/// # Panics
///
/// When the page does not keep to it.
#[doc(hidden)]
pub fn assert_self_contained(page: &str) {
    // Within the page itself.
    let page = page.replace("href=\"#", "");
    for never in ["<script", "http://", "https://", "@import", "url(", "<link", "<img", "\"#"] {
        assert!(!page.contains(never), "{never}");
    }
    for (at, _) in page.match_indices("var(--") {
        let name = page[at + 4..].split(')').next().unwrap_or_default();
        assert_eq!(page.matches(&format!("{name}: #")).count(), 2, "{name}");
    }
}
