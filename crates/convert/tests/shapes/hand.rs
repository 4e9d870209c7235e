//! Exchanges between tables made by hand: what they do to the catalogs needs no copying.

use convert::design::{self, Design};
use convert::event::{Event, Observer};
use convert::moves::{self, Turn};
use convert::portrait;
use convert::request::{Level, Request, Shape, UniqueKey};
use convert::shape;
use convert::state::{Conversion, Phase, Side};
use convert::work::{Pace, Work};
use lab::catalog::{Name, quote_ident};
use lab::connect::Session;
use lab::interrupt::Interrupt;
use testbed::Database;

struct Silent;

impl Observer for Silent {
    fn tell(&self, _event: Event) {}
}

/// Two tables, the design, and a session that hears what the server does.
pub struct Hand {
    session: Session,
    pub conversion: Conversion,
}

impl Hand {
    /// Decides about `table`, makes the target and fills it.
    pub async fn new(database: &Database, table: &str, shape: Shape, level: Level) -> Self {
        let session = database.session("shapes").await;
        let client = session.client();
        client
            .batch_execute("CREATE SCHEMA partition_convert; SET search_path = ''")
            .await
            .unwrap();
        let oid = oid(&session, table).await;
        let request = Request {
            shape,
            levels: vec![level],
            default: false,
            ahead: 2,
            time_zone: None,
            names: Vec::new(),
            unique: [("orders_code_key".to_owned(), UniqueKey::Drop)].into(),
            accept: Vec::new(),
        };
        let design = design::decide(client, oid, &request).await.unwrap();
        assert_eq!(design.blockers, []);
        let target = make(&session, &design).await;
        let conversion = Conversion {
            id: 1,
            source: oid,
            target: Some(target),
            phase: Phase::Ready,
            live: Side::Source,
            design,
        };
        Self { session, conversion }
    }

    /// Gets ready and exchanges. Fails when a table is scanned under the locks. The statements.
    pub async fn exchange(&mut self) -> Vec<String> {
        let interrupt = Interrupt::default();
        let work = Work::new(&mut self.session, &interrupt, Pace::default(), &Silent);
        shape::ready(&work, &self.conversion).await.unwrap();
        // What is done already is not done again.
        shape::ready(&work, &self.conversion).await.unwrap();
        let client = self.session.client();
        let source = portrait::read(client, self.conversion.source).await.unwrap();
        let target = portrait::read(client, self.conversion.target.unwrap()).await.unwrap();
        let (live, shadow) = match self.conversion.live {
            Side::Source => (&source, &target),
            Side::Target => (&target, &source),
        };
        let around = moves::around::read(client, live.oid).await.unwrap();
        let live_tables = moves::around::names(client, &live.tree).await.unwrap();
        let shadow_tables = moves::around::names(client, &shadow.tree).await.unwrap();
        let turn = Turn {
            id: 1,
            design: &self.conversion.design,
            side: self.conversion.live,
            live,
            shadow,
            live_tables: &live_tables,
            shadow_tables: &shadow_tables,
            around: &around,
            pending: &[],
        };
        let exchange = shape::exchange(client, &turn).await.unwrap();
        client.batch_execute("SET client_min_messages = debug1").await.unwrap();
        let heard = self.session.take_notices();
        drop(heard);
        let client = self.session.client();
        client.batch_execute("BEGIN").await.unwrap();
        for statement in exchange.locks.iter().chain(&exchange.statements) {
            if let Err(error) = client.batch_execute(statement).await {
                panic!("{statement}: {error:?}\nof {:#?}", exchange.statements);
            }
        }
        client.batch_execute("COMMIT; RESET client_min_messages").await.unwrap();
        for notice in self.session.take_notices() {
            let long = ["verifying table", "validating foreign key", "building index"];
            let is_long = long.iter().any(|work| notice.starts_with(work));
            assert!(!is_long, "{notice}: {:#?}", exchange.statements);
        }
        self.conversion.live = self.conversion.live.other();
        exchange.statements
    }

    /// The conversion has ended: what it left on tables that stay goes.
    pub async fn clear(&mut self) {
        let interrupt = Interrupt::default();
        let work = Work::new(&mut self.session, &interrupt, Pace::default(), &Silent);
        shape::clear(&work, &self.conversion).await.unwrap();
    }
}

async fn oid(session: &Session, table: &str) -> u32 {
    let row = session.client().query_one("SELECT $1::text::regclass::oid", &[&table]).await;
    row.unwrap().get(0)
}

/// The target as the steps before a swap leave it.
async fn make(session: &Session, design: &Design) -> u32 {
    let source = Name::new(&design.source.schema, &design.source.name);
    let target = Name::new(&design.source.schema, &design.target_name);
    let attach_old = design.request.shape == Shape::AttachOld;
    let like =
        if attach_old { "INCLUDING DEFAULTS INCLUDING IDENTITY" } else { "INCLUDING DEFAULTS" };
    let mut sql = format!(
        "CREATE TABLE {target} (LIKE {source} {like} INCLUDING CONSTRAINTS) PARTITION BY {};",
        design.layout.key
    );
    for part in design.layout.parts.iter().skip(usize::from(attach_old)) {
        let same = part.name == design.source.name;
        let name = if same { moves::parked(&part.name, 1) } else { part.name.clone() };
        sql += &format!(
            "CREATE TABLE {} PARTITION OF {target} {};",
            Name::new(&target.schema, name),
            part.bound
        );
    }
    for index in &design.indexes {
        let name = quote_ident(&moves::parked(&index.name, 1)).into_owned();
        let key = index
            .columns
            .iter()
            .flatten()
            .map(|c| quote_ident(c).into_owned())
            .collect::<Vec<_>>()
            .join(", ");
        sql += &match index.constraint {
            Some('p') => format!("ALTER TABLE {target} ADD CONSTRAINT {name} PRIMARY KEY ({key});"),
            Some(_) => format!("ALTER TABLE {target} ADD CONSTRAINT {name} UNIQUE ({key});"),
            None => format!("CREATE INDEX {name} ON {target} USING {};", index.using),
        };
    }
    if !attach_old {
        let columns = design
            .columns
            .iter()
            .map(|c| quote_ident(c).into_owned())
            .collect::<Vec<_>>()
            .join(", ");
        sql += &format!(
            "INSERT INTO {target} ({columns}) SELECT {columns} FROM {source};
             CREATE FUNCTION partition_convert.log_backward_1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER partition_convert_1 AFTER INSERT OR UPDATE OR DELETE ON {target} FOR EACH ROW
                 WHEN (pg_catalog.current_setting('partition_convert.replay', true) IS DISTINCT FROM 'on')
                 EXECUTE FUNCTION partition_convert.log_backward_1();
             ALTER TABLE {target} ENABLE ALWAYS TRIGGER partition_convert_1;"
        );
    }
    for log in ["forward_1", "backward_1"] {
        let columns =
            design.log_columns.iter().map(|c| quote_ident(c).into_owned()).collect::<Vec<_>>();
        sql += &format!(
            "CREATE TABLE partition_convert.{log} AS SELECT {} FROM {source} WITH NO DATA;",
            columns.join(", ")
        );
    }
    if let Err(error) = session.client().batch_execute(&sql).await {
        panic!("{sql}: {error:?}");
    }
    oid(session, &target.to_string()).await
}
