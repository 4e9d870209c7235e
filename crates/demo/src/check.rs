//! `demo check`: all lessons, and nothing said of those that hold.

use lab::app::App;
use lab::report::Progress;
use lab::script::Scripts;
use lab::{Error, Result};

use crate::cli::Cli;
use crate::document::{CheckDocument, Document, LessonDocument};
use crate::lesson::{Lesson, lessons};
use crate::outcome::take;
use crate::run::{connect, failure};
use crate::show;
use crate::topic::Topic;

/// Takes all lessons; an error unless every one holds.
pub async fn run(cli: &Cli, app: &App) -> Result<()> {
    let scripts = Scripts::new(cli.scripts.clone())?;
    let mut all: Vec<(Topic, Lesson)> = Vec::new();
    for topic in Topic::ALL {
        let of_topic = lessons(&scripts.load(topic.file())?)?;
        all.extend(of_topic.into_iter().map(|lesson| (topic, lesson)));
    }
    let mut session = connect(app).await?;
    let progress = Progress::bar(all.len() as u64, "");
    let mut document = Document::default();
    for (topic, lesson) in &all {
        progress.message(format!("{} · {}", topic.name(), lesson.slug));
        let outcome = take(lesson, false, app, &mut session).await?;
        document.push(LessonDocument::new(topic.name(), lesson, &outcome));
        progress.advance();
    }
    progress.finish();
    let check = CheckDocument::new(&session.server().version.to_string(), &document);
    app.json(&check)?;
    app.say(show::checked(&check, &document))?;
    match (check.ok, check.checked) {
        (true, _) => Ok(()),
        (false, 0) => Err(Error::failed("nothing was checked")
            .because("the tables are not partitioned")
            .next("cargo run -p setup")),
        (false, _) if check.failed.is_empty() => Err(Error::failed("not all lessons were checked")
            .because("some tables are not partitioned")
            .next("cargo run -p setup")),
        (false, _) => Err(failure(&document)),
    }
}
