//! Foreign keys move with the name, and nobody waits for a scan: in the swap they are added NOT
//! VALID, which checks every write from then on; what was there before is checked afterwards.
//!
//! A partitioned table takes no NOT VALID key before PostgreSQL 18: there its leaves get it, and once
//! these are valid the table adopts them.

use lab::catalog::{Name, quote_ident};

use super::{ForeignKeyLeft, Settlement, Turn};
use crate::portrait::ForeignKey;

/// What is to be done with the keys of one exchange.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Keys as they are now, to be dropped before the renames: table and action.
    take_off: Vec<(String, String)>,
    /// How they shall be afterwards.
    put_on: Vec<ForeignKeyLeft>,
}

impl Keys {
    /// Keys of the live table and of those that reference it.
    pub(crate) fn of(turn: &Turn<'_>) -> Self {
        let mut keys = Self::default();
        for key in &turn.live.foreign_keys_out {
            keys.take_off.push((key.table.clone(), drop(&key.name)));
            keys.put_on.push(ForeignKeyLeft {
                comment: key.comment.clone(),
                ..left(key, turn.live_name().to_string(), turn.leaves_to_be())
            });
        }
        keys.add_incoming(turn);
        keys.unsettled(turn);
        keys
    }

    /// Only keys of those that reference the live table.
    pub(crate) fn incoming(turn: &Turn<'_>) -> Self {
        let mut keys = Self::default();
        keys.add_incoming(turn);
        keys
    }

    fn add_incoming(&mut self, turn: &Turn<'_>) {
        // A leaf, of the live table too, whose table is still to adopt the key: see `unsettled`.
        let waits = |key: &ForeignKey| {
            let of_leaf = |left: &ForeignKeyLeft| left.adopt && left.is(key);
            turn.pending
                .iter()
                .any(|left| matches!(left, Settlement::ForeignKey(left) if of_leaf(left)))
        };
        let keys = turn.live.foreign_keys_in.iter();
        for key in keys.filter(|key| !key.to_itself && !waits(key)) {
            self.take_off.push((key.table.clone(), drop(&key.name)));
            let leaves = turn.around.leaves.get(&key.table).cloned();
            self.put_on.push(left(key, key.table.clone(), leaves));
        }
    }

    /// What the exchange before this one left: leaves have the key and their table does not yet.
    fn unsettled(&mut self, turn: &Turn<'_>) {
        for pending in turn.pending {
            let Settlement::ForeignKey(pending) = pending else { continue };
            let same =
                |key: &ForeignKeyLeft| key.name == pending.name && key.table == pending.table;
            if let Some(again) = self.put_on.iter_mut().find(|key| same(key)) {
                // It gets its comment when it is settled.
                again.comment = again.comment.take().or_else(|| pending.comment.clone());
            }
            if pending.adopt && !self.put_on.iter().any(same) {
                // A leaf that is gone has taken its key along.
                let there =
                    |leaf: &&String| !turn.is_of_live(&pending.table) || turn.has_leaf(leaf);
                let off = format!("DROP CONSTRAINT IF EXISTS {}", quote_ident(&pending.name));
                let leaves = pending.on.iter().filter(there);
                self.take_off.extend(leaves.map(|leaf| (leaf.clone(), off.clone())));
                let mut again = pending.clone();
                if turn.is_of_live(&pending.table) {
                    again = placed(again, turn.leaves_to_be());
                }
                self.put_on.push(again);
            }
        }
    }

    /// Statements that drop the keys: before the renames.
    pub(crate) fn take_off(&self) -> Vec<String> {
        altered(&self.take_off)
    }

    /// Statements that add the keys: after the renames.
    pub(crate) fn put_on(&self) -> Vec<String> {
        let add = |key: &ForeignKeyLeft| {
            let action =
                format!("ADD CONSTRAINT {} {} NOT VALID", quote_ident(&key.name), key.definition);
            key.on.iter().map(move |table| (table.clone(), action.clone())).collect::<Vec<_>>()
        };
        altered(&self.put_on.iter().flat_map(add).collect::<Vec<_>>())
    }

    /// What is left afterwards.
    pub(crate) fn settle(&self) -> Vec<Settlement> {
        self.put_on.iter().cloned().map(Settlement::ForeignKey).collect()
    }

    /// Tables at the other ends, quoted and qualified, each once: dropping a key locks both.
    pub(crate) fn others(&self, turn: &Turn<'_>) -> Vec<String> {
        let own = turn.live_name().to_string();
        let mut others: Vec<String> = self
            .put_on
            .iter()
            .flat_map(|key| [key.table.clone(), key.references.clone()])
            .filter(|table| *table != own)
            .collect();
        others.sort_unstable();
        others.dedup();
        others
    }
}

/// One statement a table, whose actions are done in one go: that takes half the time.
fn altered(actions: &[(String, String)]) -> Vec<String> {
    let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
    for (table, action) in actions {
        match tables.iter_mut().find(|(known, _)| known == table) {
            Some((_, actions)) => actions.push(action),
            None => tables.push((table, vec![action])),
        }
    }
    let statement = |(table, actions): &(&str, Vec<&str>)| {
        format!("ALTER TABLE {table} {}", actions.join(", "))
    };
    tables.iter().map(statement).collect()
}

fn drop(name: &str) -> String {
    format!("DROP CONSTRAINT {}", quote_ident(name))
}

/// `key` on `table`, or on its leaves when it has any.
fn left(key: &ForeignKey, table: String, leaves: Option<Vec<String>>) -> ForeignKeyLeft {
    let key = ForeignKeyLeft {
        name: key.name.clone(),
        table,
        references: key.references.clone(),
        on: Vec::new(),
        adopt: false,
        definition: key.definition.clone(),
        comment: key.comment.clone(),
    };
    placed(key, leaves)
}

fn placed(mut key: ForeignKeyLeft, leaves: Option<Vec<String>>) -> ForeignKeyLeft {
    key.adopt = leaves.is_some();
    key.on = leaves.unwrap_or_else(|| vec![key.table.clone()]);
    key
}

impl Turn<'_> {
    /// Whether `table`, quoted and qualified, is the live table itself.
    fn is_of_live(&self, table: &str) -> bool {
        self.live_name().to_string() == table
    }

    /// Whether the live table still has `leaf`, quoted and qualified.
    fn has_leaf(&self, leaf: &str) -> bool {
        self.live_tables.iter().any(|table| table.to_string() == leaf)
    }

    /// Leaves of the table that becomes live, as they are called then; `None` when it is plain.
    fn leaves_to_be(&self) -> Option<Vec<String>> {
        self.shadow.partition_key.as_ref()?;
        let name = |schema: &str, name: &str| self.partition_to_be(&Name::new(schema, name));
        let leaves = self.shadow.leaves.iter().filter(|leaf| !leaf.foreign);
        Some(leaves.map(|leaf| name(&leaf.schema, &leaf.name).to_string()).collect())
    }
}
