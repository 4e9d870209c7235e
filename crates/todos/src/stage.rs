//! How far the story has come in a database, and what is refused there.

use lab::app::App;
use lab::connect::Session;
use lab::script::{self, Scripts};
use lab::{Context, Error, Result};

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
}

const STAGE: &str = "\
    SELECT n.oid IS NOT NULL, coalesce(obj_description(n.oid, 'pg_namespace') LIKE 'Partition Lab: %', false),
           to_regclass('todo_app.todos_active') IS NOT NULL,
           EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('todo_app.todos') AND tgname = 'todos_log')
    FROM (VALUES (to_regnamespace('todo_app'))) AS n (oid)";

impl Stage {
    /// Reads it. Fails when the schema is somebody else's.
    pub async fn read(session: &Session) -> Result<Self> {
        let what = || format!("cannot look for schema {SCHEMA}");
        let row = session.client().query_one(STAGE, &[]).await.context(what)?;
        let holds = |column| row.try_get::<_, bool>(column).context(what);
        match (holds(0)?, holds(1)?) {
            (false, _) => return Ok(Self::Nothing),
            (true, true) => {}
            (true, false) => {
                return Err(Error::failed(format!("schema {SCHEMA} exists already, and todos did not make it"))
                    .because("its comment does not begin with \"Partition Lab: \"")
                    .next("rename it, or use another database: createdb partition_demo, then POSTGRES_DB=partition_demo"));
            }
        }
        Ok(match (holds(2)?, holds(3)?) {
            (false, _) => Self::Seeded,
            (true, false) => Self::Partitioned,
            (true, true) => Self::Migrating,
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
            _ => ("no todo was migrated yet".to_owned(), "migrate"),
        };
        Err(Error::failed(why).next(format!("cargo run -p todos -- {next}")))
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
