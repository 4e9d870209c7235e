//! Waiting for the person at the terminal.

use std::io::{IsTerminal, Write};

use console::style;

use super::visible::{Colors, shown};
use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// Shows `prompt` on stderr and waits for Enter; Ctrl-C ends the wait. The end of the input is no Enter: nobody looks on, so what
/// waits for it is not to go on.
pub async fn pause(prompt: &str, interrupt: &Interrupt) -> Result<()> {
    match answer(prompt, interrupt).await? {
        Some(_) => Ok(()),
        None => Err(Error::usage("stopped: --step waits for Enter, and the input has ended")
            .next("run the same command on a terminal, or without --step")),
    }
}

/// Asks before something is done that nobody can undo, unless `yes` (`--yes`) says that it is meant. `what` is a sentence with the
/// command in it ("destroy removes …"), `question` asks for the same. Without a terminal nobody could answer: that is an error whose
/// next step is `with_yes`.
pub async fn agreed(
    yes: bool,
    what: &str,
    question: &str,
    with_yes: &str,
    interrupt: &Interrupt,
) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage(what)
            .because("without a terminal it does not ask")
            .next(with_yes));
    }
    confirm(question, interrupt).await
}

/// Asks a question on stderr. Only `y` or `yes` counts as yes; Ctrl-C ends the wait.
async fn confirm(question: &str, interrupt: &Interrupt) -> Result<bool> {
    let answer = answer(&format!("{question} [y/N]"), interrupt).await?;
    let answer = answer.unwrap_or_default();
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// The line that was typed; `None` at the end of the input.
async fn answer(prompt: &str, interrupt: &Interrupt) -> Result<Option<String>> {
    let mut stderr = std::io::stderr();
    let prompt = shown(prompt, Colors::on_stderr());
    let _ = write!(stderr, "{} ", style(prompt).for_stderr().dim());
    let _ = stderr.flush();
    // Reading a terminal blocks; a task of the runtime's own would block everything else too.
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|read| (read > 0).then_some(line))
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
