//! What a writer does to its rows, and what must come of it: the model that the server is held
//! against.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::table::{Col, IDS, Row, Table};

/// One statement.
#[derive(Debug, Clone)]
pub enum Change {
    Insert(Vec<Row>),
    /// `ON CONFLICT DO NOTHING`, without a target.
    InsertOrNothing(Row),
    /// `ON CONFLICT (key) DO UPDATE` of N and Body.
    Upsert(Row),
    /// Of all rows with this id.
    Update {
        id: String,
        set: Vec<(Col, Option<String>)>,
    },
    /// Of all rows whose N is at most this, adding one.
    Raise {
        most: i64,
    },
    Delete {
        ids: Vec<String>,
    },
}

/// What a statement must answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows.
    Rows(u64),
    /// A unique violation.
    Violates,
}

impl Change {
    /// Something to do. `None` when it would be refused by one of the two tables only.
    pub fn invent(
        table: &Table,
        random: &mut StdRng,
        writer: usize,
        model: &[Row],
    ) -> Option<Self> {
        let id = |random: &mut StdRng| random.random_range(1..=IDS);
        let known = |random: &mut StdRng| match model.len() {
            0 => table.id(writer, 1),
            rows => {
                let row = &model[random.random_range(0..rows)];
                row[Col::Id as usize].clone().expect("an id")
            }
        };
        let change = match random.random_range(0..20) {
            0..5 => {
                let number = id(random);
                Self::Insert(vec![table.row(random, writer, number)])
            }
            5..7 => {
                let first = id(random);
                let rows = random.random_range(2..6);
                Self::Insert((first..first + rows).map(|n| table.row(random, writer, n)).collect())
            }
            7 => {
                let number = id(random);
                Self::InsertOrNothing(table.row(random, writer, number))
            }
            8 => {
                let number = id(random);
                Self::Upsert(table.row(random, writer, number))
            }
            9..16 => {
                let columns = match random.random_range(0..8) {
                    0 => vec![Col::Id],
                    1 | 2 => vec![Col::At],
                    3 => vec![Col::Kind, Col::Num],
                    4 => vec![Col::Code],
                    5 => vec![Col::Body],
                    6 => vec![Col::At, Col::Kind, Col::Num, Col::Code],
                    _ => vec![Col::N],
                };
                let set = columns.into_iter().map(|column| match column {
                    Col::Id => (column, Some(table.id(writer, id(random)))),
                    _ => (column, table.value(random, writer, column)),
                });
                let set = set.collect();
                Self::Update { id: known(random), set }
            }
            16 => Self::Raise { most: random.random_range(0..10) },
            _ => {
                let rows = random.random_range(1..4);
                Self::Delete { ids: (0..rows).map(|_| known(random)).collect() }
            }
        };
        change.allowed(table, model).then_some(change)
    }

    fn allowed(&self, table: &Table, model: &[Row]) -> bool {
        let in_keys = |column: &Col| {
            table.key.contains(column)
                || table.unique.as_ref().is_some_and(|unique| unique.contains(column))
        };
        let allowed = match self {
            Self::InsertOrNothing(_) => !table.deferrable,
            Self::Upsert(_) => table.keys_survive(),
            // Several rows would be checked one after the other, in an order that nobody knows.
            Self::Update { id, set } if set.iter().any(|(column, _)| in_keys(column)) => {
                let same_id = |row: &&Row| row[Col::Id as usize].as_ref() == Some(id);
                let changes_id = set.iter().any(|(column, _)| *column == Col::Id);
                model.iter().filter(same_id).count() == 1
                    && !(changes_id && table.identity == Some("ALWAYS"))
            }
            _ => true,
        };
        // A key that gets the partition column forbids less than before, and one that is checked
        // at COMMIT is not modelled: neither is violated.
        let comparable = table.keys_survive() && !table.deferrable;
        allowed && (comparable || !self.violates_once(table, model))
    }

    /// Whether it runs into a key, be it that this is then no error.
    fn violates_once(&self, table: &Table, model: &[Row]) -> bool {
        match self {
            Self::InsertOrNothing(row) => conflicts(table, model, row, None),
            _ => self.apply(table, &mut model.to_vec()) == Outcome::Violates,
        }
    }

    /// Does it to the model. After a violation the model is as it was.
    pub fn apply(&self, table: &Table, model: &mut Vec<Row>) -> Outcome {
        let before = model.clone();
        let outcome = self.attempt(table, model);
        if outcome == Outcome::Violates {
            *model = before;
        }
        outcome
    }

