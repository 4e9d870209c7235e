//! `demo check`: all lessons, and nothing said of those that hold.

use lab::app::App;
use lab::report::Progress;
use lab::script::Scripts;
use lab::{Error, Result};
use serde::Serialize;

use crate::cli::Cli;
use crate::document::{Document, LessonDocument};
use crate::lesson::{Lesson, lessons};
use crate::outcome::take;
use crate::run::{connect, failure};
use crate::show;
use crate::topic::Topic;

/// What `--format json` prints.
#[derive(Debug, Serialize)]
pub struct CheckDocument {
    /// The server's.
    version: String,
    lessons: usize,
    /// Lessons that had something to expect: those on partitioned tables.
    pub checked: usize,
    pub held: usize,
    pub failed: Vec<Failed>,
    /// Whether every lesson was checked and holds.
    pub ok: bool,
}

/// A lesson that does not hold.
#[derive(Debug, Serialize)]
pub struct Failed {
    topic: &'static str,
    lesson: String,
    title: String,
    pub expected: String,
    pub found: String,
}

/// Takes all lessons; an error unless every one holds.
pub async fn run(cli: &Cli, app: &App) -> Result<()> {
    if cli.html.is_some() {
        return Err(Error::usage("demo check writes no page")
            .next("cargo run -p demo -- all --html lessons.html"));
    }
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

impl CheckDocument {
    pub fn new(version: &str, document: &Document) -> Self {
        let (lessons, checked) = (document.lessons.len(), document.checked());
        let failed: Vec<Failed> = document.lessons.iter().filter_map(Failed::of).collect();
        Self {
            version: version.to_owned(),
            lessons,
            checked,
            held: checked - failed.len(),
            ok: failed.is_empty() && checked == lessons,
            failed,
        }
    }
}

impl Failed {
    /// Topic and lesson, as its title shows them.
    pub fn name(&self) -> String {
        format!("{} · {}", self.topic, self.lesson)
    }

    fn of(lesson: &LessonDocument) -> Option<Self> {
        let expected = lesson.expected.as_ref().filter(|_| !lesson.ok)?;
        Some(Self {
            topic: lesson.topic,
            lesson: lesson.lesson.clone(),
            title: lesson.title.clone(),
            expected: expected.text.clone(),
            found: lesson.found.clone(),
        })
    }
}
