//! Figures and timeline in the terminal.

use std::time::Duration;

use console::style;
use lab::locks::{Mode, Wait};
use lab::report::{self, Align, Table, measure_text_width};

use super::lanes::{Lane, Slices, lanes, slowest, waiting};
use super::{Run, figures, held, scale, ticks};
use crate::load::{LOOK, PACE};

/// More tables than this are not shown.
const MOST_LANES: usize = 10;

/// From this width on two timelines stand side by side.
const WIDE: usize = 150;

/// Everything about one run, or two to be compared.
pub fn text(runs: &[Run]) -> String {
    let width = report::width();
    let sessions = runs.first().map_or(0, |run| run.observed.sessions) as u64;
    let who = format!(
        "under load · {} and {}, each with a statement every {} ms",
        report::plural(sessions, "writer"),
        report::plural(sessions, "reader"),
        PACE.as_millis(),
    );
    let mut blocks = vec![report::heading(&who), table(runs)];
    blocks.push(timelines(runs, width));
    blocks.push(legend(runs));
    for run in runs {
        blocks.extend(waits(run));
    }
    blocks.join("\n")
}

fn table(runs: &[Run]) -> String {
    let mut columns = vec![("", Align::Left)];
    columns.extend(runs.iter().map(|run| (run.way.name(), Align::Right)));
    let mut table = Table::new(&columns);
    for figure in figures::figures(runs) {
        let values = figure.values.into_iter().map(|(value, bad)| {
            if bad { style(value).red().bold() } else { style(value) }.to_string()
        });
        table.row([figure.name.to_owned()].into_iter().chain(values));
    }
    format!("{table}\n")
}

fn timelines(runs: &[Run], width: usize) -> String {
    let side_by_side = runs.len() > 1 && width >= WIDE;
    let each = if side_by_side { width / runs.len() - 2 } else { width };
    let end = scale(runs);
    let drawn: Vec<_> = runs.iter().map(|run| timeline(run, end, each)).collect();
    if !side_by_side {
        return drawn.into_iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n");
    }
    let height = drawn.iter().map(Vec::len).max().unwrap_or(0);
    let line = |n: usize| {
        let cells = drawn.iter().map(|lines| {
            let line = lines.get(n).map_or("", String::as_str);
            format!("{line}{}", " ".repeat(each.saturating_sub(measure_text_width(line))))
        });
        cells.collect::<Vec<_>>().join("    ").trim_end().to_owned()
    };
    (0..height).map(line).collect::<Vec<_>>().join("\n")
}

/// A run in lines of at most `width` columns.
fn timeline(run: &Run, end: Duration, width: usize) -> Vec<String> {
    const WIDEST_NAME: usize = 26;
    const WAITING: &str = "sessions waiting";
    let names = run.observed.locks.relations();
    let names = names.iter().map(|relation| measure_text_width(&relation.name.name));
    let label = names.max().unwrap_or(0).clamp(WAITING.len() + 1, WIDEST_NAME);
    let slices = Slices { end, count: width.saturating_sub(label + 2).max(20) };
    let line = |name: &str, cells: String| {
        let name = console::truncate_str(name, label, "…");
        let pad = " ".repeat(label - measure_text_width(&name));
        format!("{name}{pad}  {cells}").trim_end().to_owned()
    };
    let title = style(run.way.name()).bold().to_string();
    let mut lines = vec![
        line(&title, axis(slices)),
        line("the change", change(run, slices)),
        line("slowest statement", slowest(&run.observed, slices).into_iter().map(bar).collect()),
        line(WAITING, waiting(&run.observed, slices).into_iter().map(digit).collect()),
    ];
    let shown = lanes(&run.observed, slices, MOST_LANES);
    lines.extend(shown.iter().map(|lane| line(&lane.name, cells(lane))));
    lines
}

/// Points in time, each above its slice.
fn axis(slices: Slices) -> String {
    let mut line = String::new();
    for (at, label) in ticks(slices.end, u32::try_from(slices.count / 10).unwrap_or(1)) {
        let column = slices.at(at);
        if column + label.len() <= slices.count {
            line.push_str(&" ".repeat(column.saturating_sub(line.len())));
            line.push_str(&label);
        }
    }
    style(line).dim().to_string()
}

fn change(run: &Run, slices: Slices) -> String {
    let (from, until) = run.observed.scenario;
    let (from, until) = (slices.at(from), slices.at(until));
    let line = match until - from {
        0 => "│".to_owned(),
        length => format!("├{}┤", "─".repeat(length - 1)),
    };
    format!("{}{line}", " ".repeat(from))
}

