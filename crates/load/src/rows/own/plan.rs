//! Which columns of a table are sent, and what each of them must keep to.

use std::collections::{HashMap, HashSet};

use lab::{Error, Result};
use tokio_postgres::Client;

use super::known::{Known, Order, known, settle_defaults};
use super::set;
use super::table::{Filled, Table, TableColumn};
use super::unique::{Unique, unique};
use crate::rows::place::{Limits, Steps};
use crate::rows::value::{Kind, Pool};
use crate::rows::{Column, Wish};

/// What is decided about a table's columns.
pub struct Planned<'a> {
    /// The table.
    pub table: &'a Table,
    /// Places of the columns that are sent, in order.
    pub sent: Vec<usize>,
    /// Values that the user gave.
    pub given: HashMap<usize, Pool>,
    /// What the checks say of each column.
    pub known: Vec<Known>,
    /// Which columns must be before which.
    pub orders: Vec<Order>,
    /// Columns whose values the partition key decides.
    pub steered: HashSet<usize>,
    /// Columns that are part of a partition key, even within an expression.
    pub keys: HashSet<usize>,
    /// Columns of foreign keys.
    pub foreign: HashSet<usize>,
    /// What keeps rows apart.
    pub unique: Unique,
}

impl<'a> Planned<'a> {
    /// Decides it.
    pub async fn new(
        client: &Client,
        table: &'a Table,
        steps: &Steps,
        wish: &Wish,
    ) -> Result<Self> {
        let given = set::given(client, table, &wish.set).await?;
        let steerable = steps.steerable();
        let is_steerable = |column: &TableColumn| steerable.contains(&column.name);
        let wanted = |(at, column): (usize, &TableColumn)| {
            let invented = match column.filled {
                Filled::Null => true,
                Filled::Default | Filled::Identity => is_steerable(column),
                Filled::Always => false,
            };
            (given.contains_key(&at) || column.may_insert && invented).then_some(at)
        };
        let mut sent: Vec<usize> = table.columns.iter().enumerate().filter_map(wanted).collect();
        if sent.is_empty() {
            // Everything fills itself in, and a statement needs a column.
            let simple = |column: &TableColumn| {
                column.may_insert
                    && column.filled == Filled::Default
                    && !matches!(column.typed.kind, Kind::Named(..))
            };
            let best = (0..table.columns.len()).rev().find(|at| simple(&table.columns[*at]));
            sent.extend(best);
        }
        if sent.is_empty() {
            return Err(Error::failed(format!("{} has no column to send", table.name))
                .because("each is an identity or generated, or you may not insert into it"));
        }
        let places: HashMap<usize, usize> =
            sent.iter().enumerate().map(|(n, at)| (*at, n)).collect();
        let (mut known, mut orders) = known(client, table).await;
        settle_defaults(table, &mut known, &mut orders, &places);
        let foreign: HashSet<usize> = table
            .foreign
            .iter()
            .filter(|key| key.columns.iter().all(|at| places.contains_key(at)))
            .flat_map(|key| key.columns.iter().copied())
            .filter(|at| !given.contains_key(at))
            .collect();
        let fixed = |at: usize| given.contains_key(&at) || foreign.contains(&at);
        let steered: HashSet<usize> = sent
            .iter()
            .copied()
            .filter(|at| is_steerable(&table.columns[*at]) && !fixed(*at))
            .collect();
        let keys = (0..table.columns.len())
            .filter(|at| steps.all().any(|step| step.key.contains(&table.columns[*at].name)))
            .collect();
        let unique = unique(table, &known, &places, &|at| match () {
            () if fixed(at) => 0,
            () if steered.contains(&at) => 1,
            () => 2,
        });
        Ok(Self { table, sent, given, known, orders, steered, keys, foreign, unique })
    }

    /// The columns that are sent.
    pub fn columns(&self) -> Vec<Column> {
        let columns = self.sent.iter().map(|at| &self.table.columns[*at]);
        columns.map(|c| Column { name: c.name.clone(), type_oid: c.type_oid }).collect()
    }

    /// The place of a column among those sent.
    pub fn place(&self, at: usize) -> Option<usize> {
        self.sent.iter().position(|sent| *sent == at)
    }

    /// What the partition key must keep to.
    pub fn limits(&self) -> Limits {
        let places = self.sent.iter().map(|at| (self.known[*at].low, self.known[*at].high));
        let steered = |at: &&usize| self.steered.contains(at);
        let once = self.unique.columns.iter().find(steered).and_then(|at| self.place(*at));
        let fixed = self.sent.iter().enumerate().filter(|(_, at)| !self.steered.contains(at));
        Limits { places: places.collect(), once, fixed: fixed.map(|(n, _)| n).collect() }
    }

    /// Why columns of the key are not steered.
    pub fn notes(&self) -> Vec<String> {
        let fixed = self.keys.iter().filter(|at| !self.steered.contains(at));
        let named = |at: &usize| {
            let column = self.table.columns[*at].quoted();
            if self.foreign.contains(at) {
                Some(format!(
                    "{column} is a foreign key: its partitions are those of the rows it refers to"
                ))
            } else if self.given.contains_key(at) {
                Some(format!("{column} is part of the partition key and has the values of --set"))
            } else {
                None
            }
        };
        fixed.filter_map(named).collect()
    }

    /// Whether NULL does no harm.
    pub fn nullable(&self, at: usize) -> bool {
        let column = &self.table.columns[at];
        !(column.not_null || self.known[at].not_null || self.keys.contains(&at))
    }
}
