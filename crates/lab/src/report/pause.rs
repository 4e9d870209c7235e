//! Waiting for Enter, for `--step`.

use std::io::Write;

use console::style;

use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// Shows `prompt` on stderr and waits for Enter or the end of the input; Ctrl-C ends the wait.
pub async fn pause(prompt: &str, interrupt: &Interrupt) -> Result<()> {
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{} ", style(prompt).for_stderr().dim());
    let _ = stderr.flush();
    // Reading a terminal blocks; a task of the runtime's own would block everything else too.
    let line = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
    tokio::select! {
        line = line => match line {
            Ok(read) => read.map(drop).context(|| "cannot read from the terminal"),
            Err(error) => Err(Error::failed("cannot read from the terminal").caused_by(&error)),
        },
        () = interrupt.raised() => Err(Error::interrupted("interrupted while waiting for Enter")),
    }
}