/// A bar whose height grows with the logarithm.
fn bar(time: Duration) -> String {
    const STEPS: [(u64, &str); 7] =
        [(2, "▁"), (5, "▂"), (10, "▃"), (25, "▄"), (100, "▅"), (300, "▆"), (1_000, "▇")];
    if time.is_zero() {
        return " ".to_owned();
    }
    let ms = time.as_millis();
    let step = STEPS.into_iter().find(|(most, _)| ms < u128::from(*most));
    let (_, bar) = step.unwrap_or((0, "█"));
    if figures::is_long(time) {
        style(bar).red().to_string()
    } else {
        style(bar).cyan().to_string()
    }
}

fn digit(sessions: usize) -> String {
    match sessions {
        0 => style("·").dim().to_string(),
        1..=9 => style(sessions.to_string()).red().bold().to_string(),
        _ => style("+").red().bold().to_string(),
    }
}

fn cells(lane: &Lane) -> String {
    lane.cells.iter().map(|cell| cell.map_or(" ".to_owned(), mark)).collect()
}

fn mark(mode: Mode) -> String {
    if mode.stops_readers() {
        style("█").red().bold().to_string()
    } else if mode.stops_writers() {
        style("▓").yellow().to_string()
    } else {
        style("░").cyan().to_string()
    }
}

fn legend(runs: &[Run]) -> String {
    let sample = |mode: Mode, text: &str| format!("{} {text}", mark(mode));
    let legend = [
        sample(Mode::AccessExclusive, "ACCESS EXCLUSIVE: everybody waits"),
        sample(Mode::Share, "writers wait"),
        sample(Mode::ShareUpdateExclusive, "nobody waits"),
    ];
    let apart = runs.iter().map(|run| run.observed.locks.cost.widest_gap).max();
    let more = format!(
        "locks were looked at every {} ms, at most {} apart; what is shorter can be missed, statements are all timed",
        LOOK.as_millis(),
        report::duration(apart.unwrap_or_default()),
    );
    format!("\n{}\n{}", legend.join("   "), style(report::wrap(&more, 0)).dim())
}

/// The longest waits that were seen; nothing when nobody waited.
fn waits(run: &Run) -> Option<String> {
    const MOST: usize = 3;
    let mut waits: Vec<&Wait> = run.observed.locks.waits.iter().collect();
    waits.sort_by_key(|wait| std::cmp::Reverse(wait.span.at_least()));
    let line = |wait: &&Wait| {
        let behind = wait.blockers.first().map_or_else(String::new, |blocker| {
            let statement = blocker.statement.split_whitespace().collect::<Vec<_>>().join(" ");
            format!(", behind {}: {statement}", name(&blocker.application))
        });
        let who = name(&wait.session.application);
        let text = format!("{who} for {} on {}{behind}", wait.mode, wait.relation.name.name);
        format!("  {:>9}  {text}", held(&wait.span))
    };
    let lines: Vec<_> =
        waits.iter().take(MOST).map(line).map(|line| report::truncate(&line)).collect();
    let title =
        format!("\n{}", style(format!("{}: who waited longest for a lock", run.way.name())).bold());
    (!lines.is_empty()).then(|| format!("{title}\n{}", lines.join("\n")))
}

/// Our own sessions without what they all begin with.
fn name(application: &str) -> &str {
    application.strip_prefix("partition-lab ").unwrap_or(application)
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn plain(runs: &[Run]) -> String {
        console::strip_ansi_codes(&text(runs)).into_owned()
    }

    #[test]
    fn two_runs_stand_on_one_scale_and_fit_80_columns() {
        let text = plain(&[example::classic(), example::online()]);
        for what in [
            "1 writer and 1 reader",
            "longest wait              1.89 s          13.0 ms",
            "event_logs                         █████████████████████████████",
            "sessions waiting",
            "  writer 1 for ROW EXCLUSIVE on event_logs, behind repartition: LOCK",
        ] {
            assert!(text.contains(what), "no {what:?} in\n{text}");
        }
        assert!(text.lines().all(|line| measure_text_width(line) <= 80), "{text}");
        let axes = text
            .lines()
            .filter(|line| line.ends_with("0 s            1 s            2 s            3 s"));
        assert_eq!(axes.count(), 2, "{text}");
    }

    #[test]
    fn side_by_side_where_there_is_room() {
        let drawn = timelines(&[example::classic(), example::online()], 170);
        let drawn = console::strip_ansi_codes(&drawn).into_owned();
        let first = drawn.lines().next().unwrap();
        assert!(first.contains("classic") && first.contains("online"), "{drawn}");
        assert!(drawn.lines().all(|line| measure_text_width(line) <= 170), "{drawn}");
    }

    #[test]
    fn where_nobody_waited_nothing_is_said_of_waits() {
        let mut run = example::online();
        run.observed.locks = lab::locks::Timeline::default();
        let text = plain(&[run]);
        assert!(!text.contains("who waited") && text.contains("none seen"), "{text}");
    }
}
