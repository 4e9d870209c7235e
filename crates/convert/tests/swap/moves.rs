//! What an exchange does, on a target made by hand: no machinery is needed to see it.

use convert::design::{Design, TargetIndex};
use convert::event::{Event, Observer};
use convert::layout::{Layout, Part};
use convert::moves::{self, Around, Settlement, Turn, around};
use convert::portrait::{self, Portrait};
use convert::request::{Level, Request, Shape};
use convert::state::Side;
use convert::work::{Pace, Work};
use lab::catalog::{Name, quote_ident};
use lab::interrupt::Interrupt;
use testbed::{Database, server};
use tokio_postgres::Client;

use crate::describe::{describe, same};

/// 63 bytes with a quote, a space, upper case and umlauts.
pub const LONG: &str = "Größe \" of an Ärger ; DROP TABLE x -- {}$1 aaaaaaaaaaaaaaaaa";

/// A table with one of everything; its name, quoted and qualified.
pub fn adorned(database: &Database) -> String {
    assert_eq!(LONG.len(), 63);
    let sql = include_str!("adorned.sql")
        .replace("{database}", &quote_ident(database.name()))
        .replace("{long}", &quote_ident(LONG));
    let (before, after) = sql.split_once("GRANT USAGE ON SEQUENCE").unwrap();
    database.batch(before);
    let table = Name::new("My Schema", LONG).to_string();
    let sequence =
        database.text(&format!("SELECT pg_get_serial_sequence({}, 'id')", moves::literal(&table)));
    let after = format!("SET search_path = \"My Schema\"; GRANT USAGE ON SEQUENCE{after}");
    database.batch(&after.replace("{identity}", &sequence));
    table
}

struct Silent;

impl Observer for Silent {
    fn tell(&self, _event: Event) {}
}

/// Two tables and the design by which one is made from the other.
struct Pair {
    design: Design,
    source: u32,
    target: u32,
    live: Side,
    pending: Vec<Settlement>,
}

impl Pair {
    /// The target, with the rows, in quarters of `day`.
    async fn new(client: &Client, table: &str) -> Self {
        let source = oid(client, table).await;
        let portrait = portrait::read(client, source).await.unwrap();
        let name =
            |suffix: &str| format!("{}{suffix}", &portrait.name[..40.min(portrait.name.len())]);
        let target = Name::new(&portrait.schema, name("_new"));
        let layout = Layout {
            key: "RANGE (day)".into(),
            columns: vec!["day".into()],
            parts: [("q1", "2024-01-01", "2024-04-01"), ("q2", "2024-04-01", "2024-07-01")]
                .map(|(part, from, to)| Part {
                    name: format!("Part {part}"),
                    bound: format!("FOR VALUES FROM ('{from}') TO ('{to}')"),
                    below: None,
                })
                .into(),
        };
        let columns: Vec<String> = portrait
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .map(|column| column.name.clone())
            .collect();
        let list: Vec<_> = columns.iter().map(|column| quote_ident(column)).collect();
        let list = list.join(", ");
        let mut sql = vec![format!(
            "CREATE TABLE {target} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY {};",
            layout.key
        )];
        for part in &layout.parts {
            let parked = if portrait.partition_key.is_some() {
                moves::parked(&part.name, 1)
            } else {
                part.name.clone()
            };
            let leaf = Name::new(&portrait.schema, parked);
            sql.push(format!("CREATE TABLE {leaf} PARTITION OF {target} {}", part.bound));
        }
        sql.push(format!(
            "INSERT INTO {target} ({list}) OVERRIDING SYSTEM VALUE SELECT {list} FROM {table}"
        ));
        for (n, index) in portrait.indexes.iter().enumerate() {
            sql.push(match index.constraint {
                Some(kind) => {
                    let columns: Vec<_> =
                        index.columns.iter().flatten().map(|column| quote_ident(column)).collect();
                    format!(
                        "ALTER TABLE {target} ADD CONSTRAINT \"target {n}\" {} ({}) {};",
                        if kind == 'p' { "PRIMARY KEY" } else { "UNIQUE" },
                        columns.join(", "),
                        if index.deferrable { "DEFERRABLE INITIALLY DEFERRED" } else { "" }
                    )
                }
                None => format!(
                    "CREATE {}INDEX \"target {n}\" ON {target} USING {};",
                    if index.unique { "UNIQUE " } else { "" },
                    index.using
                ),
            });
        }
        sql.push(format!("ALTER TABLE {target} ALTER COLUMN body SET STATISTICS 77"));
        client.batch_execute(&sql.join(";\n")).await.unwrap();
        let indexes = portrait.indexes.iter().map(|index| TargetIndex {
            name: index.name.clone(),
            using: index.using.clone(),
            columns: index.columns.clone(),
            unique: index.unique,
            constraint: index.constraint,
            added: Vec::new(),
            tablespace: index.tablespace.clone(),
        });
        let indexes = indexes.collect();
        let target_oid = oid(client, &target.to_string()).await;
        let design = Design {
            request: request(),
            layout,
            key: Vec::new(),
            log_columns: Vec::new(),
            columns,
            target_name: target.name,
            old_name: name("_old"),
            indexes,
            blockers: Vec::new(),
            remarks: Vec::new(),
            source: portrait,
        };
        Self { design, source, target: target_oid, live: Side::Source, pending: Vec::new() }
    }

