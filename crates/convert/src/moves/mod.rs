//! What is done when live and shadow change places: which tables are locked, which statements run
//! under the locks, and what is left to settle afterwards. Pure: made from two portraits and the
//! design, carried out by [`crate::swap`].
//!
//! The exchange is the same in both directions: `swap` has the source live, `rollback` the target.

pub mod around;
pub(crate) mod difference;
pub(crate) mod foreign_key;
mod guard;
mod index;
mod names;
pub(crate) mod publication;
pub(crate) mod rename;
pub(crate) mod sequence;
pub(crate) mod trigger;
mod turn;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::portrait::ForeignKey;

pub use around::{Around, names as table_names};
pub(crate) use guard::additions;
pub use guard::check;
pub use names::{literal, parked};
pub use turn::Turn;

/// What makes the shadow live.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exchange {
    /// Statements that take ACCESS EXCLUSIVE, in this order, on both trees and on whatever else
    /// `statements` touch, so that none of these waits while others wait for us: mostly [`lock`].
    pub locks: Vec<String>,
    /// Run in the transaction that holds the locks, after the last catch-up.
    pub statements: Vec<String>,
    /// Done after COMMIT, in this order. Kept in the database until it is done, so a kill in between
    /// loses nothing.
    pub settle: Vec<Settlement>,
    /// There is no way back from it: the conversion ends in the same transaction (shape `Copy`).
    pub last: bool,
}

/// Something that can wait until the new table is live, done in a transaction of its own with
/// the lock timeout and the retries of a swap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Settlement {
    /// A foreign key that is there NOT VALID is validated, and then adopted by the partitioned table.
    ForeignKey(ForeignKeyLeft),
    /// Statements that belong together.
    Statements {
        /// For people: `drop table orders_old`.
        what: String,
        /// Statements that take what `statements` touch, within the lock timeout: mostly [`lock`].
        locks: Vec<String>,
        /// In order.
        statements: Vec<String>,
    },
    /// A materialised view is built again over the new table and takes its old self's place.
    MaterializedView {
        /// Unquoted.
        schema: String,
        /// Unquoted.
        name: String,
        /// Its query, which names the table by the applications' name; without a semicolon.
        definition: String,
    },
}

/// What a swap leaves of a foreign key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignKeyLeft {
    /// Unquoted.
    pub name: String,
    /// The referencing table, qualified and quoted.
    pub table: String,
    /// The referenced table, qualified and quoted.
    pub references: String,
    /// The tables that have it NOT VALID, qualified and quoted: `table` itself, or its leaves.
    pub on: Vec<String>,
    /// `table` is partitioned, and gets the key once its leaves' are valid.
    pub adopt: bool,
    /// `FOREIGN KEY (…) REFERENCES …`
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
}

impl ForeignKeyLeft {
    /// Whether `key` is this one: on its table, or on a leaf for the table to adopt.
    fn is(&self, key: &ForeignKey) -> bool {
        self.name == key.name && (self.table == key.table || self.on.contains(&key.table))
    }
}

/// The statement that locks a table and all partitions beneath it (`table` quoted and qualified).
#[must_use]
pub fn lock(table: &str) -> String {
    format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
}

/// A new table takes the place of an old one, by name.
#[must_use]
pub fn table(turn: &Turn<'_>) -> Exchange {
    let keys = foreign_key::Keys::of(turn);
    Exchange {
        locks: locks(turn, &keys),
        statements: [
            trigger::take_off(turn),
            publication::take_off(turn),
            keys.take_off(),
            difference::put_on(turn),
            rename::all(turn),
            sequence::put_on(turn),
            difference::comments(turn),
            trigger::put_on(turn),
            publication::put_on(turn),
            keys.put_on(),
            view::put_on(turn),
        ]
        .concat(),
        settle: [keys.settle(), view::settle(turn)].concat(),
        last: false,
    }
}

/// Both tables with all that is below them, and what is around them.
pub(crate) fn locks(turn: &Turn<'_>, keys: &foreign_key::Keys) -> Vec<String> {
    // Whoever writes to the table holds it and then asks for those it references: the same order.
    let tables = [turn.live_name().to_string(), turn.shadow_name().to_string()];
    let others = keys.others(turn).into_iter().chain(turn.around.tables.iter().cloned());
    let locks = tables.into_iter().chain(others).map(|table| lock(&table));
    view::locks(turn).into_iter().chain(locks).collect()
}

/// A new table is given its own name, and the old one stays as it is.
#[must_use]
pub fn copy(turn: &Turn<'_>, name: &str) -> Exchange {
    let mut statements = vec![rename::rename("TABLE", &turn.shadow_name(), name)];
    statements.extend(rename::own_indexes(turn));
    statements.extend(sequence::go_on(turn));
    Exchange {
        locks: vec![lock(&turn.live_name().to_string()), lock(&turn.shadow_name().to_string())],
        statements,
        settle: Vec::new(),
        last: true,
    }
}
