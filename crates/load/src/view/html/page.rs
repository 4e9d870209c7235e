//! The page as a whole.

use lab::{Result, report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Run, charts, tables};
use crate::stats::Stats;
use crate::view::units;

const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched or run, whatever the page should ever contain.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole document. Everything that comes from outside is escaped by `maud`.
pub fn page(stats: &Stats, run: &Run) -> Result<Markup> {
    let plain = |text: &str| console::strip_ansi_codes(text).trim().to_owned();
    let charts =
        charts::charts(stats).iter().map(super::plot::Plot::figure).collect::<Result<Vec<_>>>()?;
    let started = run.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "load · " (plain(&run.doing)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.name { "load" }
                    h1 { (plain(&run.doing)) }
                    p.about { (plain(&run.server)) " · " time datetime=(run.started) { (started) } }
                }
                main {
                    (tiles(stats))
                    @for chart in charts { (chart) }
                    (tables::partitions(stats))
                    (tables::troubles(stats))
                }
                footer {
                    p { code { (plain(&run.command)) } }
                    p { "load " (run.version) ". Latency is the time from sending a statement (with "
                        code { "--rate" } ": from when it was due) to its answer, commit included." }
                }
            }
        }
    })
}

/// The headline figures.
fn tiles(stats: &Stats) -> Markup {
    let latency = stats.latency.percentiles();
    let trouble = |count: u64| if count > 0 { "bad" } else { "" };
    let tile = |name: &str, value: String, remark: String, class: &str| {
        html! {
            div class={ "tile " (class) } {
                dt { (name) }
                dd { (value) }
                dd.remark { (remark) }
            }
        }
    };
    let failed = stats.errors.total();
    html! {
        dl.tiles {
            (tile("rows", report::count(stats.inserted()), format!("in {}", report::duration(stats.elapsed)), ""))
            (tile("rate", units::rate(stats.rate()), "rows a second".to_owned(), ""))
            (tile("p50", units::measured(latency.p50), format!("p90 {}", units::measured(latency.p90)), ""))
            (tile("p99", units::measured(latency.p99), format!("p99.9 {}", units::measured(latency.p999)), ""))
            (tile("max", units::measured(latency.max), format!("p99.99 {}", units::measured(latency.p9999)), ""))
            (tile("failed", report::count(failed), "refused".to_owned(), trouble(failed)))
            @if stats.in_doubt > 0 {
                (tile("in doubt", report::count(stats.in_doubt), "connection broke".to_owned(), "bad"))
            }
            @if stats.cancelled > 0 {
                (tile("cancelled", report::count(stats.cancelled), "at the end".to_owned(), "bad"))
            }
            @if stats.never_sent > 0 {
                (tile("never sent", report::count(stats.never_sent), "load was behind".to_owned(), "bad"))
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
        for never in ["<script", "http://", "https://", "@import", "url(", "<link", "<img", "\"#"] {
            assert!(!page.contains(never), "{never}");
        }
        // Each variable that is used has a value in light and one in dark.
        for (_, rest) in page.match_indices("var(--").map(|(at, _)| page.split_at(at + 4)) {
            let name = rest.split(')').next().unwrap();
            let values = STYLE.matches(&format!("{name}: #")).count();
            assert_eq!(values, 2, "{name}");
        }
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
