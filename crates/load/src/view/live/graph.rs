//! A graph of the last minute in columns of blocks, an eighth of a line fine.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::stats::Second;

/// Seconds from the left edge to the right.
const SPAN: usize = 60;

/// Columns for the scale's labels, a space included.
const LABELS: u16 = 8;

/// `▁` is an eighth of a line.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// A title, a scale, a column a second (or for several), and below them the time.
pub struct Graph<'a> {
    pub title: Line<'a>,
    pub seconds: &'a [Second],
    /// How high the solid and the shaded part of a second's column are, 0 to 1.
    pub height: &'a dyn Fn(&Second) -> (f64, f64),
    /// What several seconds in one column become: the mean, or the highest.
    pub merge: Merge,
    /// Labels at heights from 0 to 1.
    pub labels: Vec<(f64, String)>,
    pub color: Color,
}

/// What several values in one column become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    Mean,
    Highest,
}

impl Widget for Graph<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        buffer.set_line(area.x, area.y, &self.title, area.width);
        if area.height < 3 || area.width <= LABELS {
            return;
        }
        let plot = Rect {
            x: area.x + LABELS,
            y: area.y + 1,
            width: area.width - LABELS,
            height: area.height - 2,
        };
        self.labels(plot, buffer);
        for x in 0..plot.width {
            let seconds = self.in_column(usize::from(x), usize::from(plot.width));
            self.column(plot, x, seconds, buffer);
            let bad = seconds.iter().any(|second| second.failed + second.disconnected > 0);
            let (tick, style) =
                if bad { ("×", Style::new().red()) } else { ("─", Style::new().dim()) };
            buffer.set_string(plot.x + x, plot.bottom(), tick, style);
        }
        let from = format!("-{SPAN} s");
        buffer.set_string(area.x, plot.bottom(), format!("{from:>7}"), Style::new().dim());
    }
}

impl Graph<'_> {
    fn labels(&self, plot: Rect, buffer: &mut Buffer) {
        let mut last = None;
        for (at, label) in &self.labels {
            let line = eighths(*at, plot.height) / 8;
            let y = plot.bottom() - 1 - line.min(plot.height - 1);
            if last != Some(y) {
                let label = format!("{label:>7}");
                buffer.set_stringn(plot.x - LABELS, y, label, 7, Style::new().dim());
            }
            last = Some(y);
        }
    }

    /// The seconds that column `x` of `width` stands for; the newest are at the right edge.
    fn in_column(&self, x: usize, width: usize) -> &[Second] {
        let newest = (width - 1 - x) * SPAN / width;
        let oldest = ((width - x) * SPAN / width).max(newest + 1);
        let all = self.seconds.len();
        &self.seconds[all.saturating_sub(oldest)..all.saturating_sub(newest)]
    }

    fn column(&self, plot: Rect, x: u16, seconds: &[Second], buffer: &mut Buffer) {
        let (solid, shade) = self.merged(seconds);
        let (solid, shade) = (eighths(solid, plot.height), eighths(shade, plot.height));
        for line in 0..plot.height {
            let filled = solid.saturating_sub(line * 8).min(8);
            // A shade fills its line from the half on: there are no eighths of it.
            let symbol = if filled == 0 && shade >= line * 8 + 4 {
                "░"
            } else {
                EIGHTHS[usize::from(filled)]
            };
            let style = Style::new().fg(self.color);
            buffer.set_string(plot.x + x, plot.bottom() - 1 - line, symbol, style);
        }
    }

    fn merged(&self, seconds: &[Second]) -> (f64, f64) {
        let heights = || seconds.iter().map(self.height);
        match self.merge {
            Merge::Highest => {
                heights().fold((0.0, 0.0), |most, is| (is.0.max(most.0), is.1.max(most.1)))
            }
            Merge::Mean => {
                let sum = heights().fold((0.0, 0.0), |sum, is| (sum.0 + is.0, sum.1 + is.1));
                let all = u32::try_from(seconds.len().max(1)).map_or(1.0, f64::from);
                (sum.0 / all, sum.1 / all)
            }
        }
    }
}

/// Eighths of a line of a height from 0 to 1; anything above 0 shows.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 8 × lines
fn eighths(height: f64, lines: u16) -> u16 {
    let whole = f64::from(lines) * 8.0;
    (height.clamp(0.0, 1.0) * whole).ceil() as u16
}

