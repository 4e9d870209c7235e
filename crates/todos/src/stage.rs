//! How far the story has come in a database, and what is refused there.

use lab::app::App;
use lab::connect::Session;
use lab::script::{self, Scripts};
use lab::{Context, Error, Result, mark};

/// The schema of all that `todos` makes.
pub const SCHEMA: &str = "todo_app";

/// What has been done, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No schema.
    Nothing,
    /// One big table.
    Seeded,
    /// The partitioned tables are there.
    Partitioned,
    /// Every change of the big table is logged.
    Migrating,
    /// A view is in its place; the table is there still.
    CutOver,
    /// The table is gone.
    Finished,
}

const STAGE: &str = "\
    SELECT n.oid IS NOT NULL, coalesce(obj_description(n.oid, 'pg_namespace') LIKE 'Partition Lab: %', false),
           to_regclass('todo_app.todos_active') IS NOT NULL,
           EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('todo_app.todos') AND tgname = 'todos_log'),
           EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('todo_app.todos') AND relkind = 'v'),
           to_regclass('todo_app.todos_old') IS NOT NULL
    FROM (VALUES (to_regnamespace('todo_app'))) AS n (oid)";

impl Stage {
    /// Reads it. Fails when the schema is somebody else's.
    pub async fn read(session: &Session) -> Result<Self> {
        let what = || format!("cannot look for schema {SCHEMA}");
        let row = session.client().query_one(STAGE, &[]).await.context(what)?;
        let holds = |column| row.try_get::<_, bool>(column).context(what);
        match (holds(0)?, holds(1)?) {
            (false, _) => return Ok(Self::Nothing),
            (true, true) => mark::require_trusted(session.client(), SCHEMA).await?,
            (true, false) => {
                return Err(Error::failed(format!("schema {SCHEMA} exists already, and todos did not make it"))
                    .because("its comment does not begin with \"Partition Lab: \"")
                    .next("rename it, or use another database: createdb partition_demo, then POSTGRES_DB=partition_demo"));
            }
        }
        Ok(match (holds(2)?, holds(3)?, holds(4)?, holds(5)?) {
            (_, _, true, true) => Self::CutOver,
            (_, _, true, false) => Self::Finished,
            (false, ..) => Self::Seeded,
            (true, false, ..) => Self::Partitioned,
            (true, true, ..) => Self::Migrating,
        })
    }

    /// Fails when it has not come as far as `least`, with the command that leads there.
    pub fn at_least(self, least: Self) -> Result<()> {
        if self >= least {
            return Ok(());
        }
        let (why, next) = match self {
            Self::Nothing => (format!("there is no schema {SCHEMA}"), "seed"),
            Self::Seeded => ("the partitioned tables are not there yet".to_owned(), "partition"),
            Self::Partitioned => ("no todo was migrated yet".to_owned(), "migrate"),
            _ => ("todos is the one big table still".to_owned(), "cutover"),
        };
        Err(Error::failed(why).next(format!("cargo run -p todos -- {next}")))
    }

    /// Fails after the cutover: there is no big table then to be migrated or compared with.
    pub fn before_cutover(self) -> Result<()> {
        if self < Self::CutOver {
            return Ok(());
        }
        let failed = Error::failed("todos is a view of what was migrated: the cutover is done");
        Err(if self == Self::CutOver {
            failed.next(
                "cargo run -p todos -- rollback     (the table again, with every change since)",
            )
        } else {
            failed.next("cargo run -p todos -- seed --reset (the story from its beginning)")
        })
    }
}

/// Runs a script of `scripts/todos/`, and `last` in its transaction.
pub async fn run_script<T>(
    app: &App,
    session: &Session,
    scripts: &Scripts,
    name: &str,
    last: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T>,
) -> Result<T> {
    let script = scripts.load(&format!("todos/{name}"))?;
    script::run(session, &script, &app.interrupt, &mut (), last).await
}