    fn attempt(&self, table: &Table, model: &mut Vec<Row>) -> Outcome {
        let mut changed = 0;
        match self {
            Self::Insert(rows) => {
                for row in rows {
                    if conflicts(table, model, row, None) {
                        return Outcome::Violates;
                    }
                    model.push(row.clone());
                    changed += 1;
                }
            }
            Self::InsertOrNothing(row) => {
                if !conflicts(table, model, row, None) {
                    model.push(row.clone());
                    changed = 1;
                }
            }
            Self::Upsert(row) => {
                changed = 1;
                match model.iter().position(|other| same(&table.key, other, row)) {
                    Some(at) => {
                        for column in [Col::N, Col::Body] {
                            model[at][column as usize].clone_from(&row[column as usize]);
                        }
                    }
                    None if conflicts(table, model, row, None) => return Outcome::Violates,
                    None => model.push(row.clone()),
                }
            }
            Self::Update { id, set } => {
                for at in 0..model.len() {
                    if model[at][Col::Id as usize].as_ref() != Some(id) {
                        continue;
                    }
                    let mut row = model[at].clone();
                    for (column, value) in set {
                        row[*column as usize].clone_from(value);
                    }
                    if conflicts(table, model, &row, Some(at)) {
                        return Outcome::Violates;
                    }
                    // Whoever changed its id is not met again.
                    model[at] = row;
                    changed += 1;
                }
            }
            Self::Raise { most } => {
                for row in model {
                    let n: i64 =
                        row[Col::N as usize].as_ref().expect("a number").parse().expect("n");
                    if n <= *most {
                        row[Col::N as usize] = Some((n + 1).to_string());
                        changed += 1;
                    }
                }
            }
            Self::Delete { ids } => {
                let rows = model.len();
                model
                    .retain(|row| !ids.iter().any(|id| row[Col::Id as usize].as_ref() == Some(id)));
                changed = (rows - model.len()) as u64;
            }
        }
        Outcome::Rows(changed)
    }

    /// The statement; `value` says how a value of this type stands in it.
    pub fn sql(
        &self,
        table: &Table,
        writer: usize,
        mut value: impl FnMut(&'static str, Option<&str>) -> String,
    ) -> String {
        let name = &table.name;
        let mut of =
            |column: Col, it: &Option<String>| value(table.types[column as usize], it.as_deref());
        let mut insert = |rows: &[Row]| {
            let rows = rows.iter().map(|row| {
                let row = Col::ALL.map(|column| of(column, &row[column as usize]));
                format!("({})", row.join(", "))
            });
            let rows = rows.collect::<Vec<_>>().join(", ");
            let (columns, overriding) = (table.columns(), table.overriding());
            format!("INSERT INTO {name} ({columns}){overriding} VALUES {rows}")
        };
        let (id, n, body) = (table.col(Col::Id), table.col(Col::N), table.col(Col::Body));
        let own = format!("{} = {writer}", table.col(Col::Writer));
        match self {
            Self::Insert(rows) => insert(rows),
            Self::InsertOrNothing(row) => {
                format!("{} ON CONFLICT DO NOTHING", insert(std::slice::from_ref(row)))
            }
            Self::Upsert(row) => {
                let key = table.key.iter().map(|column| table.col(*column));
                let key = key.collect::<Vec<_>>().join(", ");
                format!(
                    "{} ON CONFLICT ({key}) DO UPDATE SET {n} = excluded.{n}, {body} = excluded.{body}",
                    insert(std::slice::from_ref(row))
                )
            }
            Self::Update { id: wanted, set } => {
                let set = set
                    .iter()
                    .map(|(column, it)| format!("{} = {}", table.col(*column), of(*column, it)));
                let set = set.collect::<Vec<_>>().join(", ");
                let wanted = of(Col::Id, &Some(wanted.clone()));
                format!("UPDATE {name} SET {set} WHERE {own} AND {id} = {wanted}")
            }
            Self::Raise { most } => {
                format!("UPDATE {name} SET {n} = {n} + 1 WHERE {own} AND {n} <= {most}")
            }
            Self::Delete { ids } => {
                let ids = ids.iter().map(|it| of(Col::Id, &Some(it.clone())));
                let ids = ids.collect::<Vec<_>>().join(", ");
                format!("DELETE FROM {name} WHERE {own} AND {id} IN ({ids})")
            }
        }
    }
}

fn same(columns: &[Col], one: &Row, other: &Row) -> bool {
    columns.iter().all(|column| {
        let (one, other) = (&one[*column as usize], &other[*column as usize]);
        one.is_some() && one == other
    })
}

/// Whether another row than number `but` has a key of `row`.
fn conflicts(table: &Table, model: &[Row], row: &Row, but: Option<usize>) -> bool {
    let others = || model.iter().enumerate().filter(|(at, _)| Some(*at) != but);
    let taken = |key: &[Col]| others().any(|(_, other)| same(key, other, row));
    taken(&table.key) || table.unique.as_deref().is_some_and(taken)
}
