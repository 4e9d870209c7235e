//! The columns of a partition key whose values are chosen here.

use std::collections::{HashMap, HashSet};

use lab::catalog::quote_ident;
use lab::{Context, Result};
use tokio_postgres::Client;

use super::bounds::Bounds;
use super::region::{self, Allowed, End, Region};
use super::steps::{Step, Steps};
use crate::rows::value::{Kind, Line, kind, typed_literals};
use crate::rows::{Column, sql};

/// One of them.
#[derive(Debug)]
pub struct KeyColumn {
    /// Its place among the columns that are sent.
    pub index: usize,
    /// Unquoted.
    pub name: String,
    /// What values it has.
    pub kind: Kind,
    /// Its type beneath all domains.
    pub sql_type: String,
    /// `COLLATE …`, when it is not the database's.
    pub collate: String,
    /// The binary values of the literals that stand in bounds.
    literals: HashMap<String, Option<Vec<u8>>>,
}

impl KeyColumn {
    /// The line that its values lie on, if they do.
    pub fn line(&self) -> Option<Line> {
        match self.kind {
            Kind::Line(line) => Some(line),
            _ => None,
        }
    }
}

/// All of them.
#[derive(Debug)]
pub struct Key(pub Vec<KeyColumn>);

impl Key {
    /// Those of `columns` whose values lead to a partition and aren't `fixed`. The server reads the bounds' literals.
    pub async fn read(
        client: &Client,
        table: u32,
        steps: &Steps,
        columns: &[Column],
        fixed: &HashSet<usize>,
    ) -> Result<Self> {
        let names = steps.steerable();
        let what = || format!("cannot read the columns of table {table}");
        let mut details: HashMap<String, (i32, Option<String>)> = HashMap::new();
        for row in client.query(sql::COLUMNS, &[&table]).await.context(what)? {
            let name = row.try_get("name").context(what)?;
            let modifier = row.try_get("modifier").context(what)?;
            details.insert(name, (modifier, row.try_get("collation").context(what)?));
        }
        let mut key = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            if !names.contains(&column.name) || fixed.contains(&index) {
                continue;
            }
            let what = || format!("cannot read the bounds of column {}", quote_ident(&column.name));
            let (modifier, collation) = details.get(&column.name).cloned().unwrap_or((-1, None));
            let typed = kind(client, column.type_oid, modifier).await.context(what)?;
            let mut literals: Vec<String> = steps
                .all()
                .filter_map(|step| {
                    let at = step.columns.iter().position(|n| n.as_ref() == Some(&column.name))?;
                    Some(step.bounds.literals(at))
                })
                .flatten()
                .cloned()
                .collect();
            literals.sort();
            literals.dedup();
            let values = typed_literals(client, &literals, &typed.sql_type).await.context(what)?;
            key.push(KeyColumn {
                index,
                name: column.name.clone(),
                kind: typed.kind,
                sql_type: typed.sql_type,
                collate: collation.map(|name| format!("COLLATE {name}")).unwrap_or_default(),
                literals: literals.into_iter().zip(values).collect(),
            });
        }
        Ok(Self(key))
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// The line of a column.
    pub fn line(&self, at: usize) -> Option<Line> {
        self.0.get(at).and_then(KeyColumn::line)
    }

    /// A region of which anything is allowed.
    pub fn everything(&self) -> Region {
        vec![None; self.0.len()]
    }

    /// The columns of a step, if values of all of them are chosen here.
    pub fn columns(&self, step: &Step) -> Option<Vec<usize>> {
        step.steerable()?.into_iter().map(|name| self.position(name)).collect()
    }

    /// A list's values.
    pub fn values(&self, column: usize, list: &[Option<String>]) -> Vec<Option<Vec<u8>>> {
        let value = |literal: &String| self.0.get(column)?.literals.get(literal).cloned().flatten();
        list.iter().map(|literal| literal.as_ref().and_then(value)).collect()
    }

    /// A range's ends.
    pub fn ends(&self, columns: &[usize], edges: &[super::bounds::Edge]) -> Option<Vec<End>> {
        columns
            .iter()
            .zip(edges)
            .map(|(at, edge)| {
                let column = self.0.get(*at)?;
                let value = |literal: &str| column.literals.get(literal).cloned().flatten();
                End::new(edge, value, column.line())
            })
            .collect()
    }

    /// What leads through one step; everything, where nothing is known.
    pub fn regions(&self, step: &Step) -> Vec<Region> {
        let Some(columns) = self.columns(step) else { return vec![self.everything()] };
        match &step.bounds {
            Bounds::List(list) => {
                let mut region = self.everything();
                region[columns[0]] = Some(Allowed::Values(self.values(columns[0], list)));
                vec![region]
            }
            Bounds::Range(from, to) => {
                let (from, to) = (self.ends(&columns, from), self.ends(&columns, to));
                match (from, to) {
                    (Some(from), Some(to)) => region::range(&columns, &from, &to, self.0.len()),
                    _ => vec![self.everything()],
                }
            }
            Bounds::Hash | Bounds::Default => vec![self.everything()],
        }
    }

    /// What leads through all steps.
    pub fn along<'a>(&self, steps: impl IntoIterator<Item = &'a Step>) -> Vec<Region> {
        steps.into_iter().fold(vec![self.everything()], |regions, step| {
            region::within(&regions, &self.regions(step), &|at| self.line(at))
        })
    }
}
