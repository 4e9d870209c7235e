//! The same as one page that fetches nothing.

use std::time::Duration;

use jiff::Timestamp;
use lab::locks::{Held, Mode, Wait};
use lab::page::{Page, plain};
use lab::report;
use maud::{Markup, Render, html};

use super::figures::{Figure, NOTICED, figures};
use super::lanes::{Slices, slowest, waiting};
use super::{Run, held, scale, ticks};
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

fn is_long(time: Duration) -> bool {
    time >= NOTICED
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

/// A run's timeline.
fn panel(run: &Run, end: Duration) -> Markup {
    let relations = run.observed.locks.relations();
    let of = |name| run.observed.locks.held.iter().filter(move |held| &held.relation.name == name);
    html! {
        figure.timeline {
            figcaption {
                h2 { (run.way.name()) }
                ul.legend {
                    li { i.all {} "ACCESS EXCLUSIVE: everybody waits" }
                    li { i.writers {} "writers wait" }
                    li { i.nobody {} "nobody waits" }
                    li.faint { "pale: nobody did" }
                }
            }
            div.lanes {
                (lane("the change", &change(run, end), "change"))
                (lane("slowest statement", &slowest_bars(run, end), "tall"))
                (lane("sessions waiting", &waiting_bars(run, end), "tall"))
                @for relation in &relations {
                    @let mut locks: Vec<_> = of(&relation.name).collect();
                    // The stronger on top.
                    @let () = locks.sort_by_key(|held| held.mode);
                    @if !locks.is_empty() {
                        (lane(&relation.name.name, &html! { @for held in locks { (bar(held, run.observed.locks.was_in_the_way(held), end)) } }, "locks"))
                    }
                }
                div.axis {
                    span {}
                    // A label at the very end would stick out.
                    div { @for (at, label) in ticks(end, 5).into_iter().filter(|(at, _)| share(*at, end) < 960.0) {
                        span style=(format!("left:{:.3}%", share(at, end) / 10.0)) { (label) }
                    } }
                }
            }
        }
    }
}

/// A named line; what is in it is drawn in 1,000 units from left to right and 100 from top to
/// bottom.
fn lane(name: &str, content: &Markup, class: &str) -> Markup {
    html! {
        div class={ "lane " (class) } {
            span.label { (name) }
            svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=(name) { (content) }
        }
    }
}

/// Where `at` is, from 0 to 1,000.
fn share(at: Duration, end: Duration) -> f64 {
    at.as_secs_f64() / end.as_secs_f64().max(f64::MIN_POSITIVE) * 1e3
}

/// From where to where something is drawn: what is short is made long enough to be seen.
fn place((from, until): (Duration, Duration), end: Duration) -> (f64, f64) {
    const LEAST: f64 = 2.5;
    let from = share(from, end);
    (from, (share(until, end) - from).max(LEAST))
}

fn change(run: &Run, end: Duration) -> Markup {
    let (x, width) = place(run.observed.scenario, end);
    html! {
        rect.change x=(format!("{x:.2}")) y="35" width=(format!("{width:.2}")) height="30" {
            title { "the change: " (report::duration(run.took())) }
        }
    }
}

/// A lock; pale when nobody was seen waiting behind it.
fn bar(held_lock: &Held, in_the_way: bool, end: Duration) -> Markup {
    let (x, width) = place((held_lock.span.from, held_lock.span.until), end);
    let class = if held_lock.mode.stops_readers() {
        "all"
    } else if held_lock.mode.stops_writers() {
        "writers"
    } else {
        "nobody"
    };
    let strong = held_lock.mode == Mode::AccessExclusive;
    let (y, height) = if strong { ("5", "90") } else { ("20", "60") };
    html! {
        rect class={ (class) @if !in_the_way { " idle" } } x=(format!("{x:.2}")) y=(y) width=(format!("{width:.2}")) height=(height) {
            title {
                (held_lock.mode) " on " (held_lock.relation.name.name) ", " (held(&held_lock.span)) "\n"
                (held_lock.session.application) " (pid " (held_lock.session.pid) "): " (held_lock.session.statement)
            }
        }
    }
}

/// How fine a slice of the timeline is where something is drawn by slices.
const SLICES: usize = 250;

/// The height grows with the logarithm: a tenth of a millisecond is nothing, ten seconds are all.
fn slowest_bars(run: &Run, end: Duration) -> Markup {
    let slices = Slices { end, count: SLICES };
    let height = |time: Duration| ((time.as_secs_f64() * 1e4).max(1.0).log10() * 20.0).min(100.0);
    html! {
        @for (n, time) in slowest(&run.observed, slices).into_iter().enumerate().filter(|(_, time)| !time.is_zero()) {
            (column(n, height(time), if is_long(time) { "long" } else { "short" }, &report::duration(time)))
        }
    }
}

#[allow(clippy::cast_precision_loss)] // sessions
fn waiting_bars(run: &Run, end: Duration) -> Markup {
    let slices = Slices { end, count: SLICES };
    let all = (run.observed.sessions * 2).max(1) as f64;
    html! {
        @for (n, waiting) in waiting(&run.observed, slices).into_iter().enumerate().filter(|(_, waiting)| *waiting > 0) {
            (column(n, (waiting as f64 / all * 100.0).clamp(12.0, 100.0), "long", &report::plural(waiting as u64, "session")))
        }
    }
}

#[allow(clippy::cast_precision_loss)] // slices
fn column(n: usize, height: f64, class: &str, title: &str) -> Markup {
    let width = 1e3 / SLICES as f64;
    html! {
        rect class=(class) x=(format!("{:.2}", n as f64 * width)) y=(format!("{:.1}", 100.0 - height))
            width=(format!("{:.2}", width + 0.2)) height=(format!("{height:.1}")) { title { (title) } }
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

    #[test]
    fn short_locks_can_be_seen_and_long_ones_have_their_length() {
        let end = Duration::from_secs(10);
        let (x, width) = place((end / 2, end / 2), end);
        assert!((x - 500.0).abs() < 1e-6 && width > 1.0);
        let (_, width) = place((end / 10, end / 2), end);
        assert!((width - 400.0).abs() < 1e-6);
    }
}