    /// Exchanges the two, and keeps in mind what is left.
    async fn exchange(&mut self, client: &Client) {
        client.batch_execute("BEGIN; SET LOCAL search_path = ''").await.unwrap();
        let (live, shadow) = match self.live {
            Side::Source => (self.source, self.target),
            Side::Target => (self.target, self.source),
        };
        let live = portrait::read(client, live).await.unwrap();
        let shadow = portrait::read(client, shadow).await.unwrap();
        let names = |portrait: &Portrait| portrait.tree.clone();
        let around: Around = around::read(client, live.oid).await.unwrap();
        let turn = Turn {
            id: 1,
            design: &self.design,
            side: self.live,
            live: &live,
            shadow: &shadow,
            live_tables: &around::names(client, &names(&live)).await.unwrap(),
            shadow_tables: &around::names(client, &names(&shadow)).await.unwrap(),
            around: &around,
            pending: &self.pending,
        };
        moves::check(&turn).unwrap();
        let exchange = convert::shape::exchange(client, &turn).await.unwrap();
        for statement in exchange.locks.iter().chain(&exchange.statements) {
            if let Err(error) = client.batch_execute(statement).await {
                panic!("{statement}: {error:?}");
            }
        }
        self.pending = exchange.settle;
        let left = serde_json::to_string(&self.pending).unwrap();
        let list = moves::literal(&left);
        client
            .batch_execute(&format!(
                "DELETE FROM partition_convert.settlements;
                 INSERT INTO partition_convert.settlements SELECT 1, n, s
                 FROM jsonb_array_elements({list}::jsonb) WITH ORDINALITY AS l (s, n);
                 COMMIT"
            ))
            .await
            .unwrap();
        self.live = self.live.other();
    }

    async fn settle(&mut self, database: &Database) {
        let mut session = database.session("settle").await;
        let interrupt = Interrupt::default();
        let work = Work::new(&mut session, &interrupt, Pace::default(), &Silent);
        convert::swap::settle(&work, 1).await.unwrap();
        self.pending.clear();
    }
}

fn request() -> Request {
    Request {
        shape: Shape::Table,
        levels: vec![Level::List { column: "day".into() }],
        default: false,
        ahead: 0,
        time_zone: None,
        names: Vec::new(),
        unique: std::collections::BTreeMap::new(),
        accept: Vec::new(),
    }
}

async fn oid(client: &Client, table: &str) -> u32 {
    client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0)
}

/// The tables in which conversion 1 is kept.
fn state(database: &Database) {
    database.batch(include_str!("../../../../scripts/convert/00_state.sql"));
    database.batch(
        "INSERT INTO partition_convert.conversions (source, schema_name, live_name, shape, phase, design)
         VALUES (0, '', '', 'table', 'ready', '{}')",
    );
}

#[tokio::test]
async fn all_that_hangs_on_a_table_goes_over_and_back() {
    let database = server().database();
    let table = adorned(&database);
    state(&database);
    let before = describe(&database, &table).await;
    let client = database.client().await;
    let mut pair = Pair::new(&client, &table).await;
    for (turn, what) in [(Side::Target, "swapped"), (Side::Source, "back"), (Side::Target, "again")]
    {
        pair.exchange(&client).await;
        pair.settle(&database).await;
        assert_eq!(pair.live, turn);
        same(&before, &describe(&database, &table).await, what);
    }
}
