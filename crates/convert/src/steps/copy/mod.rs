//! Copy: what the source held when the triggers came, without locking anybody.

mod batch;
pub mod gentle;
mod throttle;
mod tid;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::report::{count, plural};
use lab::{Context, Result};

use self::batch::{Batch, Copier, End};
use self::throttle::Throttle;
use super::{prepare, transaction, workers};
use crate::event::{Event, Point};
use crate::state::{self, Conversion, Phase};
use crate::work::Work;

/// Copies every segment that is left. A sentence for people.
pub async fn copy(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let begun = Instant::now();
    let rows = loop {
        match once(work, conversion).await? {
            Some(progress) if progress.blocks == progress.all => break progress.rows,
            // The server has not noticed yet that a converter was killed, whose session has a segment.
            Some(_) => workers::pause(work, throttle::LOOK_AGAIN).await?,
            None => anew(work, conversion).await?,
        }
    };
    state::set_phase(work.session.client(), conversion, Phase::Copied).await?;
    work.observer.at(Point::Copied).await?;
    Ok(said(rows, begun.elapsed()))
}

/// For people.
fn said(rows: u64, elapsed: Duration) -> String {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rate = (rows as f64 / elapsed.as_secs_f64()) as u64;
    format!("{}, {} a second", plural(rows, "row"), count(rate))
}

/// `None` when the source was rewritten meanwhile: its rows are in other places now.
async fn once(work: &Work<'_>, conversion: &Conversion) -> Result<Option<Progress>> {
    let copier = Copier::new(work, conversion).await?;
    let (throttle, progress) =
        (Throttle::new(work), RefCell::new(Progress::read(work, conversion).await?));
    let ended = workers::each(work, work.pace.workers, async |number, session| {
        worker(work, session, End::of(number), &copier, &throttle, &progress).await
    })
    .await?;
    if ended.contains(&Ended::Rewritten) {
        return Ok(None);
    }
    let progress = Progress::read(work, conversion).await?;
    Ok(Some(progress))
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    NothingLeft,
    Rewritten,
}

async fn worker(
    work: &Work<'_>,
    session: &Session,
    end: End,
    copier: &Copier,
    throttle: &Throttle,
    progress: &RefCell<Progress>,
) -> Result<Ended> {
    let mut blocks = batch::FIRST_BLOCKS;
    loop {
        throttle.wait(work, session).await?;
        if progress.borrow().rewritten {
            return Ok(Ended::Rewritten);
        }
        let begun = Instant::now();
        let batch =
            workers::uninterrupted(work, session, copier.next(session.client(), end, blocks))
                .await?;
        match batch {
            Batch::NothingLeft => return Ok(Ended::NothingLeft),
            Batch::Rewritten => {
                progress.borrow_mut().rewritten = true;
                return Ok(Ended::Rewritten);
            }
            Batch::Copied { blocks: done, rows } => {
                let (now, all) = progress.borrow_mut().add(done, rows);
                work.observer.tell(Event::Progress(now, all));
                work.observer.at(Point::BatchCopied).await?;
                let most = throttle.most_blocks(rows, done);
                blocks = batch::adapted(done, begun.elapsed(), work.pace.batch).min(most);
                throttle.copied(work, rows).await?;
            }
        }
    }
}

/// VACUUM FULL or CLUSTER gave the rows other places: all is copied again. The log stays, and names
/// what changed since the triggers came.
async fn anew(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    work.observer.tell(Event::Note(format!(
        "{} was rewritten while it was copied (VACUUM FULL, CLUSTER): it is copied again from its beginning",
        conversion.name()
    )));
    let target = super::table_name(client, conversion, state::Side::Target).await?;
    transaction::begin(client).await?;
    let emptying = async {
        client
            .batch_execute(&format!("TRUNCATE {target}"))
            .await
            .context(|| format!("cannot empty {target}"))?;
        prepare::write_segments(client, conversion, work.pace.workers).await
    };
    transaction::ended(client, emptying.await).await
}

/// Over all workers, earlier runs included.
struct Progress {
    blocks: u64,
    all: u64,
    rows: u64,
    rewritten: bool,
}

impl Progress {
    async fn read(work: &Work<'_>, conversion: &Conversion) -> Result<Self> {
        let what = || "cannot see what is left to copy";
        let row = work
            .session
            .client()
            .query_one(
                "SELECT coalesce(sum(next_block - first_block), 0)::bigint,
                        coalesce(sum(end_block - first_block), 0)::bigint,
                        coalesce(sum(rows), 0)::bigint
                 FROM partition_convert.segments WHERE conversion = $1",
                &[&conversion.id],
            )
            .await
            .context(what)?;
        let number = |index| row.try_get::<_, i64>(index).context(what).map(i64::unsigned_abs);
        Ok(Self { blocks: number(0)?, all: number(1)?, rows: number(2)?, rewritten: false })
    }

    fn add(&mut self, blocks: u64, rows: u64) -> (u64, u64) {
        self.blocks += blocks;
        self.rows += rows;
        (self.blocks, self.all)
    }
}
