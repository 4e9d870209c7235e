//! What the live view says in words and numbers.

use lab::report;
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};

use super::frame::{End, Frame};
use crate::view::units;

/// `0:12 of 1:00 ━━━━──────── 20 %`.
pub fn progress(data: &Frame, width: u16) -> Line<'static> {
    let elapsed = units::clock(data.elapsed.as_secs_f64());
    let (Some(end), Some(done)) = (data.status.end, data.done()) else {
        return Line::from(elapsed);
    };
    let percent = format!(" {:.0} %", (done * 100.0).floor());
    let (elapsed, after) = match end {
        End::After(time) => (format!("{elapsed} of {}", units::clock(time.as_secs_f64())), percent),
        End::Rows(rows) => (elapsed, format!("{percent} of {}", report::plural(rows, "row"))),
    };
    let columns = usize::from(width).saturating_sub(elapsed.len() + after.len() + 1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let filled = ((done * columns as f64) as usize).min(columns);
    Line::from(vec![
        Span::from(elapsed + " "),
        Span::from("━".repeat(filled)).cyan(),
        Span::from("─".repeat(columns - filled)).dim(),
        Span::from(after),
    ])
}

/// Names and values of what is counted.
pub fn counters(data: &Frame) -> Vec<[Span<'static>; 2]> {
    let bad = |is_bad: bool| if is_bad { Style::new().red().bold() } else { Style::new().bold() };
    let status = &data.status;
    let latency = [data.latency.p50, data.latency.p99, data.latency.max].map(units::measured);
    let [p50, p99, max] = latency;
    let lag = data.lag_ms();
    let lag = (lag > 0.0).then(|| ("lag", units::latency(lag), bad(lag > 1_000.0)));
    let counters = [
        ("rows", report::count(data.inserted), bad(false)),
        ("rate", format!("{}/s", units::rate(data.rate())), bad(false)),
        ("p50", p50, bad(false)),
        ("p99", p99, bad(false)),
        ("max", max, bad(false)),
        ("failed", report::count(data.failed), bad(data.failed > 0)),
        ("in doubt", report::count(data.in_doubt), bad(data.in_doubt > 0)),
        (
            "connections",
            format!("{} of {}", status.connected, status.connections),
            bad(status.connected < status.connections),
        ),
    ];
    let spans = |(name, value, style): (_, String, _)| {
        [Span::from(format!("{name} ")).dim(), Span::styled(value, style)]
    };
    counters.into_iter().chain(lag).map(spans).collect()
}

/// The latest outage in a line.
pub fn outage(data: &Frame, width: u16) -> Option<Line<'static>> {
    let outage = data.last_outage.as_ref()?;
    let lasted = match outage.lasted_s {
        Some(seconds) => format!("lasted {}", units::latency(seconds * 1e3)),
        None => "goes on".to_owned(),
    };
    let hit = report::plural(outage.connections, "connection");
    let at = units::clock(outage.at_s);
    let text = format!("outage at {at}, {lasted}, {hit}: {}", outage.cause);
    let line = Line::from(fit(&text, width));
    Some(if outage.lasted_s.is_none() { line.red() } else { line.yellow() })
}

/// Items side by side on as many lines as they need.
pub fn flow(items: Vec<[Span<'static>; 2]>, width: u16) -> Vec<Line<'static>> {
    const GAP: usize = 3;
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let needed: usize = item.iter().map(Span::width).sum();
        match lines.last_mut() {
            Some(line) if line.width() + GAP + needed <= usize::from(width) => {
                line.spans.push(Span::from(" ".repeat(GAP)));
                line.spans.extend(item);
            }
            _ => lines.push(Line::from(item.to_vec())),
        }
    }
    lines
}

/// `text`, cut with an ellipsis where it is too wide.
pub fn fit(text: &str, width: u16) -> String {
    console::truncate_str(text, usize::from(width), "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::draw::tests::status;
    use super::*;
    use crate::view::example;

    #[test]
    fn a_run_by_rows_shows_how_many_are_there() {
        let mut data = Frame::of(&example::small(), &status());
        data.status.end = Some(End::Rows(240));
        assert_eq!(data.done(), Some(0.25));
        let line = progress(&data, 60).to_string();
        assert!(line.starts_with("0:05 ━") && line.ends_with("─ 25 % of 240 rows"), "{line}");
        data.status.end = None;
        assert_eq!(progress(&data, 60).to_string(), "0:05");
    }

    #[test]
    fn items_flow_as_wholes() {
        let items = || ["one", "two", "three"].map(|word| [Span::from("a "), Span::from(word)]);
        let lines: Vec<_> = flow(items().into(), 13).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["a one   a two", "a three"]);
    }
}
