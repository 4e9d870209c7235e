//! Colours of charts: the drawing library knows numbers only, the page decides by light and dark.

use plotters::style::RGBColor;

/// What something in a chart is drawn for. The style sheet has a variable for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Text,
    Grid,
    Axis,
    Rate,
    P50,
    P99,
    Max,
    Outage,
    Failed,
    InDoubt,
    Lag,
}

impl Ink {
    const ALL: [Self; 11] = [
        Self::Text,
        Self::Grid,
        Self::Axis,
        Self::Rate,
        Self::P50,
        Self::P99,
        Self::Max,
        Self::Outage,
        Self::Failed,
        Self::InDoubt,
        Self::Lag,
    ];

    /// The name of the variable, with which a legend refers to it, too.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Text => "var(--chart-text)",
            Self::Grid => "var(--chart-grid)",
            Self::Axis => "var(--chart-axis)",
            Self::Rate => "var(--rate)",
            Self::P50 => "var(--p50)",
            Self::P99 => "var(--p99)",
            Self::Max => "var(--max)",
            Self::Outage => "var(--outage)",
            Self::Failed => "var(--failed)",
            Self::InDoubt => "var(--in-doubt)",
            Self::Lag => "var(--lag)",
        }
    }

    /// A colour that stands for it while the library draws.
    pub fn color(self) -> RGBColor {
        RGBColor(1, 2, self as u8)
    }

    /// Puts the variables in the place of the colours that stood for them.
    pub fn recolor(svg: &str) -> String {
        Self::ALL.iter().fold(svg.to_owned(), |svg, ink| {
            let RGBColor(red, green, blue) = ink.color();
            svg.replace(
                &format!("\"#{red:02X}{green:02X}{blue:02X}\""),
                &format!("\"{}\"", ink.variable()),
            )
        })
    }
}
