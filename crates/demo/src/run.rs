//! Lessons one after the other: measure, compare, show.

use lab::app::App;
use lab::catalog::RowCount;
use lab::connect::Session;
use lab::output_file::OutputFile;
use lab::report;
use lab::script::Scripts;
use lab::{Error, Result, mark};

use crate::cli::Cli;
use crate::document::{Document, LessonDocument};
use crate::lesson::lessons;
use crate::outcome::{table, take};
use crate::page::{self, Taken};
use crate::show;
use crate::topic::{Subject, Topic};

/// Runs the lessons of `topics`.
pub async fn run(topics: &[Topic], cli: &Cli, app: &App) -> Result<()> {
    let html = cli.page();
    html.as_ref().map_or(Ok(()), OutputFile::check)?;
    let scripts = Scripts::new(cli.scripts.clone())?;
    let mut session = connect(app).await?;
    let mut document = Document::default();
    let mut taken = Vec::new();
    for topic in topics {
        app.say(app.read(&session, "while counting rows", statistics(*topic, &session)).await?)?;
        for lesson in lessons(&scripts.load(topic.file())?)? {
            let outcome = take(&lesson, !cli.no_baseline, app, &mut session).await?;
            app.say(show::lesson(topic.name(), &lesson, &outcome))?;
            document.push(LessonDocument::new(topic.name(), &lesson, &outcome));
            taken.push(Taken { topic: *topic, lesson, outcome });
            if cli.step {
                report::pause("Enter goes on, Ctrl-C ends", &app.interrupt).await?;
            }
        }
    }
    app.json(&document)?;
    app.say(show::closing(&document))?;
    let about = page::About::now(&session);
    page::write(html.as_ref(), app, || page::lessons(&taken, &about))?;
    if document.ok { Ok(()) } else { Err(failure(&document)) }
}

/// A session to take lessons in.
pub async fn connect(app: &App) -> Result<Session> {
    let session = app.connect().await?;
    // Some lessons write; what they write is rolled back, but not into somebody else's tables.
    mark::require(&session, &Topic::tables()).await?;
    Ok(session)
}

/// The error when not all lessons hold.
pub fn failure(document: &Document) -> Error {
    let what = match document.failed() {
        1 => "1 lesson does not hold".to_owned(),
        failed => format!("{failed} lessons do not hold"),
    };
    Error::failed(what)
        .next("cargo run -p repartition -- cleanup    (when the partitions are not those of setup)")
        .next("cargo run -p setup -- --reset          (when rows were changed by hand)")
}

/// What stands above the lessons of a topic.
async fn statistics(topic: Topic, session: &Session) -> Result<String> {
    let tree = match topic.subject() {
        Subject::Table(name) => Some(table(session, name, RowCount::Exact).await?),
        Subject::Words(_) => None,
    };
    Ok(show::topic(topic, tree.as_ref()))
}
