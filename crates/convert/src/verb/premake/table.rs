//! The report for people.

use convert::layout::{Bound, unquoted};
use convert::premake::Partman;
use lab::Result;
use lab::app::App;
use lab::report::{self, Align, Table, plural};

use super::report::{Document, RangeReport, TableReport};

/// The table for people.
pub(super) fn show(
    app: &App,
    report: &TableReport,
    document: &Document,
    partman: Option<&Partman>,
) -> Result<()> {
    app.say(report::heading(&report.table))?;
    if let (Some(partman), Some(sql)) = (partman, &report.pg_partman) {
        app.say(format!(
            "pg_partman {} is installed here and shall keep them:\n",
            partman.version
        ))?;
        return app.say(sql);
    }
    for range in &report.ranges {
        app.say(title(range))?;
        for note in &range.notes {
            app.say(report::wrap(&format!("note: {note}"), 2))?;
        }
        let mut table = Table::new(&[
            ("", Align::Left),
            ("partition", Align::Left),
            ("from", Align::Wrap),
            ("to", Align::Wrap),
            ("", Align::Wrap),
        ]);
        let mark = |done: bool| {
            if done {
                "✓"
            } else if document.run {
                "✗"
            } else {
                "·"
            }
        };
        for made in &range.made {
            let rows = match made.rows_in_default {
                0 => String::new(),
                rows => format!(", {} out of DEFAULT", plural(rows.unsigned_abs(), "row")),
            };
            let verb = if made.done { "made" } else { "to make" };
            table.row([
                mark(made.done),
                &made.name,
                short(&made.from),
                short(&made.to),
                &format!("{verb}{rows}"),
            ]);
        }
        for old in &range.retired {
            let verb = match (old.dropped, old.done) {
                (false, true) => "detached",
                (false, false) => "to detach",
                (true, true) => "dropped",
                (true, false) => "to drop",
            };
            let (from, to) = ends(&old.bound);
            table.row([mark(old.done), &old.name, short(&from), short(&to), verb]);
        }
        if range.made.is_empty() && range.retired.is_empty() {
            app.say("nothing to do")?;
        } else {
            app.say(table.to_string())?;
        }
    }
    Ok(())
}

/// The two ends of a range, without quotes.
fn ends(bound: &str) -> (String, String) {
    let first = |values: &[String]| values.first().map_or(String::new(), |text| unquoted(text));
    match Bound::read(bound) {
        Some(Bound::Range(from, to)) => (first(&from), first(&to)),
        _ => (bound.to_owned(), String::new()),
    }
}

/// `2026-12-01 00:00:00+00:00` as PostgreSQL writes it: `…+00`.
fn short(text: &str) -> &str {
    match text.strip_suffix(":00") {
        Some(head) if head.rfind(['+', '-']) == head.len().checked_sub(3) => head,
        _ => text,
    }
}

/// `created_at of public.t: 1 month a partition, days begin in UTC; the present is 2026-11-21 …`.
fn title(range: &RangeReport) -> String {
    let zone = match &range.time_zone {
        Some(zone) => format!(", days begin in {zone}"),
        None => String::new(),
    };
    let present = match &range.present {
        Some(present) => format!("; the present is {}", short(present)),
        None => String::new(),
    };
    format!("{} of {}: {} a partition{zone}{present}", range.column, range.table, range.every)
}
