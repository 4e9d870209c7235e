//! Writers and readers at work on one table.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use testbed::until;
use tokio::task::JoinHandle;
use tokio_postgres::Config;

use crate::reader::{Reader, read};
use crate::table::{Table, WRITERS};
use crate::writer::{Shared, Writer};

/// Long enough on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What goes on while a conversion runs.
pub struct Fire {
    pub shared: Arc<Shared>,
    writers: Vec<JoinHandle<Writer>>,
    reader: JoinHandle<()>,
}

impl Fire {
    pub async fn open(server: &Config, table: &Arc<Table>) -> Self {
        let mut writers = Vec::new();
        for number in 1..=WRITERS {
            writers.push(Writer::new(server, table, number).await);
        }
        Self::with(writers, server, table).await
    }

    /// With writers who have written before.
    pub async fn with(writers: Vec<Writer>, server: &Config, table: &Arc<Table>) -> Self {
        let shared = Arc::new(Shared::default());
        let reader = read(Reader::new(server, table).await, shared.clone());
        let write = |writer: Writer| tokio::spawn(writer.write(shared.clone()));
        let writers = writers.into_iter().map(write).collect();
        Self { shared: shared.clone(), writers, reader: tokio::spawn(reader) }
    }

    /// Waits until so many more transactions were committed. Panics when a writer or reader did.
    pub async fn commits(&self, more: u64) {
        let due = self.shared.commits.load(Ordering::SeqCst) + more;
        until(LIMIT, "writers go on", async || {
            self.shared.commits.load(Ordering::SeqCst) >= due || self.is_over()
        })
        .await;
        assert!(!self.is_over(), "a writer or reader failed");
    }

    /// Whether somebody ended who was not asked to.
    fn is_over(&self) -> bool {
        self.reader.is_finished() || self.writers.iter().any(JoinHandle::is_finished)
    }

    /// Waits until the reader gave up, and says why.
    pub async fn reads_fail(self) {
        joined(self.reader).await;
    }

    /// Ends all. The writers, who know what must be in the table now.
    pub async fn end(self) -> Vec<Writer> {
        self.shared.stop.store(true, Ordering::SeqCst);
        let mut writers = Vec::new();
        for writer in self.writers {
            writers.push(joined(writer).await);
        }
        joined(self.reader).await;
        writers
    }

    /// Ends all, and asserts that the writers find what they wrote.
    pub async fn cease(self, server: &Config) {
        for writer in self.end().await {
            writer.check(server).await;
        }
    }
}

async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(ended) => ended,
        Err(error) => resume_unwind(error.into_panic()),
    }
}
