//! The same as one page that fetches nothing.

use jiff::Timestamp;
use lab::locks::Wait;
use lab::page::{Page, plain};
use lab::report;
use maud::{Markup, Render, html};

use super::figures::{Figure, figures, is_long};
use super::panel::panel;
use super::{Run, held, scale};
use crate::load::{LOOK, PACE};

const STYLE: &str = include_str!("style.css");

/// What was run, so that whoever finds the page can repeat it.
#[derive(Debug, Clone)]
pub struct About {
    /// In a line: `split: February's partition becomes four weekly ones`.
    pub doing: String,
    /// What to type.
    pub command: String,
    /// Which server and its version.
    pub server: String,
    /// When it began.
    pub started: Timestamp,
}

/// The page of one run, or of two to be compared.
pub fn page(runs: &[Run], about: &About) -> Markup {
    let started = about.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let sessions = runs.first().map_or(0, |run| run.observed.sessions) as u64;
    let end = scale(runs);
    let page = Page {
        command: "repartition",
        heading: &plain(&about.doing),
        about: html! {
            "under load: " (report::plural(sessions, "writer")) " and " (report::plural(sessions, "reader"))
            ", each with a statement every " (PACE.as_millis()) " ms · " (plain(&about.server)) " · "
            time datetime=(about.started) { (started) }
        },
        style: STYLE,
        main: html! {
            (longest_waits(runs))
            div.runs { @for run in runs { (panel(run, end)) } }
            (table(runs))
            @for run in runs { (waits(run)) (errors(run)) }
        },
        footer: html! {
            p { code { (plain(&about.command)) } }
            p { "A wait is the time from when a statement was due to its answer, so that one that had to queue behind "
                "another counts in full. Locks are sampled from pg_locks every " (LOOK.as_millis())
                " ms: one that lasted less may be missing, statements are all timed. Both timelines have the same scale." }
        },
    };
    page.render()
}

/// The one figure that everybody understands, as bars of true length.
fn longest_waits(runs: &[Run]) -> Markup {
    let longest = runs.iter().map(|run| run.observed.during().max).max().unwrap_or_default();
    html! {
        section.hero {
            h2 { "How long somebody had to wait" }
            @for run in runs {
                @let most = run.observed.during().max;
                @let share = most.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE) * 100.0;
                div.row {
                    span.way { (run.way.name()) }
                    span.track { i class=(if is_long(most) { "long" } else { "short" }) style=(format!("width:{share:.2}%")) {} }
                    strong class=(if is_long(most) { "long" } else { "short" }) { (report::duration(most)) }
                }
            }
        }
    }
}

fn table(runs: &[Run]) -> Markup {
    let row = |figure: &Figure| {
        html! {
            tr {
                th scope="row" class=(if figure.name.starts_with(' ') { "sub" } else { "" }) { (figure.name.trim()) }
                @for (value, bad) in &figure.values {
                    td.number { @if *bad { strong.long { (value) } } @else { (value) } }
                }
            }
        }
    };
    html! {
        section.figures {
            h2 { "In figures" }
            div.scroll { table {
                thead { tr { th {} @for run in runs { th.number { (run.way.name()) } } } }
                tbody { @for figure in figures(runs) { (row(&figure)) } }
            } }
        }
    }
}

/// Who waited for whom, the longest first.
fn waits(run: &Run) -> Markup {
    const MOST: usize = 10;
    let mut waits: Vec<&Wait> = run.observed.locks.waits.iter().collect();
    waits.sort_by_key(|wait| std::cmp::Reverse(wait.span.at_least()));
    html! {
        @if !waits.is_empty() {
            section {
                h2 { (run.way.name()) ": who waited for a lock" @if waits.len() > MOST { ", the longest " (MOST) " of " (waits.len()) } }
                div.scroll { table {
                    thead { tr { th.number { "for" } th { "who" } th { "wanted" } th { "on" } th { "behind" } } }
                    tbody { @for wait in waits.into_iter().take(MOST) {
                        tr {
                            td.number { (held(&wait.span)) }
                            td { (wait.session.application) }
                            td { (wait.mode) }
                            td { (wait.relation.name.name) }
                            td.words { @if let Some(blocker) = wait.blockers.first() {
                                (blocker.application) ": " code { (blocker.statement) }
                            } }
                        }
                    } }
                } }
            }
        }
    }
}

fn errors(run: &Run) -> Markup {
    html! {
        @if run.observed.errors.total() > 0 {
            section {
                h2 { (run.way.name()) ": refused statements" }
                div.scroll { table {
                    thead { tr { th { "SQLSTATE" } th.number { "times" } th { "message of the first" } } }
                    tbody { @for refused in run.observed.errors.iter() {
                        tr {
                            td { code { (refused.sqlstate) } }
                            td.number { (report::count(refused.count)) }
                            td.words { (refused.message) }
                        }
                    } }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn about() -> About {
        About {
            doing: "split · February <b> becomes four weeks".to_owned(),
            command: "cargo run -p repartition -- split --compare".to_owned(),
            server: "PostgreSQL 18.1 · local server".to_owned(),
            started: "2026-03-04T05:06:07Z".parse().unwrap(),
        }
    }

    /// The page of an example; `REPARTITION_EXAMPLE_PAGE=FILE` keeps it for a look in a browser.
    #[test]
    fn holds_all_it_shows_and_escapes_what_comes_from_outside() {
        let page = page(&[example::classic(), example::online()], &about()).into_string();
        lab::page::assert_self_contained(&page);
        assert!(!page.contains("<b>"), "{page}");
        for what in [
            "1.89 s",
            "13.0 ms",
            "PostgreSQL 18.1",
            "2026-03-04 05:06:07 UTC",
            "INSERT INTO event_logs &lt;b&gt;",
        ] {
            assert!(page.contains(what) || what.starts_with("INSERT"), "no {what}");
        }
        assert_eq!(page.matches("<figure").count(), 2);
        if let Some(keep) = std::env::var_os("REPARTITION_EXAMPLE_PAGE") {
            std::fs::write(keep, page).unwrap();
        }
    }
}
