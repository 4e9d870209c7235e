//! What partitions of a table are told apart by.

use std::collections::{BTreeSet, HashMap};

use super::expr::Expr;
use crate::catalog::{Name, Strategy, quote_ident};

/// A partitioned table with all beneath it, as far as pruning goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PartitionTree {
    /// OID of the table itself.
    pub(super) root: u32,
    /// The tables, parents first.
    pub(super) tables: Vec<Table>,
    /// Where in `tables` each OID stands.
    pub(super) by_oid: HashMap<u32, usize>,
    /// OIDs of the leaves by name.
    pub(super) leaves: HashMap<Name, u32>,
}

/// A table of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) oid: u32,
    pub(super) name: Name,
    pub(super) parent: Option<u32>,
    pub(super) level: usize,
    /// `None` for a leaf.
    pub(super) key: Option<Key>,
    /// OID of the DEFAULT partition.
    pub(super) default_partition: Option<u32>,
}

/// A partition key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) strategy: Strategy,
    pub(super) parts: Vec<Part>,
    /// Equal texts are the same text: no column of the table has a collation that says otherwise.
    pub(super) deterministic: bool,
}

/// A column or an expression of a partition key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// The column or expression; `None` when it cannot be parsed.
    pub(super) expr: Option<Expr>,
    /// The columns in it.
    pub(super) columns: Vec<String>,
    /// Operator family.
    pub(super) family: u32,
    /// The type that the operators compare; text for a varchar column.
    pub(super) class_type: String,
    /// The column's own type; `None` for an expression.
    pub(super) column_type: Option<String>,
    /// The key's collation, where it is not the column's.
    pub(super) foreign_collation: Option<String>,
}

impl Key {
    /// The columns of all parts.
    pub(super) fn columns(&self) -> Vec<String> {
        self.parts.iter().flat_map(|part| part.columns.clone()).collect()
    }

    /// The parts as SQL, separated by commas.
    pub(super) fn text(&self) -> String {
        self.parts.iter().map(Part::text).collect::<Vec<_>>().join(", ")
    }
}

impl Part {
    /// The column or expression as SQL.
    pub(super) fn text(&self) -> String {
        self.expr.as_ref().map_or_else(|| self.columns.join(", "), ToString::to_string)
    }

    /// Whether it is a bare column.
    pub(super) fn is_column(&self) -> bool {
        matches!(self.expr, Some(Expr::Column { .. }))
    }
}

/// The partitioned tables of one level that have the same key.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) level: usize,
    pub(super) key: &'a Key,
    pub(super) tables: Vec<&'a Table>,
}

impl Group<'_> {
    /// The OIDs of the tables.
    pub(super) fn oids(&self) -> BTreeSet<u32> {
        self.tables.iter().map(|table| table.oid).collect()
    }
}

impl PartitionTree {
    /// `condition` with the COLLATE that a plan prints as the cast of a column to its own type, where a key
    /// has a collation of its own. Whether it was that COLLATE, the plan does not say; EXPLAIN does.
    pub(super) fn collated(&self, condition: Expr) -> Expr {
        let keys = self.tables.iter().filter_map(|table| table.key.as_ref());
        let parts = keys.flat_map(|key| &key.parts).filter(|part| part.foreign_collation.is_some());
        parts.fold(condition, |condition, part| {
            condition.map(&|expr| match (expr, &part.foreign_collation) {
                (Expr::Cast { operand, target }, Some(collation))
                    if part.expr.as_ref() == Some(&*operand)
                        && part.column_type.as_ref() == Some(&target) =>
                {
                    Expr::Collate { operand, collation: quote_ident(collation).into_owned() }
                }
                (other, _) => other,
            })
        })
    }

    /// The name of the table itself.
    pub(super) fn name(&self) -> &Name {
        &self.tables[0].name
    }

    pub(super) fn leaf(&self, name: &Name) -> Option<u32> {
        self.leaves.get(name).copied()
    }

    /// The OIDs of all leaves.
    pub(super) fn all_leaves(&self) -> BTreeSet<u32> {
        self.leaves.values().copied().collect()
    }

    pub(super) fn table(&self, oid: u32) -> Option<&Table> {
        self.by_oid.get(&oid).and_then(|at| self.tables.get(*at))
    }

    /// The table above `oid` (or `oid` itself) whose parent is `parent`.
    pub(super) fn child_above(&self, oid: u32, parents: &BTreeSet<u32>) -> Option<u32> {
        let mut table = self.table(oid)?;
        loop {
            let parent = table.parent?;
            if parents.contains(&parent) {
                return Some(table.oid);
            }
            table = self.table(parent)?;
        }
    }

    /// The partitioned tables by level and key, topmost first.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group> = Vec::new();
        for table in &self.tables {
            let Some(key) = &table.key else { continue };
            let same = |group: &&mut Group| group.level == table.level && group.key == key;
            match groups.iter_mut().rev().find(same) {
                Some(group) => group.tables.push(table),
                None => groups.push(Group { level: table.level, key, tables: vec![table] }),
            }
        }
        for group in &mut groups {
            group.tables.sort_by(|a, b| a.name.cmp(&b.name));
        }
        groups
    }
}
