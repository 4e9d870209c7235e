//! Who held and who waited for which lock on some tables, while something ran.
//!
//! [`watch`] looks at `pg_locks` and `pg_stat_activity` every few milliseconds on a session of its
//! own, and puts the samples together to a [`Timeline`].
//!
//! # What sampling misses
//!
//! A lock that comes and goes between two looks is not seen at all. Of one that is seen, its first
//! and last sighting are known; it may have been held for up to one more interval on either side
//! ([`Span::at_most`]). Where the server says when a wait began (`pg_locks.waitstart`), that is
//! exact, so only its end is uncertain. A look itself takes time, more when many sessions wait, and
//! happened at any moment of that time; [`Cost`] says how long, and how far apart the looks were.
//! Whoever must know that *nobody ever* waited longer than this or that has to time the statements
//! themselves.
//!
//! The look takes ACCESS SHARE on system catalogs only, for which nobody waits in ordinary life,
//! and the latches of the lock manager for a moment. Waits for rows (`transactionid`, `tuple`) and
//! advisory locks are no locks on tables and are not in the timeline.

mod assemble;
mod mode;
mod timeline;
mod watch;

pub use assemble::{Assembly, Sample, Seen, Waiting};
pub use mode::Mode;
pub use timeline::{Cost, Held, Relation, Session, Span, Timeline, Wait};
pub use watch::{Watch, watch};
