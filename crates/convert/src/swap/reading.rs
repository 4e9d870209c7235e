//! What an exchange is made from is read before any lock is held, and a stamp tells under the locks
//! whether it still is so.

use lab::connect::search_path;
use lab::{Context, Result};
use tokio_postgres::{Client, Statement};

use super::settle::pending;
use crate::moves::{self, Exchange, Settlement, Turn, around, table_names};
use crate::portrait;
use crate::request::Shape;
use crate::shape;
use crate::state::Conversion;
use crate::steps::validate;

const STAMP: &str = include_str!("../../../../scripts/convert/stamp.sql");

/// An exchange, and the state of the catalogs that it was made from.
pub(super) struct Reading {
    pub(super) exchange: Exchange,
    /// An expression for the files that the new live table will have.
    pub(super) files: String,
    pub(super) live: u32,
    pub(super) shadow: u32,
    stamp: String,
    stamping: Statement,
}

impl Reading {
    /// Reads both tables and makes the exchange. Fails when it would lose something.
    pub(super) async fn take(client: &Client, conversion: &Conversion) -> Result<Self> {
        let live = conversion.oid(conversion.live)?;
        let shadow = conversion.oid(conversion.live.other())?;
        let what = || "cannot read the tables to exchange";
        client.batch_execute(&format!("BEGIN; {}", search_path::SET_LOCAL)).await.context(what)?;
        let read = Self::read(client, conversion, live, shadow).await;
        client.batch_execute("ROLLBACK").await.context(what)?;
        read
    }

    async fn read(
        client: &Client,
        conversion: &Conversion,
        live: u32,
        shadow: u32,
    ) -> Result<Self> {
        // First, so that a change while the rest is read is seen later.
        let stamping = client.prepare(STAMP).await.context(unread)?;
        let stamp = stamp(client, &stamping, live, shadow).await?;
        let live_portrait = portrait::read(client, live).await?;
        let shadow_portrait = portrait::read(client, shadow).await?;
        let left = pending(client, conversion.id).await?;
        let left: Vec<Settlement> = left.into_iter().map(|(_, settlement)| settlement).collect();
        let turn = Turn {
            id: conversion.id,
            design: &conversion.design,
            side: conversion.live,
            live: &live_portrait,
            shadow: &shadow_portrait,
            live_tables: &table_names(client, &live_portrait.tree).await?,
            shadow_tables: &table_names(client, &shadow_portrait.tree).await?,
            around: &around::read(client, live).await?,
            pending: &left,
        };
        moves::check(&turn)?;
        let exchange = shape::exchange(client, &turn).await?;
        let roots = shape::roots_when_live(&turn);
        let mut files = validate::files(conversion.id, &roots);
        if conversion.design.request.shape != Shape::Split {
            // The shadow is nobody else's, and only a split makes triggers in the exchange.
            let row = client.query_one(&format!("SELECT {files}"), &[]).await.context(unread)?;
            files = moves::literal(row.try_get(0).context(unread)?);
        }
        Ok(Self { exchange, files, live, shadow, stamp, stamping })
    }

    /// Whether the catalogs still say what was read.
    pub(super) async fn holds(&self, client: &Client) -> Result<bool> {
        Ok(stamp(client, &self.stamping, self.live, self.shadow).await? == self.stamp)
    }
}

fn unread() -> &'static str {
    "cannot read whether the tables were changed"
}

async fn stamp(client: &Client, stamping: &Statement, live: u32, shadow: u32) -> Result<String> {
    let row = client.query_one(stamping, &[&live, &shadow]).await.context(unread)?;
    row.try_get(0).context(unread)
}
