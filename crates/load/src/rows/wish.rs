//! What rows somebody wants.

use jiff::civil::Date;

/// What rows somebody wants.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// How rows are shared out among partitions.
    pub spread: Spread,
    /// Per cent of rows whose partition key lies outside all bounds.
    pub out_of_range: Option<f64>,
    /// First day, and the day after the last (UTC), of dates and timestamps in partition keys.
    pub dates: Option<(Date, Date)>,
    /// Column and value, as SQL reads the value, or NULL; of several for one column, rows take one at
    /// random.
    pub set: Vec<(String, String)>,
}

/// How rows are shared out among partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Spread {
    /// Each gets the same share.
    #[default]
    Even,
    /// The n-th in the order of bounds gets 1/n of the first one's share.
    Zipf,
}
