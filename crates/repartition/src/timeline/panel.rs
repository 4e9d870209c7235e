//! A run's timeline on the page: a lane a relation, the statements that waited beneath.

use std::time::Duration;

use lab::locks::{Held, Mode};
use lab::report;
use maud::{Markup, html};

use super::figures::is_long;
use super::lanes::{Slices, slowest, waiting};
use super::{Run, held, ticks};

/// A run's timeline.
pub fn panel(run: &Run, end: Duration) -> Markup {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_locks_can_be_seen_and_long_ones_have_their_length() {
        let end = Duration::from_secs(10);
        let (x, width) = place((end / 2, end / 2), end);
        assert!((x - 500.0).abs() < 1e-6 && width > 1.0);
        let (_, width) = place((end / 10, end / 2), end);
        assert!((width - 400.0).abs() < 1e-6);
    }
}
