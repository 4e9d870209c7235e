//! Progress on stderr, silent when that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::visible::{Colors, shown};

/// A bar or spinner that disappears when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

const TICK: Duration = Duration::from_millis(100);

impl Progress {
    /// For work of unknown length.
    #[must_use]
    pub fn spinner(message: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        Self::start(bar, "{spinner:.cyan} {msg} {elapsed:.dim}", message)
    }

    /// For `total` steps.
    #[must_use]
    pub fn bar(total: u64, message: &str) -> Self {
        let bar = ProgressBar::new(total);
        Self::start(
            bar,
            "{spinner:.cyan} {bar:24.cyan/dim} {pos}/{len} {elapsed:.dim} {wide_msg}",
            message,
        )
    }

    fn start(bar: ProgressBar, template: &str, message: &str) -> Self {
        // A wrong template would only cost its looks.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(shown(message, Colors::on_stderr()).into_owned());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// What is being done now.
    pub fn message(&self, message: impl AsRef<str>) {
        self.0.set_message(shown(message.as_ref(), Colors::on_stderr()).into_owned());
    }

    /// One step further.
    pub fn advance(&self) {
        self.0.inc(1);
    }

    /// Takes the bar away for as long as `print` writes, so that lines do not mix.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Takes the bar away.
    pub fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
