//! The page as a whole.

use lab::page::{Page, plain, tile};
use lab::{Result, report};
use maud::{Markup, Render, html};

use super::{Run, charts, tables};
use crate::stats::Stats;
use crate::view::units;

const STYLE: &str = include_str!("style.css");

/// The whole document.
pub fn page(stats: &Stats, run: &Run) -> Result<Markup> {
    let charts =
        charts::charts(stats).iter().map(super::plot::Plot::figure).collect::<Result<Vec<_>>>()?;
    let started = run.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let page = Page {
        command: "load",
        heading: &plain(&run.doing),
        about: html! { (plain(&run.server)) " · " time datetime=(run.started) { (started) } },
        style: STYLE,
        main: html! {
            (tiles(stats))
            @for chart in charts { (chart) }
            (tables::partitions(stats))
            (tables::troubles(stats))
        },
        footer: html! {
            p { code { (plain(&run.command)) } }
            p { "load " (run.version) ". Latency is the time from sending a statement (with "
                code { "--rate" } ": from when it was due) to its answer, commit included." }
        },
    };
    Ok(page.render())
}

/// The headline figures.
fn tiles(stats: &Stats) -> Markup {
    let latency = stats.latency.percentiles();
    let failed = stats.errors.total();
    html! {
        dl.tiles {
            (tile("rows", &report::count(stats.inserted()), &format!("in {}", report::duration(stats.elapsed)), false))
            (tile("rate", &units::rate(stats.rate()), "rows a second", false))
            (tile("p50", &units::measured(latency.p50), &format!("p90 {}", units::measured(latency.p90)), false))
            (tile("p99", &units::measured(latency.p99), &format!("p99.9 {}", units::measured(latency.p999)), false))
            (tile("max", &units::measured(latency.max), &format!("p99.99 {}", units::measured(latency.p9999)), false))
            (tile("failed", &report::count(failed), "refused", failed > 0))
            @if stats.in_doubt > 0 {
                (tile("in doubt", &report::count(stats.in_doubt), "connection broke", true))
            }
            @if stats.cancelled > 0 {
                (tile("cancelled", &report::count(stats.cancelled), "at the end", true))
            }
            @if stats.never_sent > 0 {
                (tile("never sent", &report::count(stats.never_sent), "load was behind", true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::view::example;

    #[test]
    fn is_whole_in_itself_and_runs_nothing() {
        let page = page(&example::large(), &run()).unwrap().into_string();
        lab::page::assert_self_contained(&page);
    }

    #[test]
    fn says_what_was_run_and_what_came_of_it() {
        let stats = example::large();
        let page = page(&stats, &run()).unwrap().into_string();
        for what in [
            "PostgreSQL 18.1 · local server",
            "load --rate 6000 --workers 8",
            "2026-03-04 05:06:07 UTC",
            "674,581",
            "orders_north_america",
            "deadlock detected",
            "5.10 s",
        ] {
            assert!(page.contains(what), "no {what}");
        }
        for leaf in stats.tables.iter().flat_map(|table| &table.leaves) {
            assert!(page.contains(&format!("<span>{}</span>", leaf.name)), "no {}", leaf.name);
        }
    }

    #[test]
    fn a_run_that_did_nothing_has_a_page_too() {
        let page = page(&example::nothing(), &run()).unwrap().into_string();
        assert!(page.contains("Rows a second") && !page.contains("NaN"), "{page}");
    }

    #[test]
    fn what_comes_from_outside_is_text() {
        let mut stats = example::small();
        let evil = "<b>\"&\u{1b}[31m";
        stats.tables[0].name = evil.to_owned();
        stats.tables[0].leaves[0].name = evil.to_owned();
        stats.outages[0].cause = evil.to_owned();
        stats.errors.add("XX000", evil);
        let of_run = Run { doing: evil.into(), command: evil.into(), server: evil.into(), ..run() };
        let page = page(&stats, &of_run).unwrap().into_string();
        assert!(!page.contains("<b>"), "{page}");
        assert!(page.matches("&lt;b&gt;").count() >= 8, "{page}");
    }
}
