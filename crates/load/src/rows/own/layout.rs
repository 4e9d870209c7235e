//! From what columns must keep to, to how their values are invented.

use std::collections::{HashMap, HashSet};

use lab::{Error, Result};
use tokio_postgres::Client;

use super::plan::Planned;
use super::rows::{Layout, Recipe, Sent};
use super::table::Filled;
use super::{groups, invent};
use crate::rows::place::Pick;
use crate::rows::value::{Kind, Pool, Walk};

/// Of 1,000 rows, how many have NULL in a column that takes it.
pub const NULLS: u16 = 30;

impl Planned<'_> {
    /// A recipe for each column.
    pub async fn layout(&self, client: &Client) -> Result<Layout> {
        let mut recipes: HashMap<usize, Recipe> = HashMap::new();
        let groups = groups::groups(self, client, &mut recipes).await?;
        for at in &self.sent {
            if let Some(pool) = self.given.get(at) {
                recipes.insert(*at, Recipe::Pick(Pick::Value(pool.clone())));
            }
            if !recipes.contains_key(at) {
                recipes.insert(*at, self.invented(client, *at).await?);
            }
        }
        let combinations = self.combine(&mut recipes);
        let watched = self.order(&mut recipes);
        let mut columns = Vec::new();
        for (n, at) in self.sent.iter().enumerate() {
            let Some(recipe) = recipes.remove(at) else { continue };
            let line = match self.table.columns[*at].typed.kind {
                Kind::Line(line) if watched.contains(&n) => Some(line),
                _ => None,
            };
            let nulls = self.nulls(*at, &recipe);
            columns.push(Sent { recipe, nulls, watched: line });
        }
        Ok(Layout { columns, watched, groups, combinations })
    }

    fn nulls(&self, at: usize, recipe: &Recipe) -> u16 {
        let own = self.given.contains_key(&at) || self.table.columns[at].filled != Filled::Null;
        let whole = own
            || self.unique.combination.contains(&at)
            || matches!(recipe, Recipe::Reference(..) | Recipe::Combined { .. });
        if whole || !self.nullable(at) { 0 } else { NULLS }
    }

    async fn invented(&self, client: &Client, at: usize) -> Result<Recipe> {
        let column = &self.table.columns[at];
        let once = self.unique.columns.contains(&at) && !self.steered.contains(&at);
        let table = self.table.name.to_string();
        if let Some(recipe) = invent::invent(client, &table, column, &self.known[at], once).await? {
            return Ok(recipe);
        }
        // A key's values come from the bounds; where these leave them open, NULL is the last resort.
        if !column.not_null || self.steered.contains(&at) {
            return Ok(Recipe::Pick(Pick::Value(std::iter::once(None).collect())));
        }
        let why = if column.checks.is_empty() {
            "nobody here knows values of this type".to_owned()
        } else {
            format!("no value was found that passes {}", column.checks.join(" AND "))
        };
        Err(Error::failed(format!(
            "column {} of {} cannot be filled: it is {} NOT NULL and has no default",
            column.quoted(),
            self.table.name,
            column.sql_type
        ))
        .because(why)
        .next(format!(
            "give a value of {}: --set '{}=value' (again for more: rows take one at random)",
            column.sql_type, column.name
        )))
    }

    /// Makes digits of a number of the columns whose combination must be unique.
    fn combine(&self, recipes: &mut HashMap<usize, Recipe>) -> Option<Walk> {
        let mut size = 1_u64;
        for at in &self.unique.combination {
            let single = |at: &usize| self.table.foreign.iter().any(|key| key.columns[..] == [*at]);
            let pool: Pool = match recipes.get(at)? {
                _ if self.steered.contains(at) => continue,
                Recipe::Pick(Pick::Value(pool)) => distinct(pool),
                Recipe::Reference(_, pool) if single(at) => distinct(pool),
                Recipe::Ordered { line, low, high, .. } => {
                    let step = (high.saturating_sub(*low) / 1_000).max(1);
                    let places = (0..1_000).map(|n| low.saturating_add(step.saturating_mul(n)));
                    places.filter(|place| place <= high).map(|place| line.bytes(place)).collect()
                }
                _ => continue,
            };
            let next = size.saturating_mul(u64::try_from(pool.len()).unwrap_or(1).max(1));
            recipes.insert(*at, Recipe::Combined { pool, stride: size });
            size = next;
        }
        (size > 1).then(|| Walk::scattered(size.into()))
    }

    /// Tells columns that must be before or after others about these; the order in which to choose.
    fn order(&self, recipes: &mut HashMap<usize, Recipe>) -> Vec<usize> {
        let mut turns = self.sent.clone();
        turns.sort_by_key(|at| !self.steered.contains(at));
        let turn = |at: usize| turns.iter().position(|other| *other == at);
        let mut watched = HashSet::new();
        for order in &self.orders {
            let (Some(first), Some(second)) = (turn(order.before), turn(order.after)) else {
                continue;
            };
            let (told, about) = if first < second {
                (order.after, order.before)
            } else {
                (order.before, order.after)
            };
            let followed = self.steered.contains(&about)
                || matches!(recipes.get(&about), Some(Recipe::Ordered { .. }));
            let (Some(about_place), true) = (self.place(about), followed) else { continue };
            let Some(Recipe::Ordered { after, before, .. }) = recipes.get_mut(&told) else {
                continue;
            };
            if first < second {
                after.push((about_place, order.gap));
            } else {
                before.push((about_place, order.gap));
            }
            watched.extend([told, about]);
        }
        for (_, recipe) in recipes.iter_mut().filter(|(at, _)| !watched.contains(at)) {
            if let Recipe::Ordered { line, low, high, .. } = recipe {
                *recipe = Recipe::Pick(Pick::Place(*line, *low, *high));
            }
        }
        turns.iter().filter(|at| watched.contains(at)).filter_map(|at| self.place(*at)).collect()
    }
}

fn distinct(pool: &Pool) -> Pool {
    let mut seen = HashSet::new();
    let values = pool.iter().filter(|value| seen.insert(value.map(<[u8]>::to_vec)));
    values.map(|value| value.map(<[u8]>::to_vec)).collect::<Vec<_>>().into_iter().collect()
}
