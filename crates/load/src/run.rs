//! A run from its first question to the server to its summary.

use std::sync::Arc;
use std::time::Duration;

use lab::app::App;
use lab::connect::Session;
use lab::output_file::OutputFile;
use lab::report::server_line;
use lab::{Error, Result};
use serde::Serialize;
use tokio_postgres::error::SqlState;

use crate::before::Before;
use crate::cli::{Cli, announcement};
use crate::engine::{self, End, Job, Outcome};
use crate::eyes::Eyes;
use crate::rows::Source;
use crate::stats::{Outage, Stats, TableStats};
use crate::verify::{self, Verdict};
use crate::{tables, view};

/// Runs `job` into `sources` and reports it.
pub async fn run(
    cli: &Cli,
    app: &App,
    session: Session,
    job: Job,
    sources: Arc<Vec<Source>>,
) -> Result<()> {
    let html = cli.page()?;
    html.as_ref().map_or(Ok(()), OutputFile::check)?;
    cli.csv.as_deref().map_or(Ok(()), |path| view::Csv::check(path, cli.force))?;
    let mut nothing = Vec::<TableStats>::new();
    for source in sources.iter() {
        nothing.push(tables::nothing_yet(&session, source).await?);
    }
    let look = Before::look(cli.verify, &job, &session, &sources, &nothing);
    let before = app.read(&session, BEFORE, look).await?;
    let (doing, server) = (announcement(&job), server_line(session.server()));
    let mut eyes = Eyes::open(cli, &job, server.clone(), doing.clone())?;
    let started = jiff::Timestamp::now();
    let Outcome { mut stats, ever, end, all_down } =
        engine::run(job, sources.clone(), nothing, &session, &app.interrupt, &mut eyes).await?;
    let session = before.session(session, &mut stats).await;
    // Before rows are counted, which may take long, and which a second Ctrl-C ends.
    app.say(view::summary(&stats))?;
    let verdicts = before.verdicts(session, &sources, &ever).await;
    let held = verdicts.as_ref().ok().and_then(Option::as_deref);
    app.json(&Document { run: view::document(&stats), verify: held })?;
    if let Some(verdicts) = held {
        app.say(format!("\n{}", verify::render(verdicts)))?;
    }
    if let Some(html) = &html {
        let arguments = std::env::args_os();
        let command = command_line(arguments.map(|word| word.to_string_lossy().into_owned()));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        view::write_html(html, &stats, &view::Run { doing, command, server, started, version })?;
    }
    if let Some(verdicts) = held {
        verify::check(verdicts)?;
    }
    ended(end, &stats, all_down, cli.max_errors)?;
    verdicts.map(drop)
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    run: view::Document<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verify: Option<&'a [Verdict]>,
}

/// The command as it was typed, but for what a URL may contain.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let mut typed = vec!["load".to_owned()];
    let mut secret = false;
    for argument in arguments.skip(1) {
        let url = argument.starts_with("--database-url=");
        typed.push(if secret || url { "…".to_owned() } else { argument.clone() });
        secret = argument == "--database-url";
    }
    typed.join(" ")
}

/// What a read before the run says when it is interrupted.
pub const BEFORE: &str = "before the first insert";

/// Whether the run did what it was to do.
pub fn ended(end: End, stats: &Stats, all_down: bool, max_errors: Option<u64>) -> Result<()> {
    let in_time = matches!(end, End::Time);
    match end {
        End::Error(error) => return Err(error),
        End::Interrupt => {
            return Err(Error::interrupted(
                "interrupted; the rows counted above are in the tables",
            ));
        }
        End::TooManyErrors | End::Time | End::Rows => {}
    }
    let refused = stats.errors.total();
    if refused > max_errors.unwrap_or(0) {
        let error = Error::failed(format!("{refused} of the inserts failed"))
            .detail("SQLSTATE", &stats.errors);
        let mut codes = stats.errors.iter().map(|refused| SqlState::from_code(&refused.sqlstate));
        let advice = codes.find_map(|code| lab::sqlstate::advice(&code));
        return Err(error
            .next(advice.unwrap_or("look into what refuses them, or allow some: --max-errors N")));
    }
    match stats.outages.last() {
        Some(Outage { lasted_s: None, at_s, cause, .. }) if in_time && all_down => {
            let since = Duration::from_secs_f64((stats.elapsed.as_secs_f64() - at_s).max(0.0));
            let last = lab::report::duration(since);
            Err(Error::failed(format!("the server took no inserts in the last {last}"))
                .because(cause)
                .next(lab::sqlstate::CONNECTION_LOST))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_not_repeated() {
        let typed = |words: &str| command_line(words.split(' ').map(str::to_owned));
        assert_eq!(typed("/bin/load 0 5 --copy"), "load 0 5 --copy");
        for url in ["--database-url postgresql://a:b@c", "--database-url=postgresql://a:b@c"] {
            let line = typed(&format!("load 0 {url} 5"));
            assert!(!line.contains("a:b") && line.ends_with("… 5"), "{line}");
        }
    }
}
