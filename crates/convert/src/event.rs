//! What a conversion tells while it runs.

use std::pin::Pin;
use std::time::Duration;

use lab::Result;

/// The points of a conversion where its observer is asked to wait: where a kill, or a write of
/// somebody else, could do harm if the conversion were wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// State, log and trigger are committed; the target does not exist yet.
    LogReady,
    /// The target is made, nothing is copied.
    Prepared,
    /// A batch was copied.
    BatchCopied,
    /// The gentle way: all indexes stand, and no row.
    Keyed,
    /// All ranges were copied.
    Copied,
    /// Keys in the log were deleted from the target.
    LoggedKeysDeleted,
    /// All indexes stand.
    Indexed,
    /// Inside a catch-up's transaction: the batch of the log was read, the source was not yet.
    BatchTaken,
    /// A batch of the log was replayed and committed.
    BatchReplayed,
    /// Validated.
    Validated,
    /// Inside the swap's transaction, before the last catch-up.
    SwapLocked,
    /// Inside the swap's transaction, after the last catch-up and before the renames.
    LastReplayed,
    /// Inside the swap's transaction, before COMMIT.
    SwapBeforeCommit,
    /// The swap is committed; foreign keys are not validated yet.
    Swapped,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A step begins: `prepare`, `copy`, `index`, `catch up`, `validate`, `swap`, ….
    Begins(&'static str),
    /// It ended, with a sentence for people.
    Ended(&'static str, String, Duration),
    /// Progress within a step: done and total of its unit (blocks, indexes, log entries).
    Progress(u64, u64),
    /// A sentence worth reading: a lock attempt that failed, a pause.
    Note(String),
}

/// Who is told.
pub trait Observer {
    /// Something happened.
    fn tell(&self, event: Event);

    /// The conversion is at `point`, and waits for the answer. An error ends it there.
    fn at(&self, _point: Point) -> Pin<Box<dyn Future<Output = Result<()>> + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
