//! Detaches partitions that are too old, and drops them if that is wished.

use lab::catalog::Name;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::node::{Node, Old};
use crate::attempt::{Attempts, is_conflict};
use crate::moves::literal;
use crate::shape::brief::briefly;
use crate::work::Work;

impl Node {
    /// Lets the old partitions go, one after the other; `gone` hears of each.
    pub(super) async fn retire(
        &self,
        work: &Work<'_>,
        drop: bool,
        mut gone: impl FnMut(&Old),
    ) -> Result<()> {
        for old in &self.retire {
            if drop {
                self.mark(work.session.client(), old).await?;
            }
            // DETACH … CONCURRENTLY is refused while there is a DEFAULT partition.
            match &self.default {
                Some(default) if !old.pending => self.detach(work, old, default).await?,
                _ => self.detach_concurrently(work, old).await?,
            }
            if drop {
                drop_table(work, &old.name).await?;
            }
            gone(old);
        }
        Ok(())
    }

    /// Tables that an earlier run detached to drop them, and was killed in between.
    pub(super) async fn left_over(&self, client: &Client) -> Result<Vec<Name>> {
        let what = || format!("cannot look for former partitions of {}", self.name);
        let rows = client
            .query(
                "SELECT n.nspname::text, c.relname::text
                 FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0 AND d.description = $1
                   AND NOT c.relispartition AND c.relkind IN ('r', 'p') ORDER BY c.oid",
                &[&self.comment()],
            )
            .await
            .context(what)?;
        rows.iter()
            .map(|row| Ok(Name::new(row.try_get::<_, &str>(0)?, row.try_get::<_, &str>(1)?)))
            .collect::<Result<_, tokio_postgres::Error>>()
            .context(what)
    }

    /// Says on the table itself that it is to be dropped, so that a later run knows.
    async fn mark(&self, client: &Client, old: &Old) -> Result<()> {
        let comment = format!("COMMENT ON TABLE {} IS {}", old.name, literal(&self.comment()));
        client.batch_execute(&comment).await.context(|| format!("cannot mark {}", old.name))
    }

    fn comment(&self) -> String {
        format!("convert premake: too old for table {}, to be dropped", self.oid)
    }

    /// Under a lock on parent and DEFAULT, for a moment: neither is scanned.
    async fn detach(&self, work: &Work<'_>, old: &Old, default: &Name) -> Result<()> {
        let exclusive = |table: &Name| format!("LOCK TABLE ONLY {table} IN ACCESS EXCLUSIVE MODE");
        let statements = [
            exclusive(&self.name),
            exclusive(&old.name),
            exclusive(default),
            format!("ALTER TABLE {} DETACH PARTITION {}", self.name, old.name),
        ];
        briefly(work, format!("detach {}", old.name), &statements).await
    }

    /// In two transactions of the server's own, between which it waits for older queries; once
    /// begun it is finished, now or by the next run.
    async fn detach_concurrently(&self, work: &Work<'_>, old: &Old) -> Result<()> {
        let client = work.session.client();
        let mut attempts = Attempts::new(work, format!("detach {}", old.name)).await?;
        let what = || format!("cannot detach {}", old.name);
        loop {
            let Some(pending) = self.pending(client, old).await? else { return Ok(()) };
            let how = if pending { "FINALIZE" } else { "CONCURRENTLY" };
            let timeout = format!("SET lock_timeout = {}", work.pace.lock_timeout.as_millis());
            client.batch_execute(&timeout).await.context(what)?;
            let detach = format!("ALTER TABLE {} DETACH PARTITION {} {how}", self.name, old.name);
            match client.batch_execute(&detach).await {
                Ok(()) => return Ok(()),
                Err(error) if is_conflict(&error) => {
                    attempts.pause(work, "older queries of its parent still run").await?;
                }
                Err(error) => return Err(Error::failed(what()).caused_by(&error)),
            }
        }
    }

    /// Whether its detach has begun; `None` when it is no partition any more.
    async fn pending(&self, client: &Client, old: &Old) -> Result<Option<bool>> {
        let what = || format!("cannot see whether {} is attached", old.name);
        let row = client
            .query_opt(
                "SELECT inhdetachpending FROM pg_inherits
                 WHERE inhparent = $1 AND inhrelid = to_regclass($2)",
                &[&self.oid, &old.name.to_string()],
            )
            .await
            .context(what)?;
        row.map(|row| row.try_get(0)).transpose().context(what)
    }
}

/// Drops a table that is no partition any more; what depends on it keeps it.
pub(super) async fn drop_table(work: &Work<'_>, name: &Name) -> Result<()> {
    briefly(work, format!("drop {name}"), &[format!("DROP TABLE {name}")]).await
}
