//! One lesson on this server: what it shows, and whether it holds.

use lab::app::App;
use lab::catalog::{self, RowCount, Tree};
use lab::connect::Session;
use lab::plan::Plan;
use lab::{Error, Result};

use crate::baseline::{names, on_old_tables, without_old};
use crate::expectation::Expectation;
use crate::finding::Finding;
use crate::lesson::Lesson;
use crate::measure::{Measured, measure};

/// A lesson with what was measured.
pub struct Outcome {
    /// What the lesson promises on a server of this version.
    pub expected: Expectation,
    /// What it promises on others, with their names.
    pub elsewhere: Vec<(String, Expectation)>,
    /// Whether the lesson's table is partitioned: only then is there anything to expect.
    pub partitioned: bool,
    /// How many leaves the lesson's table has.
    pub total: usize,
    /// What was seen, or why the server refused to run the lesson.
    pub seen: Result<Seen, String>,
    /// Whether what the lesson promises holds; also true when there is nothing to expect.
    pub ok: bool,
}

/// What was seen of a lesson.
pub struct Seen {
    /// The query: its plan, the partitioned tables in it (none for single tables), what it wrote.
    pub measured: Measured,
    /// The plan of the same query on the tables before partitioning.
    pub baseline: Option<Plan>,
    /// What the lesson may speak of.
    pub finding: Finding,
}

impl Outcome {
    /// What was found, in the words of the expectation.
    pub fn found(&self) -> String {
        match &self.seen {
            Ok(seen) => self.expected.answer(&seen.finding).to_string(),
            Err(refusal) => format!("it cannot run: {refusal}"),
        }
    }
}

/// Runs a lesson, and where asked its query on the tables before partitioning.
pub async fn take(
    lesson: &Lesson,
    with_baseline: bool,
    app: &App,
    session: &mut Session,
) -> Result<Outcome> {
    let what = |error: Error| error.detail("lesson", format!("{} ({})", lesson.slug, lesson.title));
    let tree = table(session, &lesson.table, RowCount::Estimated).await?;
    let measured = measure(session, &app.interrupt, &lesson.before, &lesson.query).await;
    let seen = match unless_missing(measured).map_err(what)? {
        Err(refusal) => Err(refusal),
        Ok(measured) => {
            let baseline = if with_baseline {
                baseline(lesson, &measured, app, session).await.map_err(what)?
            } else {
                None
            };
            Ok(Seen { finding: Finding::new(&tree, &measured), measured, baseline })
        }
    };
    let major = session.server().version.major();
    let expected = lesson.expectations.on(major);
    let partitioned = !tree.is_leaf();
    let holds = seen.as_ref().is_ok_and(|seen| expected.holds(&seen.finding));
    let elsewhere = lesson.expectations.elsewhere(major).into_iter();
    Ok(Outcome {
        expected: expected.clone(),
        elsewhere: elsewhere.map(|(versions, other)| (versions, other.clone())).collect(),
        partitioned,
        total: tree.leaf_count(),
        seen,
        ok: !partitioned || holds,
    })
}

/// The table with its partitions.
pub async fn table(session: &Session, name: &str, rows: RowCount) -> Result<Tree> {
    // Those of setup are in public, wherever else the user's sessions look.
    let qualified = if name.contains('.') { name.to_owned() } else { format!("public.{name}") };
    let tree = catalog::tree(session.client(), &qualified, rows).await?;
    tree.ok_or_else(|| {
        Error::failed(format!("there is no table {name}")).next("cargo run -p setup")
    })
}

/// The server's message instead of an error where a lesson needs a table or an index that is not
/// there, or is not partitioned: the tables are not those of setup. All else stays an error.
fn unless_missing<T>(result: Result<T>) -> Result<Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.refusal() {
            Some((state, message)) if is_of_objects(state) => Ok(Err(message.to_owned())),
            _ => Err(error),
        },
    }
}

/// Whether this SQLSTATE is about objects: what is missing, of another kind, or not partitioned. Not
/// a syntax error, which is the file's fault, nor a missing privilege.
fn is_of_objects(state: &str) -> bool {
    state.starts_with("42") && !["42601", "42501"].contains(&state)
}

/// The same statements on the old tables, where all that the query reads have one, and where they
/// mean something on tables without partitions.
async fn baseline(
    lesson: &Lesson,
    measured: &Measured,
    app: &App,
    session: &mut Session,
) -> Result<Option<Plan>> {
    let tables = names(&measured.explained.touched);
    if tables.is_empty() || without_old(session, &measured.explained.touched).await?.is_some() {
        return Ok(None);
    }
    let renamed: Option<Vec<String>> =
        lesson.before.iter().map(|sql| on_old_tables(sql, &tables)).collect();
    let (Some(before), Some(query)) = (renamed, on_old_tables(&lesson.query, &tables)) else {
        return Ok(None);
    };
    let measured = measure(session, &app.interrupt, &before, &query).await;
    Ok(unless_missing(measured)?.ok().map(|measured| measured.explained.plan))
}
