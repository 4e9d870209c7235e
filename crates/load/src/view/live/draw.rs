//! The picture as a whole.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};

use super::frame::{Frame, Table};
use super::graph::{Decades, Graph, Merge};
use super::numbers::{counters, fit, flow, outage, progress};
use super::partitions::{self, Arrangement};
use crate::stats::Second;
use crate::view::units;

/// Graphs need this much; what is lower shows numbers only.
const LINES_FOR_GRAPHS: u16 = 16;

/// Graphs stand side by side from this width on.
const COLUMNS_FOR_TWO: u16 = 64;

/// Draws `data` on the whole of `frame`, whatever its size.
pub fn draw(frame: &mut ratatui::Frame, data: &Frame) {
    let area = frame.area();
    let spacious = area.height >= LINES_FOR_GRAPHS + 2;
    let mut head = Vec::new();
    if area.height >= LINES_FOR_GRAPHS {
        head.push(Line::from(fit(&data.status.server, area.width)).dim());
    }
    head.push(Line::from(fit(&data.status.doing, area.width)).bold());
    head.push(progress(data, area.width));
    let mut numbers = flow(counters(data), area.width);
    numbers.extend(outage(data, area.width));
    let taken = head.len() + numbers.len() + 2;
    let graphs = graph_lines(&data.tables, area, u16::try_from(taken).unwrap_or(u16::MAX));
    let blank = Constraint::Length(u16::from(spacious));
    let lines = |lines: &[Line]| Constraint::Length(u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let [head_area, _, graph_area, numbers_area, _, partitions_area] = Layout::vertical([
        lines(&head),
        blank,
        Constraint::Length(graphs),
        lines(&numbers),
        blank,
        Constraint::Fill(1),
    ])
    .areas(area);
    frame.render_widget(ratatui::text::Text::from(head), head_area);
    if graphs > 0 {
        draw_graphs(frame, data, graph_area);
    }
    frame.render_widget(ratatui::text::Text::from(numbers), numbers_area);
    partitions::draw(&data.tables, partitions_area, frame.buffer_mut());
}

/// Lines of the graphs: at least three tenths of the screen, and up to half of it where the
/// partitions don't need the room.
fn graph_lines(tables: &[Table], area: Rect, taken: u16) -> u16 {
    if area.height < LINES_FOR_GRAPHS {
        return 0;
    }
    let (least, most) = (area.height * 3 / 10, area.height / 2);
    let free = area.height.saturating_sub(taken);
    let partitions = Arrangement::of(tables, area.width, free.saturating_sub(least)).lines;
    free.saturating_sub(u16::try_from(partitions).unwrap_or(u16::MAX)).clamp(least, most)
}

fn draw_graphs(frame: &mut ratatui::Frame, data: &Frame, area: Rect) {
    if area.width < COLUMNS_FOR_TWO {
        return draw_rate(frame, data, area);
    }
    let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2);
    let [left, right] = halves.areas(area);
    draw_rate(frame, data, left);
    draw_latency(frame, data, right);
}

fn draw_rate(frame: &mut ratatui::Frame, data: &Frame, area: Rect) {
    let peak = data.last_minute.iter().map(Second::rate).fold(0.0, f64::max);
    let title = Line::from(vec![
        Span::from("rows a second ").bold(),
        Span::from(units::rate(data.rate())).cyan().bold(),
        Span::from(format!("  peak {}", units::rate(peak))).dim(),
    ]);
    let height = |second: &Second| (second.rate() / peak.max(f64::MIN_POSITIVE), 0.0);
    let labels = vec![(0.0, "0".to_owned()), (1.0, units::rate(peak))];
    let graph = Graph {
        title,
        seconds: &data.last_minute,
        height: &height,
        merge: Merge::Mean,
        labels,
        color: Color::Cyan,
    };
    frame.render_widget(graph, area);
}

