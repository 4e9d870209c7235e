//! Makes partitions on a table in use.

use lab::catalog::{Name, quote_ident};
use lab::connect::search_path;
use lab::{Context, Error, Result};
use tokio_postgres::error::SqlState;

use super::marks;
use super::model::{Model, Origin};
use super::node::{New, Node};
use crate::attempt::{Attempts, is_conflict};
use crate::portrait::{self, Portrait};
use crate::shape::brief::briefly;
use crate::shape::proof::prove;
use crate::work::Work;

/// How many rows of a new partition are moved out of DEFAULT while everyone waits.
pub const MOVE_LIMIT: i64 = 100_000;

/// The CHECK on a DEFAULT partition that spares ATTACH to scan it.
const CHECK: &str = "partition_convert_premake";

/// A DEFAULT partition of fewer bytes is scanned within some milliseconds; then nobody is refused
/// anything, which for the time of the CHECK a row of the new partitions would be.
const SMALL: i64 = 8 << 20;

/// What making one partition takes.
struct Site {
    parent: Portrait,
    model: Model,
}

impl Node {
    /// Makes the missing partitions, one transaction each; `made` hears of each with the number of
    /// rows that were moved into it out of DEFAULT.
    pub(super) async fn make(
        &self,
        work: &Work<'_>,
        mut made: impl FnMut(&New, u64),
    ) -> Result<()> {
        if self.make.is_empty() {
            return Ok(());
        }
        let client = work.session.client();
        let site = Site {
            parent: portrait::read(client, self.oid).await?,
            model: Model::read(client, self.template).await?,
        };
        self.drop_check(work).await?;
        let checked = self.check(work).await?;
        let mut outcome = Ok(());
        for new in &self.make {
            outcome = match self.attach(work, &site, new).await {
                Ok(moved) => {
                    made(new, moved);
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if outcome.is_err() {
                break;
            }
        }
        if checked {
            self.drop_check(work).await?;
        }
        outcome
    }

    /// Rows of `new` in DEFAULT, at most one more than [`MOVE_LIMIT`].
    pub async fn rows_in_default(&self, client: &tokio_postgres::Client, new: &New) -> Result<i64> {
        let Some(default) = &self.default else { return Ok(0) };
        let statement = format!(
            "SELECT count(*) FROM (SELECT FROM {default} WHERE {} LIMIT {}) found",
            self.condition(new),
            MOVE_LIMIT + 1
        );
        let what = || format!("cannot count the rows of {} in {default}", new.name);
        client.query_one(&statement, &[]).await.context(what)?.try_get(0).context(what)
    }

    /// Proves beforehand that DEFAULT holds nothing of the partitions that begin in the future,
    /// when it is too large to be scanned under a lock. Whether there is something to take away.
    async fn check(&self, work: &Work<'_>) -> Result<bool> {
        let Some(default) = &self.default else { return Ok(false) };
        let client = work.session.client();
        let ahead: Vec<_> = self.make.iter().filter(|new| new.is_ahead).collect();
        let (Some(first), Some(last)) = (ahead.first(), ahead.last()) else { return Ok(false) };
        let what = || format!("cannot ask for the size of {default}");
        let bytes: i64 = client
            .query_one(
                "SELECT coalesce(sum(pg_relation_size(relid)), 0)::bigint
                 FROM pg_partition_tree($1::text::regclass)",
                &[&default.to_string()],
            )
            .await
            .context(what)?
            .try_get(0)
            .context(what)?;
        let all = New { from: first.from.clone(), to: last.to.clone(), ..(*first).clone() };
        if bytes <= SMALL || self.rows_in_default(client, &all).await? > 0 {
            return Ok(false);
        }
        prove(work, default, CHECK, &format!("NOT ({})", self.condition(&all))).await?;
        Ok(true)
    }

    /// Takes the CHECK away: this run's, or one that a killed run left.
    async fn drop_check(&self, work: &Work<'_>) -> Result<()> {
        let Some(default) = &self.default else { return Ok(()) };
        let found = work
            .session
            .client()
            .query_opt(
                "SELECT FROM pg_constraint WHERE conrelid = $1::text::regclass AND conname = $2",
                &[&default.to_string(), &CHECK],
            )
            .await
            .context(|| format!("cannot read the constraints of {default}"))?;
        if found.is_none() {
            return Ok(());
        }
        let drop = format!("ALTER TABLE {default} DROP CONSTRAINT {CHECK}");
        briefly(work, format!("take the check from {default}"), &[drop]).await
    }

    /// Makes and attaches one partition. How many rows it got out of DEFAULT.
    async fn attach(&self, work: &Work<'_>, site: &Site, new: &New) -> Result<u64> {
        let client = work.session.client();
        let what = format!("make partition {}", new.name);
        let rows = self.rows_in_default(client, new).await?;
        if let (Some(default), true) = (&self.default, rows > MOVE_LIMIT) {
            return Err(Error::failed(format!("cannot {what}"))
                .because(format!("{default} holds more than {MOVE_LIMIT} rows of it"))
                .because("to move them would hold up every reader and writer of it")
                .next(format!(
                    "cargo run -p convert -- run {} --split {} --every month",
                    self.name, default.name
                )));
        }
        let locks = self.locks(site);
        let mut attempts = Attempts::new(work, what.clone()).await?;
        let mut from_default = rows > 0;
        loop {
            if attempts.lock(work, &locks).await?.is_none() {
                attempts.pause(work, "somebody else held a lock").await?;
                continue;
            }
            let error = match self.under_lock(work, site, new, from_default).await {
                Ok(moved) => return Ok(moved),
                Err(error) => error,
            };
            client.batch_execute("ROLLBACK").await.context(|| "cannot end an attempt")?;
            if is_conflict(&error) {
                attempts.pause(work, "somebody else held a lock").await?;
            } else if error.code() == Some(&SqlState::CHECK_VIOLATION) && !from_default {
                // Such a row came into DEFAULT since they were counted.
                from_default = true;
            } else {
                return Err(self.explained(Error::failed(format!("cannot {what}")), &error));
            }
        }
    }

    fn explained(&self, what: Error, error: &tokio_postgres::Error) -> Error {
        if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) && self.default.is_some() {
            return what
                .because("rows move out of DEFAULT with triggers and foreign keys at rest")
                .caused_by(error)
                .next("run it as a superuser, or GRANT SET ON PARAMETER session_replication_role");
        }
        what.caused_by(error)
    }

    /// The parent before its partitions. ATTACH takes most of these itself, but without a limit for
    /// all of them together.
    ///
    /// Where there is a DEFAULT partition, writers stand still for the moment: one that has chosen
    /// DEFAULT for its row and then waits for us would be refused when it goes on, since DEFAULT no
    /// longer takes that row ("violates partition constraint").
    fn locks(&self, site: &Site) -> Vec<String> {
        let mode =
            if self.default.is_some() { "SHARE ROW EXCLUSIVE" } else { "SHARE UPDATE EXCLUSIVE" };
        let mut locks = vec![format!("LOCK TABLE ONLY {} IN {mode} MODE", self.name)];
        for key in site.parent.foreign_keys_out.iter().filter(|key| !key.to_itself) {
            locks.push(format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", key.references));
        }
        if let Some(default) = &self.default {
            locks.push(format!("LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE"));
        }
        locks
    }

    async fn under_lock(
        &self,
        work: &Work<'_>,
        site: &Site,
        new: &New,
        from_default: bool,
    ) -> Result<u64, tokio_postgres::Error> {
        let client = work.session.client();
        let create = site.model.statements(&new.name, &Origin::Like(&site.parent));
        client.batch_execute(&create.join(";\n")).await?;
        let mut moved = 0;
        if let (Some(default), true) = (&self.default, from_default) {
            // Without triggers: no row comes or goes. ON DELETE CASCADE would take others with it.
            let triggers = "SELECT EXISTS (SELECT FROM pg_trigger t
                JOIN pg_partition_tree($1::text::regclass) p ON p.relid = t.tgrelid)";
            let triggers = client.query_one(triggers, &[&default.to_string()]).await?;
            if triggers.try_get(0)? {
                client.batch_execute("SET LOCAL session_replication_role = replica").await?;
            }
            // So that ATTACH does not scan the rows once more.
            let check = format!(
                "ALTER TABLE {} ADD CONSTRAINT {CHECK} CHECK ({})",
                new.name,
                self.condition(new)
            );
            client.batch_execute(&check).await?;
            moved = client.execute(&self.moving(site, default, new), &[]).await?;
            client.batch_execute(search_path::SET_LOCAL).await?;
        }
        let rest = ", MINVALUE".repeat(self.columns.saturating_sub(1));
        let to = match new.to.as_str() {
            "MAXVALUE" => vec!["MAXVALUE"; self.columns].join(", "),
            to => format!("{to}{rest}"),
        };
        let attach = format!(
            "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}{rest}) TO ({to})",
            self.name, new.name, new.from
        );
        client.batch_execute(&attach).await?;
        marks::put_on(client, &new.name, self.template).await?;
        if from_default {
            let drop = format!("ALTER TABLE {} DROP CONSTRAINT {CHECK}", new.name);
            client.batch_execute(&drop).await?;
        }
        client.batch_execute("COMMIT").await?;
        Ok(moved)
    }

    fn moving(&self, site: &Site, default: &Name, new: &New) -> String {
        let columns: Vec<_> = site
            .parent
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| quote_ident(&column.name))
            .collect();
        let columns = columns.join(", ");
        format!(
            "WITH moved AS (DELETE FROM {default} WHERE {} RETURNING {columns})
             INSERT INTO {} ({columns}) SELECT {columns} FROM moved WHERE {}",
            self.condition(new),
            new.name,
            search_path::AS_USER
        )
    }

    /// What holds for a row of `new`.
    fn condition(&self, new: &New) -> String {
        let column = quote_ident(&self.column);
        let to = match new.to.as_str() {
            "MAXVALUE" => String::new(),
            to => format!(" AND {column} < {to}"),
        };
        format!("{column} IS NOT NULL AND {column} >= {}{to}", new.from)
    }
}
