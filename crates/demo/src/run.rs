//! Lessons one after the other: measure, compare, show.

use lab::app::App;
use lab::catalog::{self, RowCount, Tree};
use lab::connect::Session;
use lab::plan::{Explained, Fate, Plan, Touched};
use lab::report;
use lab::script::Scripts;
use lab::{Error, Result, mark};

use crate::baseline::on_old_tables;
use crate::cli::Cli;
use crate::document::{Document, LessonDocument};
use crate::expectation::Finding;
use crate::lesson::{Lesson, lessons};
use crate::measure::measure;
use crate::show;
use crate::topic::Topic;

/// A lesson with what was measured.
pub struct Outcome {
    /// The partitioned tables in the plan; empty for single tables.
    pub touched: Vec<Touched>,
    /// The plan of the query.
    pub plan: Plan,
    /// The plan of the same query on the tables before partitioning.
    pub baseline: Option<Plan>,
    /// What the plan showed of the lesson's table.
    pub finding: Finding,
    /// Whether the lesson's table is partitioned: only then is there anything to expect.
    pub partitioned: bool,
    /// Whether what the lesson promises holds; also true when there is nothing to expect.
    pub ok: bool,
}

/// Runs the lessons of `topics`.
pub async fn run(topics: &[Topic], cli: &Cli, app: &App) -> Result<()> {
    let scripts = Scripts::new(cli.scripts.clone())?;
    let mut session = app.connect().await?;
    // Some lessons write; what they write is rolled back, but not into somebody else's tables.
    let tables: Vec<&str> = Topic::ALL.iter().filter_map(|topic| topic.table()).collect();
    mark::require(&session, &tables).await?;
    let mut document = Document::default();
    for topic in topics {
        app.say(app.read(&session, "while counting rows", statistics(*topic, &session)).await?)?;
        for lesson in lessons(&scripts.load(topic.file())?)? {
            let outcome = take(&lesson, cli, app, &mut session).await?;
            app.say(show::lesson(topic.name(), &lesson, &outcome))?;
            document.push(LessonDocument::new(topic.name(), &lesson, &outcome));
            if cli.step {
                report::pause("Enter goes on, Ctrl-C ends", &app.interrupt).await?;
            }
        }
    }
    app.json(&document)?;
    app.say(show::closing(&document))?;
    if document.ok {
        return Ok(());
    }
    let what = match document.failed() {
        1 => "1 lesson does not hold".to_owned(),
        failed => format!("{failed} lessons do not hold"),
    };
    Err(Error::failed(what)
        .next("cargo run -p repartition -- cleanup    (when the partitions are not those of setup)")
        .next("cargo run -p setup -- --reset          (when rows were changed by hand)"))
}

/// The partitions of the topic's table.
async fn statistics(topic: Topic, session: &Session) -> Result<String> {
    let Some(name) = topic.table() else { return Ok(show::topic(topic, None)) };
    let tree = table(session, name, RowCount::Exact).await?;
    Ok(show::topic(topic, Some(&tree)))
}

async fn table(session: &Session, name: &str, rows: RowCount) -> Result<Tree> {
    let tree = catalog::tree(session.client(), name, rows).await?;
    tree.ok_or_else(|| {
        Error::failed(format!("there is no table {name}")).next("cargo run -p setup")
    })
}

async fn take(lesson: &Lesson, cli: &Cli, app: &App, session: &mut Session) -> Result<Outcome> {
    let what = |error: Error| error.detail("lesson", format!("{} ({})", lesson.slug, lesson.title));
    let tree = table(session, &lesson.table, RowCount::Estimated).await?;
    let Explained { plan, touched } =
        measure(session, &app.interrupt, &lesson.before, &lesson.query).await.map_err(what)?;
    let partitioned = !tree.is_leaf();
    let finding = finding(lesson, &tree, &plan, &touched);
    let baseline = if cli.no_baseline {
        None
    } else {
        baseline(lesson, &touched, app, session).await.map_err(what)?
    };
    let ok = !partitioned || lesson.expectation.holds(&finding);
    Ok(Outcome { touched, plan, baseline, finding, partitioned, ok })
}

/// What the plan showed of the lesson's table.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn finding(lesson: &Lesson, tree: &Tree, plan: &Plan, touched: &[Touched]) -> Finding {
    let rows = plan.rows() as u64;
    let of_table = touched.iter().find(|touched| touched.oid == tree.oid);
    let count = |fate| of_table.map_or(0, |touched| touched.count(fate));
    let scanned = match of_table {
        Some(touched) => touched.count(Fate::Scanned),
        // A single table is read when it is in the plan.
        None => plan
            .nodes()
            .filter_map(lab::plan::Node::scanned)
            .any(|name| name.name == lesson.table)
            .into(),
    };
    Finding {
        scanned,
        total: tree.leaf_count(),
        at_plan: count(Fate::PrunedAtPlan),
        at_start: count(Fate::PrunedAtStart),
        never_executed: count(Fate::NeverExecuted),
        rows,
    }
}

/// The same statements on the old tables, where all that the query reads have one.
async fn baseline(
    lesson: &Lesson,
    touched: &[Touched],
    app: &App,
    session: &mut Session,
) -> Result<Option<Plan>> {
    let tables: Vec<String> = touched.iter().map(|touched| touched.table.name.clone()).collect();
    for table in &tables {
        if catalog::find_table(session.client(), &format!("{table}_old")).await?.is_none() {
            return Ok(None);
        }
    }
    let renamed: Option<Vec<String>> =
        lesson.before.iter().map(|sql| on_old_tables(sql, &tables)).collect();
    let (Some(before), Some(query)) = (renamed, on_old_tables(&lesson.query, &tables)) else {
        return Ok(None);
    };
    if tables.is_empty() {
        return Ok(None);
    }
    let explained = measure(session, &app.interrupt, &before, &query).await?;
    Ok(Some(explained.plan))
}
