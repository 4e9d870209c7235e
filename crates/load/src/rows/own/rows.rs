//! Writes the rows of a table, each column by its recipe.

use std::sync::Arc;

use rand::RngExt;

use crate::fields::Fields;
use crate::rows::place::Pick;
use crate::rows::value::{Line, Pool, Walk};
use crate::rows::{Keys, Random, Rows};

/// How a column's values are invented.
#[derive(Debug)]
pub enum Recipe {
    /// On its own.
    Pick(Pick),
    /// A place between `low` and `high` that keeps the order to columns written before it.
    Ordered {
        /// The type.
        line: Line,
        /// The first place, where nothing else is demanded.
        low: i64,
        /// The last place, likewise.
        high: i64,
        /// Columns that are before this one, and how far at least.
        after: Vec<(usize, i64)>,
        /// Columns that are after this one, and how far at least.
        before: Vec<(usize, i64)>,
    },
    /// Of the key that was chosen from this group.
    Reference(usize, Pool),
    /// One digit of a number that counts all combinations with other columns.
    Combined {
        /// What the digit stands for.
        pool: Pool,
        /// How many combinations the digits before it have.
        stride: u64,
    },
    /// Sixteen bytes.
    Bytes,
}

/// A column that is sent.
#[derive(Debug)]
pub struct Sent {
    /// How its values are invented, where the partition key leaves that open.
    pub recipe: Recipe,
    /// NULLs among 1,000 rows.
    pub nulls: u16,
    /// The type, if its place decides about other columns.
    pub watched: Option<Line>,
}

/// A foreign key.
#[derive(Debug)]
pub struct Group {
    /// How many keys there are.
    pub keys: usize,
    /// Takes each once, if that is demanded.
    pub once: Option<Walk>,
    /// NULLs among 1,000 rows: all columns together.
    pub nulls: u16,
    /// A group before, with which it shares columns: its keys that go with each of that one's.
    pub with: Option<(usize, Vec<Vec<usize>>)>,
}

/// What all connections share.
#[derive(Debug)]
pub struct Layout {
    /// In the order in which they are sent.
    pub columns: Vec<Sent>,
    /// The order in which the watched ones are chosen.
    pub watched: Vec<usize>,
    /// Foreign keys.
    pub groups: Vec<Group>,
    /// Counts combinations.
    pub combinations: Option<Walk>,
}

impl Layout {
    fn walks(&self) -> impl Iterator<Item = &Walk> {
        let picks = self.columns.iter().filter_map(|column| match &column.recipe {
            Recipe::Pick(pick) => pick.walk(),
            _ => None,
        });
        let groups = self.groups.iter().filter_map(|group| group.once.as_ref());
        picks.chain(groups).chain(&self.combinations)
    }

    /// How many rows there are before a unique value repeats.
    pub fn capacity(&self) -> Option<u128> {
        self.walks().map(Walk::size).min()
    }

    /// Makes values that were taken free again.
    pub fn rewind(&self) {
        self.walks().for_each(Walk::rewind);
    }
}

/// The rows of one connection.
pub struct OwnRows {
    layout: Arc<Layout>,
    keys: Option<Box<dyn Keys>>,
    places: Vec<i64>,
    chosen: Vec<Option<usize>>,
}

impl OwnRows {
    /// Rows by `layout`, placed by `keys`.
    pub fn new(layout: Arc<Layout>, keys: Option<Box<dyn Keys>>) -> Self {
        let (places, chosen) = (vec![0; layout.columns.len()], vec![None; layout.groups.len()]);
        Self { layout, keys, places, chosen }
    }

    /// Places of the columns that others must be before or after.
    fn choose_places(&mut self, random: &mut Random) {
        for &at in &self.layout.watched {
            let column = &self.layout.columns[at];
            let key = self.keys.as_ref().and_then(|keys| keys.value(at));
            let key = key.and_then(|value| column.watched?.at(value));
            self.places[at] = match (key, &column.recipe) {
                (Some(key), _) => key.floor,
                (None, Recipe::Ordered { line, low, high, after, before }) => {
                    let (least, most) = line.limits();
                    let floor = after.iter().map(|(at, gap)| self.places[*at].saturating_add(*gap));
                    let ceiling =
                        before.iter().map(|(at, gap)| self.places[*at].saturating_sub(*gap));
                    let (floor, ceiling) =
                        (floor.max().unwrap_or(least), ceiling.min().unwrap_or(most));
                    let reach = (high.saturating_sub(*low) / 10).max(1);
                    let (low, high) = match (after.is_empty(), before.is_empty()) {
                        (true, true) => (*low, *high),
                        // Soon after what is before; before what is after, but not long.
                        (false, true) => {
                            (floor, floor.saturating_add(reach).min((*high).max(floor)))
                        }
                        (true, false) => {
                            (ceiling.saturating_sub(reach).max((*low).min(ceiling)), ceiling)
                        }
                        (false, false) => (floor, ceiling.max(floor)),
                    };
                    random.random_range(low..=high)
                }
                _ => 0,
            };
        }
    }
}

/// Whether this row gets one of `nulls` NULLs among 1,000.
fn is_null(nulls: u16, random: &mut Random) -> bool {
    nulls > 0 && random.random::<u16>() % 1_000 < nulls
}

impl Rows for OwnRows {
    fn write(&mut self, random: &mut Random, fields: &mut Fields<'_>) {
        if let Some(keys) = &mut self.keys {
            keys.next(random);
        }
        for (at, group) in self.layout.groups.iter().enumerate() {
            self.chosen[at] = if is_null(group.nulls, random) {
                None
            } else if let Some((before, fitting)) = &group.with {
                let fitting = self.chosen[*before].and_then(|key| fitting.get(key));
                let fitting = fitting.filter(|keys| !keys.is_empty());
                fitting.map(|keys| keys[random.random_range(0..keys.len())])
            } else if let Some(walk) = &group.once {
                usize::try_from(walk.next()).ok()
            } else {
                Some(random.random_range(0..group.keys))
            };
        }
        if !self.layout.watched.is_empty() {
            self.choose_places(random);
        }
        let combination = self.layout.combinations.as_ref().map_or(0, Walk::next);
        for (at, column) in self.layout.columns.iter().enumerate() {
            if let Some(keys) = &self.keys
                && let Some(value) = keys.value(at)
            {
                if keys.is_null(at) {
                    fields.null();
                } else {
                    fields.raw(value);
                }
                continue;
            }
            if is_null(column.nulls, random) {
                fields.null();
                continue;
            }
            match &column.recipe {
                Recipe::Pick(Pick::Value(pool)) => pool.write(random, fields),
                Recipe::Pick(pick) => {
                    pick.write(random, fields);
                }
                Recipe::Ordered { line, .. } => line.write(self.places[at], fields),
                Recipe::Reference(group, pool) => {
                    put(self.chosen[*group].and_then(|chosen| pool.get(chosen)), fields);
                }
                Recipe::Combined { pool, stride } => {
                    put(pool.get(usize::try_from(combination / stride).unwrap_or(0)), fields);
                }
                Recipe::Bytes => fields.raw(&random.random::<[u8; 16]>()),
            }
        }
    }

    fn clone_box(&self) -> Box<dyn Rows> {
        let keys = self.keys.as_ref().map(|keys| keys.clone_box());
        Box::new(Self::new(Arc::clone(&self.layout), keys))
    }
}

fn put(value: Option<&[u8]>, fields: &mut Fields<'_>) {
    match value {
        Some(value) => fields.raw(value),
        None => fields.null(),
    }
}