/// A logarithmic scale over whole decades of milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decades {
    lowest: f64,
    highest: f64,
}

impl Decades {
    /// One that holds all values above zero.
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::MAX, 0.0_f64);
        for value in values.filter(|value| *value > 0.0) {
            (least, most) = (least.min(value), most.max(value));
        }
        if most <= 0.0 {
            return Self { lowest: 0.0, highest: 1.0 };
        }
        let lowest = least.log10().floor();
        Self { lowest, highest: most.log10().ceil().max(lowest + 1.0) }
    }

    /// 0 to 1; 0 for what was not measured.
    pub fn height(self, ms: f64) -> f64 {
        if ms > 0.0 {
            ((ms.log10() - self.lowest) / (self.highest - self.lowest)).clamp(0.01, 1.0)
        } else {
            0.0
        }
    }

    /// Every decade with its height.
    pub fn labels(self) -> Vec<(f64, String)> {
        let decades = std::iter::successors(Some(self.lowest), |decade| Some(decade + 1.0));
        decades
            .take_while(|decade| *decade <= self.highest)
            .map(|decade| {
                let height = (decade - self.lowest) / (self.highest - self.lowest);
                (height, power_of_ten(decade))
            })
            .collect()
    }
}

/// 10^`decade` milliseconds: `10 µs`, `0.1 ms`, `10 s`.
fn power_of_ten(decade: f64) -> String {
    let ms = 10_f64.powf(decade);
    if decade < -1.0 {
        format!("{:.0} µs", ms * 1e3)
    } else if decade < 0.0 {
        format!("{ms:.1} ms")
    } else if decade < 3.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.0} s", ms / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph<'a>(seconds: &'a [Second], height: &'a dyn Fn(&Second) -> (f64, f64)) -> Graph<'a> {
        let (merge, color) = (Merge::Highest, Color::Cyan);
        Graph {
            title: Line::from("title"),
            seconds,
            height,
            merge,
            labels: vec![(0.0, "0".to_owned())],
            color,
        }
    }

    #[test]
    fn no_second_is_lost_or_shown_twice_at_any_width_up_to_a_minute() {
        let seconds: Vec<_> =
            (0..60).map(|at| Second { at: f64::from(at), ..Second::default() }).collect();
        let graph = graph(&seconds, &|_| (0.0, 0.0));
        for width in 1..=60 {
            let shown: Vec<_> = (0..width).flat_map(|x| graph.in_column(x, width)).collect();
            assert_eq!(shown, seconds.iter().collect::<Vec<_>>(), "{width}");
        }
        let wide: Vec<_> = (0..92).flat_map(|x| graph.in_column(x, 92)).collect();
        assert!(seconds.iter().all(|second| wide.contains(&second)));
    }

    #[test]
    fn draws_solid_shaded_and_bad_seconds() {
        let mut seconds = vec![Second::default(); 60];
        seconds[59].failed = 1;
        let area = Rect::new(0, 0, 68, 5);
        let mut buffer = Buffer::empty(area);
        graph(&seconds, &|second| if second.failed > 0 { (0.5, 1.0) } else { (0.01, 0.0) })
            .render(area, &mut buffer);
        let at = |x, y| buffer[(x, y)].symbol().to_owned();
        assert_eq!([at(67, 1), at(67, 2), at(67, 3), at(67, 4)], ["░", "▄", "█", "×"]);
        assert_eq!([at(66, 1), at(66, 2), at(66, 3), at(66, 4)], [" ", " ", "▁", "─"]);
    }

    #[test]
    fn decades_hold_all_values() {
        let scale = Decades::around([0.0, 0.61, 315.0].into_iter());
        let labels: Vec<_> = scale.labels().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.1 ms", "1 ms", "10 ms", "100 ms", "1 s"]);
        assert!((scale.height(10.0) - 0.5).abs() < 1e-9);
        assert!(scale.height(0.0) <= 0.0);
        let empty = Decades::around(std::iter::empty());
        assert_eq!(empty.labels().len(), 2);
        let one = Decades::around([10.0].into_iter());
        assert_eq!(one.labels().len(), 2, "{one:?}");
    }
}
