//! Everything that people look at: during a run, at its end, and afterwards.

mod csv;
mod document;
mod html;
mod leaves;
mod lines;
mod live;
mod summary;
mod units;

#[cfg(test)]
mod example;

pub use csv::Csv;
pub use document::{Document, document};
pub use html::{Run, write as write_html};
pub use lines::line;
pub use live::{End, Frame, Live, Status};
pub use summary::summary;
pub use units::rate;
