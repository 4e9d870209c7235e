//! `todos all`: the story from beginning to end, for a room.

use clap::Parser;
use lab::app::App;
use lab::report::{self, plural};
use lab::{Context, Error, Result};

use crate::cli::{All, Cli, Verb};
use crate::verb::{self, health, seed};

/// A statement of the old application.
const APPLICATION: &str = "\
    UPDATE todo_app.todos SET status = 'done', completed_at = now() - interval '40 days'\n  \
    WHERE status = 'in_progress' AND priority = 1";

/// What is typed, and what to look at. `seed` comes before.
const PARTS: [(&str, &str); 15] = [
    ("partition", "active todos by user, completed ones by month; all empty"),
    ("migrate", "every todo goes there, and what is written meanwhile follows"),
    ("validate", "both sides in one snapshot: counts, depths, and a checksum of every column"),
    ("indexes", "built on each partition while others write, then attached"),
    ("cutover", "a view takes the table's place, and old code goes on as before"),
    (APPLICATION, "what the application sends now goes through the view"),
    ("maintain daily", "what is done goes to the archive, months to come get their partitions"),
    ("maintain weekly", "statistics, VACUUM, indexes"),
    ("maintain monthly", "what is past retention would go"),
    ("health", "is anything wrong?"),
    ("rollback", "the table again, with every change made since"),
    ("cutover", "and forward once more"),
    ("secure", "each user sees what is theirs"),
    ("secure --off", "and off again, for what comes after"),
    ("finish --keep-days 0 --yes", "the old table goes; from here there is no way back"),
];

/// Runs all parts in order; one that fails ends it.
pub async fn run(app: &App, flags: &All) -> Result<()> {
    if app.is_table() {
        told(app, flags).await
    } else {
        app.as_one_document(Box::pin(told(app, flags))).await
    }
}

async fn told(app: &App, flags: &All) -> Result<()> {
    seed::run(app, &flags.seed).await?;
    for (line, why) in PARTS {
        app.say(format!("\n{}  {why}\n", report::heading(line)))?;
        if flags.step {
            report::pause("Enter goes on", &app.interrupt).await?;
        }
        if line == APPLICATION {
            let session = app.connect().await?;
            let what = || "cannot change todos through the view";
            let changed = session.client().execute(line, &[]).await.context(what)?;
            app.say(format!("{} changed", plural(changed, "todo")))?;
            continue;
        }
        let words = ["todos"].into_iter().chain(line.split(' '));
        let part = Cli::try_parse_from(words)
            .map_err(|error| Error::failed(format!("cannot read \"{line}\"")).caused_by(&error))?;
        match &part.verb {
            // What it finds is for looking at.
            Verb::Health(flags) => drop(health::shown(app, flags).await?),
            verb => verb::run(app, verb).await?,
        }
    }
    app.say("\nThat was the whole story. From its beginning: cargo run -p todos -- all --reset")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_can_be_typed() {
        for (line, _) in PARTS.iter().filter(|(line, _)| *line != APPLICATION) {
            let words = ["todos"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }
}
