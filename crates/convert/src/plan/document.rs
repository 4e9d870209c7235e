//! The plan as a document: what `--format json` prints, and what text and Markdown are made from.

use lab::crontab::Crontab;
use serde::Serialize;

use crate::design::Blocker;

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// The table, qualified and quoted.
    pub table: String,
    /// `RANGE (created_at)`
    pub strategy: String,
    /// `copy` or `attach-old`.
    pub way: Way,
    /// What stands in the way; `run` refuses while there is any.
    pub blockers: Vec<Blocker>,
    /// Who references the table.
    pub foreign_keys_in: Vec<Carried>,
    /// Whom it references.
    pub foreign_keys_out: Vec<Carried>,
    /// The key by which rows are found.
    pub primary_key: Option<Key>,
    /// The other unique keys.
    pub unique_keys: Vec<UniqueKey>,
    /// Partitions on all levels, each before those beneath it.
    pub partitions: Vec<Part>,
    /// `yes` or `no`: whether there is a DEFAULT partition.
    pub default: Way,
    /// What a rename leaves behind.
    pub carried: Vec<Carried>,
    /// Time, space, locks.
    pub cost: Cost,
    /// Who makes the next partitions.
    pub afterwards: Afterwards,
    /// What else one should know.
    pub remarks: Vec<String>,
}

/// A choice with its reason.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// What is chosen.
    pub fits: String,
    /// Why.
    pub why: String,
}

/// An object, and what becomes of it.
#[derive(Debug, Clone, Serialize)]
pub struct Carried {
    /// The object, for people.
    pub object: String,
    /// Its definition, where that says more.
    pub definition: Option<String>,
    /// What becomes of it.
    pub becomes: String,
}

/// The key by which rows are found.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// Constraint or index.
    pub name: String,
    /// Its columns now.
    pub columns: Vec<String>,
    /// And then.
    pub becomes: Vec<String>,
    /// What it costs to get one row by the old key, measured on a sample.
    pub get_by_id: Option<GetById>,
}

/// Three ways to get one row, measured on a sample of the rows in a temporary table.
#[derive(Debug, Clone, Serialize)]
pub struct GetById {
    /// How many rows the sample has.
    pub sample_rows: u64,
    /// From one table, as now.
    pub before: Lookup,
    /// From the partitions, by the old key.
    pub after: Lookup,
    /// With the partition key as well; `None` where the old key suffices.
    pub with_hint: Option<Lookup>,
}

/// A look-up, as EXPLAIN (ANALYZE, BUFFERS) saw it.
#[derive(Debug, Clone, Serialize)]
pub struct Lookup {
    /// The condition: `id = … AND created_at = …`
    pub condition: String,
    /// Partitions that were looked into.
    pub partitions: u64,
    /// Blocks that were read.
    pub blocks: u64,
    /// Milliseconds of planning and execution.
    pub ms: f64,
}

/// A unique key besides the primary one.
#[derive(Debug, Clone, Serialize)]
pub struct UniqueKey {
    /// Constraint or index.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// What becomes of it.
    pub becomes: String,
    /// Ways out, where it is a blocker.
    pub ways: Vec<String>,
    /// What a side table would cost, measured.
    pub side_table: Option<SideTableCost>,
}

/// What a side table costs.
#[derive(Debug, Clone, Serialize)]
pub struct SideTableCost {
    /// Microseconds that an INSERT of a row takes without it.
    pub insert_us: f64,
    /// And with it.
    pub insert_with_us: f64,
    /// Bytes that it takes, for all rows.
    pub bytes: u64,
}

/// A partition.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// Its name, unquoted.
    pub name: String,
    /// Its bound.
    pub bound: String,
    /// It holds rows itself.
    pub leaf: bool,
}

/// Time, space, locks.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// Rows as the statistics say; `None` before the first ANALYZE.
    pub rows: Option<u64>,
    /// Bytes of the table with TOAST, and of its indexes.
    pub heap_bytes: u64,
    /// See above.
    pub index_bytes: u64,
    /// Bytes that the conversion needs besides, until `finish`.
    pub extra_bytes: u64,
    /// Seconds that copy, index and validation take together, without other load; `None` where nothing
    /// could be measured.
    pub seconds: Option<f64>,
    /// Steps in their order.
    pub steps: Vec<Step>,
}

/// A step and its locks.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Its name.
    pub step: &'static str,
    /// Lock mode and tables.
    pub lock: String,
    /// For how long it is held, and who waits.
    pub held: String,
    /// Seconds, where they can be estimated.
    pub seconds: Option<f64>,
}

/// Who makes the next partitions.
#[derive(Debug, Clone, Serialize)]
pub struct Afterwards {
    /// `pg_partman`, `convert premake` or `nobody`.
    pub who: String,
    /// Why.
    pub why: String,
    /// What to type or to run.
    pub commands: Vec<String>,
    /// What `convert` is to be run with every night.
    #[serde(skip)]
    pub premake: Vec<String>,
}

impl Afterwards {
    /// The command that makes partitions every night becomes one that cron can run as it stands.
    pub fn run_by(&mut self, crontab: &Crontab) {
        if !self.premake.is_empty() {
            let arguments: Vec<_> = self.premake.iter().map(String::as_str).collect();
            self.commands = vec![crontab.line("0 3 * * *", &arguments)];
            self.commands.extend(crontab.password().map(|note| format!("# {note}")));
        }
    }
}
