//! How the tables of the scenarios are partitioned at the moment.

use lab::Result;
use lab::catalog::{self, RowCount, Tree};
use lab::connect::Session;

use crate::online;
use crate::scenario::Scenario;

/// What `add`, `split`, `detach` and `cleanup` change.
pub const EVENTS: &str = "event_logs";
/// Where `detach` puts January's rows.
pub const ARCHIVE: &str = "event_logs_archive";
/// What `migrate` copies.
pub const USERS: &str = "users_distributed";
/// What `migrate` makes.
pub const USERS_BY_DATE: &str = "users_by_date";

/// All of them: each must be ours before anything is touched.
pub const TABLES: [&str; 4] = [EVENTS, ARCHIVE, USERS, USERS_BY_DATE];

/// January's partition, which an interrupted `detach --online` leaves as a table of its own.
pub const JANUARY: &str = "event_logs_2024_01";

/// The trees of all tables of the scenarios that exist, and what an online way has not finished.
pub struct Layout {
    trees: Vec<Tree>,
    /// What online ways were interrupted.
    pub interrupted: Vec<Scenario>,
}

impl Layout {
    /// Reads them, counting every row.
    pub async fn read(session: &Session) -> Result<Self> {
        let client = session.client();
        let mut trees = Vec::new();
        for table in TABLES {
            trees.extend(catalog::tree(client, &format!("public.{table}"), RowCount::Exact).await?);
        }
        let january = catalog::tree(client, &format!("public.{JANUARY}"), RowCount::Exact).await?;
        trees.extend(january.filter(|january| january.bounds.is_none()));
        Ok(Self { trees, interrupted: online::interrupted(client).await? })
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Tree> {
        self.trees.iter().find(|tree| tree.name.name == name)
    }

    /// Those of `names` that exist.
    pub fn tables<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Tree> {
        names.iter().filter_map(|name| self.table(name))
    }

    /// Rows in those of `names` that exist.
    pub fn rows(&self, names: &[&str]) -> u64 {
        self.tables(names).filter_map(Tree::total_rows).sum()
    }

    /// Names of the leaves of a partitioned table; `None` when it is missing or not partitioned.
    pub fn leaves(&self, name: &str) -> Option<Vec<&str>> {
        let tree = self.table(name).filter(|tree| !tree.is_leaf())?;
        Some(tree.leaves().map(|leaf| leaf.name.name.as_str()).collect())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use lab::catalog::{Name, Partitioning, Strategy};

    /// A layout in which `tables` have these leaves; one without leaves is not partitioned.
    pub fn layout(tables: &[(&str, &[&str])]) -> Layout {
        let table = |name: &str, children: Vec<Tree>| Tree {
            oid: 1,
            name: Name::new("public", name),
            level: 0,
            parent: None,
            partitioning: (!children.is_empty()).then(|| Partitioning {
                strategy: Strategy::Range,
                key: "RANGE (created_at)".to_owned(),
            }),
            bounds: None,
            foreign: false,
            detach_pending: false,
            bytes: 0,
            rows: Some(1),
            indexes: Vec::new(),
            children,
        };
        let tree = |(name, leaves): &(&str, &[&str])| {
            table(name, leaves.iter().map(|leaf| table(leaf, Vec::new())).collect())
        };
        Layout { trees: tables.iter().map(tree).collect(), interrupted: Vec::new() }
    }

    #[test]
    fn counts_only_tables_that_are_there() {
        let layout = layout(&[(EVENTS, &["a", "b"])]);
        assert_eq!(layout.rows(&[EVENTS, ARCHIVE]), 2);
        assert_eq!(layout.leaves(EVENTS), Some(vec!["a", "b"]));
        assert_eq!(layout.leaves(ARCHIVE), None);
    }
}
