//! Waiting for the person at the terminal.

use std::io::Write;

use console::style;

use super::visible::{Colors, shown};
use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// Shows `prompt` on stderr and waits for Enter or the end of the input; Ctrl-C ends the wait.
pub async fn pause(prompt: &str, interrupt: &Interrupt) -> Result<()> {
    answer(prompt, interrupt).await.map(drop)
}

/// Asks a question on stderr. Only `y` or `yes` counts as yes; Ctrl-C ends the wait.
pub async fn confirm(question: &str, interrupt: &Interrupt) -> Result<bool> {
    let answer = answer(&format!("{question} [y/N]"), interrupt).await?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

async fn answer(prompt: &str, interrupt: &Interrupt) -> Result<String> {
    let mut stderr = std::io::stderr();
    let prompt = shown(prompt, Colors::on_stderr());
    let _ = write!(stderr, "{} ", style(prompt).for_stderr().dim());
    let _ = stderr.flush();
    // Reading a terminal blocks; a task of the runtime's own would block everything else too.
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        line = line => match line {
            Ok(read) => read.context(|| "cannot read from the terminal"),
            Err(error) => Err(Error::failed("cannot read from the terminal").caused_by(&error)),
        },
        () = interrupt.raised() => {
            // What comes next begins on a line of its own, as it does after Enter.
            let _ = writeln!(stderr);
            Err(Error::interrupted("interrupted while waiting for Enter"))
        }
    }
}
