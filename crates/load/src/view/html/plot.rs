//! A chart as SVG, in the widths between which the style sheet chooses.

use lab::{Context, Result};
use maud::{Markup, PreEscaped, html};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;

use super::axis::Axis;
use super::ink::Ink;

/// What is drawn.
pub struct Plot {
    /// Says which chart it is: letters only.
    pub id: &'static str,
    pub title: &'static str,
    /// The same in words, for people who cannot see it.
    pub description: String,
    pub x: Axis,
    pub y: Axis,
    /// Drawn in this order.
    pub lines: Vec<Line>,
    /// Spans of `x` to be shaded.
    pub outages: Vec<(f64, f64)>,
}

/// One line of a chart, perhaps with gaps.
pub struct Line {
    pub ink: Ink,
    pub name: &'static str,
    /// Pieces between which there is nothing.
    pub pieces: Vec<Vec<(f64, f64)>>,
    /// Whether the area below is filled.
    pub filled: bool,
    /// In pixels.
    pub width: u32,
}

/// A width for each kind of screen, with the class by which the style sheet shows one of them.
const SIZES: [(&str, u32, u32); 3] =
    [("narrow", 400, 250), ("medium", 720, 270), ("wide", 1_120, 290)];

/// The library draws at whole numbers; these make a line smooth.
const FINE: u32 = 4;

impl Plot {
    /// The figure with its title and legend.
    pub fn figure(&self) -> Result<Markup> {
        let drawings = SIZES
            .iter()
            .map(|(class, width, height)| {
                let drawing = self.svg(*width, *height).context(|| format!("chart {}", self.id))?;
                let title = format!("{}-{class}-title", self.id);
                let description = format!("{}-{class}-description", self.id);
                Ok(html! {
                    svg class=(class) viewBox={ "0 0 " (width * FINE) " " (height * FINE) }
                        role="img" aria-labelledby={ (title) " " (description) } {
                        title id=(title) { (self.title) }
                        desc id=(description) { (self.description) }
                        (PreEscaped(drawing))
                    }
                })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(html! {
            figure {
                figcaption {
                    h2 { (self.title) }
                    ul.legend {
                        @for line in self.lines.iter().rev().filter(|line| !line.name.is_empty()) {
                            li { i style={ "background:" (line.ink.variable()) } {} (line.name) }
                        }
                        @if !self.outages.is_empty() {
                            li { i.span style={ "background:" (Ink::Outage.variable()) } {} "outage" }
                        }
                    }
                }
                @for drawing in drawings { (drawing) }
            }
        })
    }

    /// What is inside the `svg` element. Everything in it is ours: ticks and numbers.
    fn svg(&self, width: u32, height: u32) -> Result<String, DrawingError> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (width * FINE, height * FINE));
            self.draw(&area.into_drawing_area())?;
        }
        let inside = svg.split_once('>').map_or("", |(_, inside)| inside);
        let inside = inside.trim_end().strip_suffix("</svg>").unwrap_or(inside);
        Ok(Ink::recolor(inside))
    }

    fn draw(
        &self,
        area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    ) -> Result<(), DrawingError> {
        let mut chart = ChartBuilder::on(area)
            .margin_top(10 * FINE)
            .margin_right(28 * FINE)
            .x_label_area_size(26 * FINE)
            .y_label_area_size(62 * FINE)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        // Sizes of text are those of the box around it, 1.24 times the font's.
        let text = ("sans-serif", 15.0 * f64::from(FINE)).into_font().color(&Ink::Text.color());
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(Ink::Grid.color().stroke_width(FINE))
            .light_line_style(TRANSPARENT)
            .axis_style(Ink::Axis.color().stroke_width(FINE))
            .label_style(text)
            .set_all_tick_mark_size(5 * FINE)
            .draw()?;
        let (bottom, top) = (self.y.range.start, self.y.range.end);
        chart.draw_series(self.outages.iter().map(|(from, to)| {
            let (from, to) = (from.max(self.x.range.start), to.min(self.x.range.end));
            Rectangle::new([(from, bottom), (to, top)], Ink::Outage.color().mix(0.22).filled())
        }))?;
        for line in &self.lines {
            let style = line.ink.color().stroke_width(line.width * FINE);
            for piece in &line.pieces {
                let points = piece.iter().copied();
                if line.filled {
                    let fill = line.ink.color().mix(0.18);
                    chart.draw_series(AreaSeries::new(points.clone(), bottom, fill))?;
                }
                chart.draw_series(LineSeries::new(points, style))?;
            }
        }
        area.present()
    }
}

type DrawingError = DrawingAreaErrorKind<std::io::Error>;

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[allow(clippy::cast_possible_truncation)] // pixels
    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        from + (f64::from(to - from) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // There are no finer lines between the ticks.
        let wanted = if hint.weight().allow_light_points() { &[] } else { self.ticks.as_slice() };
        wanted.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let near = |tick: &&(f64, String)| (tick.0 - value).abs() < 1e-9;
        self.ticks.iter().find(near).map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_no_colour_of_its_own_and_says_what_it_shows() {
        let plot = Plot {
            id: "test",
            title: "A <title>",
            description: "words & more".to_owned(),
            x: Axis::time(10.0, 5.0),
            y: Axis::numbers(10.0, 5.0, |n| n.to_string()),
            lines: vec![Line {
                ink: Ink::Rate,
                name: "rate",
                pieces: vec![vec![(0.0, 1.0), (5.0, 10.0)], vec![(6.0, 1.0), (10.0, 2.0)]],
                filled: true,
                width: 2,
            }],
            outages: vec![(5.0, 6.0)],
        };
        let figure = plot.figure().unwrap().into_string();
        assert!(!figure.contains("\"#"), "{figure}");
        for what in ["A &lt;title&gt;", "words &amp; more", "0:08", "var(--rate)", "var(--outage)"]
        {
            assert!(figure.contains(what), "no {what} in {figure}");
        }
        assert_eq!(figure.matches("<svg").count(), SIZES.len());
        assert_eq!(figure.matches("</svg>").count(), SIZES.len());
        assert_eq!(figure.matches("<polygon").count(), 2 * SIZES.len());
    }
}
