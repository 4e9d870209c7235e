//! The decision: what exactly is made from what. `plan` shows it, `run` carries it out, and it is
//! kept as JSON with the conversion, so that later steps do not decide again.

mod blocker;
mod circumstances;
mod definition;
mod index;
mod side_table;

use lab::Result;
use serde::{Deserialize, Serialize};

use tokio_postgres::GenericClient;

use crate::layout::{self, Facts, Layout, Names};
use crate::portrait::{self, Index, Portrait};
use crate::request::{Level, Request, Shape};

pub use circumstances::Circumstances;
pub use side_table::SideTable;

/// A conversion, decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// What was asked.
    pub request: Request,
    /// The source as it was.
    pub source: Portrait,
    /// The target's partitions.
    pub layout: Layout,
    /// The source's key by which rows are found again: the primary key, else a unique not-null one. Unquoted.
    pub key: Vec<String>,
    /// What the log holds of each changed row: `key`, then partition columns of source and target
    /// that are not among them, so that replay touches one partition. Unquoted.
    pub log_columns: Vec<String>,
    /// Columns that are copied: all but generated ones. Unquoted.
    pub columns: Vec<String>,
    /// The target's name until the swap, and the source's afterwards. Unquoted, same schema.
    pub target_name: String,
    /// See above.
    pub old_name: String,
    /// Indexes of the target, key first.
    pub indexes: Vec<TargetIndex>,
    /// What stands in the way; empty or `run` refuses.
    pub blockers: Vec<Blocker>,
    /// What one should know, and is no blocker.
    pub remarks: Vec<String>,
}

/// An index that the target gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetIndex {
    /// The name when live (the source's), unquoted.
    pub name: String,
    /// What follows `USING`, with the partition columns added where it is unique.
    pub using: String,
    /// Key columns, unquoted, `None` for an expression.
    pub columns: Vec<Option<String>>,
    /// UNIQUE.
    pub unique: bool,
    /// `p` primary key, `u` unique constraint, `None` a plain index.
    pub constraint: Option<char>,
    /// Partition columns that were added to make it unique over partitions.
    pub added: Vec<String>,
    /// Tablespace, `None` for the database's own.
    #[serde(default)]
    pub tablespace: Option<String>,
}

/// Something that cannot be carried over, with the ways out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blocker {
    /// Stable, for programs and `--accept`: `foreign-key-in`, `unique-key`, …
    pub code: String,
    /// The object: `foreign key orders_item_fkey of public.orders`.
    pub object: String,
    /// Why it stands in the way.
    pub why: String,
    /// Ways out, the recommended one first; a flag to type where there is one.
    pub ways: Vec<String>,
}

/// Decides how the table with this OID is converted. Reads only; a design with blockers is no error,
/// a request that makes no sense for the table is.
pub async fn decide(client: &impl GenericClient, oid: u32, request: &Request) -> Result<Design> {
    decide_with(client, oid, request, |_| ()).await
}

/// The same; `correct` changes what was read of the data and the clock, for one who knows which
/// partitions there shall be whatever the rows are.
pub async fn decide_with(
    client: &impl GenericClient,
    oid: u32,
    request: &Request,
    correct: impl FnOnce(&mut Facts),
) -> Result<Design> {
    let source = portrait::read(client, oid).await?;
    let request = request.clone().completed(&source)?;
    let circumstances = circumstances::read(client, oid).await?;
    let mut facts = layout::facts(client, &request, &source).await?;
    correct(&mut facts);
    let parent = match (&request.shape, &source.parent) {
        (Shape::Split, Some(parent)) => Some(portrait::read(client, parent.oid).await?),
        _ => None,
    };
    of(request, source, &facts, &circumstances, parent.as_ref())
}

/// The same, of what was read: pure. `parent` is that of a partition that is split.
pub fn of(
    request: Request,
    mut source: Portrait,
    facts: &Facts,
    circumstances: &Circumstances,
    parent: Option<&Portrait>,
) -> Result<Design> {
    if request.shape == Shape::Split {
        // Numbers come from the parent's sequence; a partition to be has no identity of its own.
        for column in &mut source.columns {
            (column.identity, column.sequence) = (None, None);
        }
    }
    let layout = layout::of(&request, &source, facts)?;
    let partitioned_by = partition_columns(&request);
    let key = key(&source).map(columns_of).unwrap_or_default();
    let mut log_columns = key.clone();
    for column in partitioned_by.iter().chain(source.partition_columns.iter().flatten()) {
        if !log_columns.contains(column) {
            log_columns.push(column.clone());
        }
    }
    let columns = source.columns.iter().filter(|column| column.generated.is_none());
    let columns = columns.map(|column| column.name.clone()).collect();
    let (target_name, old_name) = names(&source, &layout, facts);
    let mut design = Design {
        indexes: index::of_target(&source, &request, &partitioned_by),
        request,
        layout,
        key,
        log_columns,
        columns,
        target_name,
        old_name,
        blockers: Vec::new(),
        remarks: Vec::new(),
        source,
    };
    blocker::find(&mut design, circumstances, parent);
    Ok(design)
}

impl Design {
    /// Columns of the target's partition key, on all levels.
    #[must_use]
    pub fn partition_columns(&self) -> Vec<String> {
        partition_columns(&self.request)
    }
}

fn partition_columns(request: &Request) -> Vec<String> {
    request.levels.iter().map(|level| Level::column(level).to_owned()).collect()
}

/// The key by which rows are found again: the primary key, else the shortest unique key whose
/// columns are all NOT NULL.
fn key(source: &Portrait) -> Option<&Index> {
    let not_null =
        |name: &String| source.columns.iter().any(|column| column.name == *name && column.not_null);
    let serves = |index: &&Index| {
        let plain = index.columns.iter().all(|column| column.as_ref().is_some_and(not_null));
        index.unique && index.valid && !index.partial && plain && index.constraint != Some('x')
    };
    let keys = source.indexes.iter().filter(serves);
    keys.min_by_key(|index| (index.constraint != Some('p'), index.deferrable, index.columns.len()))
}

fn columns_of(index: &Index) -> Vec<String> {
    index.columns.iter().flatten().cloned().collect()
}

/// The target's name until the swap, and the source's from then on.
fn names(source: &Portrait, layout: &Layout, facts: &Facts) -> (String, String) {
    let mut used: Vec<String> = facts.taken.iter().cloned().collect();
    used.push(source.name.clone());
    used.extend(source.leaves.iter().map(|leaf| leaf.name.clone()));
    let mut layouts = vec![layout];
    while let Some(layout) = layouts.pop() {
        used.extend(layout.parts.iter().map(|part| part.name.clone()));
        layouts.extend(layout.parts.iter().filter_map(|part| part.below.as_ref()));
    }
    let mut names = Names::beside(&used);
    (names.give(&source.name, "new"), names.give(&source.name, "old"))
}
