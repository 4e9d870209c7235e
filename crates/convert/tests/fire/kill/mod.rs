//! Converters and servers that are killed: the next run finishes, nothing is lost or doubled, and
//! `abort` leaves the source as it was.

mod anywhere;
mod at_each_point;
mod process;
mod server;
mod shapes;

use std::thread;

use convert::event::Point;
use lab::Result;
use testbed::Database;
use tokio::sync::{Notify, oneshot};

use crate::converter::{Converter, Job, Verb};
use crate::observer::At;

/// How many kills are wanted of a test that makes `default` of them in the gate.
fn kills(default: usize) -> usize {
    match std::env::var("CONVERT_KILLS") {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => default,
    }
}

/// When a converter is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The so-many-th time that it is at this point, from 0.
    At(Point, usize),
    /// When [`Notify`] says so.
    Told,
}

/// Runs a verb in a thread of its own and ends it as SIGKILL would: at `moment` all its tasks and
/// connections are gone at once, in the middle of whatever they did. `None` when it was killed, else
/// how it ended before.
async fn killed(
    database: &Database,
    job: &Job,
    verb: Verb,
    moment: Moment,
    told: &std::sync::Arc<Notify>,
) -> Option<Result<()>> {
    let (database, job, told) = (database.clone(), job.clone(), told.clone());
    let (done, ended) = oneshot::channel();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let now = Notify::new();
        let visits = std::cell::Cell::new(0);
        let converting = async {
            let observer = At::new(|point| {
                let kill = match moment {
                    Moment::At(wanted, visit) if point == wanted => {
                        visits.replace(visits.get() + 1) == visit
                    }
                    _ => false,
                };
                let now = &now;
                async move {
                    if kill {
                        now.notify_one();
                        std::future::pending::<()>().await;
                    }
                    Ok(())
                }
            });
            let mut converter = Converter::on(&database, job, &observer).await;
            converter.carry_out(verb).await
        };
        let result = runtime.block_on(async {
            tokio::select! {
                result = converting => Some(result),
                () = now.notified() => None,
                () = told.notified() => None,
            }
        });
        // Tasks are dropped without another word to the server.
        drop(runtime);
        let _ = done.send(result);
    });
    let result = ended.await.expect("the converter's thread panicked");
    thread.join().expect("it ended");
    result
}