fn draw_latency(frame: &mut ratatui::Frame, data: &Frame, area: Rect) {
    let mut measured = data.last_minute.iter().map(|second| second.latency_ms);
    let scale = Decades::around(measured.clone().flat_map(|latency| [latency.p99, latency.max]));
    let now = measured.next_back().unwrap_or_default();
    let title = Line::from(vec![
        Span::from("latency ").bold(),
        Span::from(format!("█ p99 {}", units::measured(now.p99))).magenta().bold(),
        Span::from(format!("  ░ max {}", units::measured(now.max))).magenta(),
    ]);
    let height = |second: &Second| {
        (scale.height(second.latency_ms.p99), scale.height(second.latency_ms.max))
    };
    let graph = Graph {
        title,
        seconds: &data.last_minute,
        height: &height,
        merge: Merge::Highest,
        labels: scale.labels(),
        color: Color::Magenta,
    };
    frame.render_widget(graph, area);
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::super::{End, Status};
    use super::*;
    use crate::stats::Stats;
    use crate::view::example;

    pub fn status() -> Status {
        Status {
            server: "PostgreSQL 18.1 · local server · .partition-lab".to_owned(),
            doing: "6,000 rows a second on 8 connections, for 5 minutes".to_owned(),
            end: Some(End::After(Duration::from_secs(300))),
            connected: 8,
            connections: 8,
        }
    }

    pub fn terminal(width: u16, height: u16, stats: &Stats) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let data = Frame::of(stats, &status());
        terminal.draw(|frame| draw(frame, &data)).unwrap();
        terminal
    }

    fn text(width: u16, height: u16, stats: &Stats) -> String {
        let terminal = terminal(width, height, stats);
        let buffer = terminal.backend().buffer();
        let line = |line: &[ratatui::buffer::Cell]| {
            line.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
        };
        let lines: Vec<_> = buffer.content.chunks(usize::from(width)).map(line).collect();
        lines.join("\n")
    }

    #[test]
    fn looks_like_this() {
        let wanted = "\
PostgreSQL 18.1 · local server · .partition-lab
6,000 rows a second on 8 connections, for 5 minutes
2:00 of 5:00 ━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────────── 40 %

rows a second 5,408  peak 6,155          latency █ p99 1.47 ms  ░ max 7.23 ms
  6,155 ▆▆▆▇▄▅▆▇▇▆▅    ▅▅▅▄▅▇▆▅▆▃▆█▆▆▆▄     10 s               ▂
        ███████████   ▂████████████████      1 s               █
        ███████████▃  █████████████████   100 ms               █
        ████████████  █████████████████    10 ms ░░   ░░░░     █    ░░░    ░░░
      0 ████████████  █████████████████     1 ms ▂▂▂▂▂▂▂▂▂▂▂▂  █▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂
  -60 s ×──────────×××──────×──────────    -60 s ×──────────×××──────×──────────
rows 674,581   rate 5,408/s   p50 0.621 ms   p99 11.9 ms   max 2.10 s
failed 46   in doubt 16   connections 8 of 8
outage at 1:23, lasted 5.10 s, 8 connections: 57P01 terminating connection due …

event_logs          202,697              orders_by_region    168,410
 event_logs_2024_01  17,204 █▎            …ders_asia_pacific  33,480 ██▎
 event_logs_2024_02  16,180 █▏            orders_europe       41,007 ██▊
 event_logs_2024_03  17,411 █▎            …ers_north_america  81,733 █████▌
 event_logs_default 151,902 ██████████    orders_other        12,190 ▉
users_distributed   168,396              sales_data          135,078
 …rs_distributed_p0  42,118 ██▉           …_2024_q2_clothing   8,402 ▋
 …rs_distributed_p2  42,402 ██▉           sales_default      102,007 ██████▊
 … 2 more            83,876               … 5 more            24,669";
        let is = text(80, 24, &example::large());
        assert_eq!(is, wanted, "is\n{is}\nnot\n{wanted}");
    }

    #[test]
    fn a_large_screen_shows_every_partition_and_a_small_one_the_tables() {
        let stats = example::large();
        let large = text(200, 50, &stats);
        for leaf in stats.tables.iter().flat_map(|table| &table.leaves) {
            assert!(large.contains(&leaf.name), "no {} in\n{large}", leaf.name);
        }
        assert!(!large.contains('…'), "{large}");
        let small = text(40, 10, &stats);
        for what in ["2:00 of 5:00", "rows 674,581", "failed 46", "event_logs", "█"] {
            assert!(small.contains(what), "no {what} in\n{small}");
        }
    }

    #[test]
    fn no_size_and_no_data_is_too_small() {
        let bare = Stats { tables: Vec::new(), ..example::nothing() };
        for stats in [bare, example::nothing(), example::small(), example::large()] {
            for (width, height) in
                (1..90).step_by(7).flat_map(|width| [1, 2, 5, 16, 17, 24].map(|h| (width, h)))
            {
                text(width, height, &stats);
            }
        }
    }

    #[test]
    fn what_goes_wrong_is_red() {
        let mut data = Frame::of(&example::small(), &status());
        data.status.connected = 7;
        data.status.end = None;
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(frame, &data)).unwrap();
        let buffer = terminal.backend().buffer();
        let red = buffer.content.iter().filter(|cell| cell.fg == Color::Red);
        let red: String = red.map(ratatui::buffer::Cell::symbol).collect();
        for what in ["3", "2", "7 of 8", "goes on"] {
            assert!(red.contains(what), "{red}");
        }
    }
}
