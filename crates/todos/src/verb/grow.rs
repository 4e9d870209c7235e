//! `todos grow`: each hash bucket of the active todos is replaced by its halves, one at a time, through `convert`'s engine.

use std::collections::BTreeMap;
use std::time::Instant;

use convert::busy;
use convert::event::{Event, Observer};
use convert::request::{Level, Request, Shape};
use convert::shape::{self, Bucket, Buckets, Subject};
use convert::state;
use convert::steps;
use convert::swap;
use convert::work::{Pace, Work};
use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Progress, duration, plural};
use lab::{Context, Error, Result};
use serde::Serialize;

use crate::cli::Grow;
use crate::stage::Stage;
use crate::verb::maintain;

const TABLE: &str = "todo_app.todos_active";

/// As JSON.
#[derive(Debug, Default, Serialize)]
struct Document {
    partitions: u32,
    /// Buckets that were divided by this run.
    divided: u32,
    /// The longest that a swap kept everybody out.
    longest_lock_ms: f64,
    elapsed_ms: f64,
}

/// Divides all buckets that are larger than wanted.
pub async fn run(app: &App, flags: &Grow) -> Result<()> {
    let begun = Instant::now();
    if !flags.partitions.is_power_of_two() {
        return Err(Error::usage(format!("--partitions {} is no power of two", flags.partitions))
            .next("cargo run -p todos -- grow --partitions 32"));
    }
    let mut session = app.connect().await?;
    Stage::read(&session).await?.at_least(Stage::CutOver)?;
    maintain::install(app, &session, flags.scripts.scripts.clone()).await?;
    let wanted = Request {
        shape: Shape::Table,
        levels: vec![Level::Hash { column: "user_id".to_owned(), partitions: flags.partitions }],
        default: false,
        ahead: 0,
        time_zone: None,
        names: Vec::new(),
        unique: BTreeMap::new(),
        accept: Vec::new(),
    };
    let Subject::Buckets(buckets) = shape::subject(session.client(), TABLE, None, wanted).await?
    else {
        return Err(Error::failed(format!("todos_active cannot have {} partitions", flags.partitions))
            .because("some of its partitions have more, or are no buckets of one of these moduli: 1, 2, 4, 8, …")
            .next("cargo run -p todos -- stats"));
    };
    let gently = busy::in_use(session.client()).await?.is_some();
    let pace = if gently { Pace::default().gently() } else { Pace::default() };
    let document = divide(app, &mut session, pace, &buckets).await?;
    let elapsed = begun.elapsed();
    let document = Document {
        partitions: flags.partitions,
        elapsed_ms: report::milliseconds(elapsed),
        ..document
    };
    app.json(&document)?;
    app.say(match document.divided {
        0 => format!("todos_active has {} partitions already", flags.partitions),
        divided => format!(
            "todos_active has {} partitions now: {} divided in {}, the longest lock {:.1} ms",
            flags.partitions,
            plural(divided.into(), "bucket"),
            duration(elapsed),
            document.longest_lock_ms
        ),
    })
}

/// One after the other; killed, the next run goes on with the one that it was at.
async fn divide(
    app: &App,
    session: &mut Session,
    pace: Pace,
    buckets: &Buckets,
) -> Result<Document> {
    let bar = Progress::spinner("looking at the buckets");
    let observer = Bar(&bar);
    let mut work = Work::new(session, &app.interrupt, pace, &observer);
    let mut document = Document::default();
    buckets.finish(&work).await?;
    settle(&mut work).await?;
    while let Some(mut bucket) = buckets.next(work.session.client()).await? {
        bucket.request.names = names(&bucket);
        let done = format!("bucket {} of {}", bucket.remainder, bucket.modulus);
        bar.message(format!("{done}, {} to go", bucket.after));
        let conversion = steps::to_ready(&work, bucket.oid, &bucket.request).await?;
        let swapped = swap::swap(&work, &conversion).await?;
        settle(&mut work).await?;
        let conversion = state::reload(work.session.client(), conversion.id).await?;
        swap::finish(&work, &conversion, false).await?;
        note(&work, &bucket).await?;
        document.divided += 1;
        document.longest_lock_ms = document.longest_lock_ms.max(report::milliseconds(swapped.held));
    }
    bar.finish();
    Ok(document)
}

/// `todos_active_part_03` becomes `…_03` and `…_19`.
fn names(bucket: &Bucket) -> Vec<String> {
    let parts = match bucket.request.levels.first() {
        Some(Level::Hash { partitions, .. }) => *partitions,
        _ => 1,
    };
    let remainders = (0..parts).map(|n| bucket.remainder + n * bucket.modulus);
    remainders.map(|remainder| format!("todos_active_part_{remainder:02}")).collect()
}

async fn settle(work: &mut Work<'_>) -> Result<()> {
    let what = || "cannot settle the new partitions of todos_active";
    let settle = "SELECT todo_app.settle_partitions()";
    work.session.client().execute(settle, &[]).await.context(what).map(drop)
}

async fn note(work: &Work<'_>, bucket: &Bucket) -> Result<()> {
    let what = || "cannot note what was divided";
    let into = names(bucket).join(", ");
    let note = "SELECT todo_app.note_history('grow', 'todos_active', 0, $1)";
    work.session
        .client()
        .execute(note, &[&format!("divided into {into}")])
        .await
        .context(what)
        .map(drop)
}

/// What the engine notes of a bucket is soon of no interest: it passes by beside the bar.
struct Bar<'a>(&'a Progress);

impl Observer for Bar<'_> {
    fn tell(&self, event: Event) {
        if let Event::Note(note) = event {
            self.0.message(note);
        }
    }
}
