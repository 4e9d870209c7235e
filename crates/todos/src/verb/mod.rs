//! A file a verb.

pub mod all;
pub mod backup;
pub mod bench;
pub mod cutover;
pub mod grow;
pub mod health;
pub mod indexes;
pub mod maintain;
pub mod migrate;
pub mod partition;
pub mod restore;
pub mod retire;
pub mod schedule;
pub mod secure;
pub mod seed;
pub mod validate;

use lab::Result;
use lab::app::App;

use crate::cli::Verb;

/// Runs one.
pub async fn run(app: &App, verb: &Verb) -> Result<()> {
    match verb {
        Verb::All(flags) => Box::pin(all::run(app, flags)).await,
        Verb::Seed(flags) => seed::run(app, flags).await,
        Verb::Partition(flags) => partition::run(app, flags).await,
        Verb::Migrate(flags) => migrate::run(app, flags).await,
        Verb::Indexes(flags) => indexes::run(app, flags).await,
        Verb::Cutover(flags) => cutover::cutover(app, flags).await,
        Verb::Rollback => cutover::rollback(app).await,
        Verb::Finish(flags) => cutover::finish(app, flags).await,
        Verb::Maintain(flags) => maintain::run(app, flags).await,
        Verb::Health(flags) => health::health(app, flags).await,
        Verb::Stats(flags) => health::stats(app, flags).await,
        Verb::Schedule(flags) => schedule::run(app, flags),
        Verb::Grow(flags) => Box::pin(grow::run(app, flags)).await,
        Verb::Bench(flags) => Box::pin(bench::run(app, flags)).await,
        Verb::Backup(flags) => backup::run(app, flags).await,
        Verb::Retire(flags) => retire::run(app, flags).await,
        Verb::Restore(flags) => restore::run(app, flags).await,
        Verb::Secure(flags) => secure::run(app, flags).await,
        Verb::Validate => validate::run(app).await,
    }
}
