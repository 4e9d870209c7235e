//! `TodoStore`, in front of `todos_active`, `todos_archived` and `ai_todo_interactions`.
//!
//! Each method is one statement, or a few of which each is right by itself, so no transaction stays open between two
//! round trips. The old application may write through the view `todos` at the same time.

mod change;
mod cursor;
mod error;
mod family;
mod interaction;
mod list;
mod pool;
mod todo;

pub use change::Change;
pub use cursor::Cursor;
pub use deadpool_postgres::Pool;
pub use error::StoreError;
pub use interaction::{Interaction, NewInteraction};
pub use list::{Filter, Order, Page, Which};
pub use pool::pool;
pub use todo::{NewTodo, Status, Todo};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// What a method comes to.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Parameters of a statement.
type Parameters<'a> = [&'a (dyn ToSql + Sync)];

/// Todos of many users, after the cutover. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct TodoStore {
    pool: Pool,
    replica: Option<Pool>,
    row_level_security: bool,
}

/// Where a statement may run.
#[derive(Debug, Clone, Copy)]
enum Access {
    /// On the primary.
    Write,
    /// On the replica, where there is one.
    Read,
}

impl TodoStore {
    /// A store on these connections.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self { pool, replica: None, row_level_security: false }
    }

    /// Reads come from here; they may be as far behind as the replica is.
    #[must_use]
    pub fn with_replica(mut self, pool: Pool) -> Self {
        self.replica = Some(pool);
        self
    }

    /// Says with each statement for which user it is (`SET LOCAL app.user_id`), as `todos secure` wants it: three more
    /// round trips each.
    #[must_use]
    pub fn with_row_level_security(mut self) -> Self {
        self.row_level_security = true;
        self
    }

    /// The rows of one statement.
    async fn rows(
        &self,
        access: Access,
        user: Uuid,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>> {
        let pool = match (access, &self.replica) {
            (Access::Read, Some(replica)) => replica,
            _ => &self.pool,
        };
        let mut client = pool.get().await?;
        if !self.row_level_security {
            let statement = client.prepare_cached(sql).await?;
            return Ok(client.query(&statement, parameters).await?);
        }
        // Dropped in between, it rolls back before the connection is used again.
        let transaction = client.transaction().await?;
        transaction
            .execute("SELECT set_config('app.user_id', $1, true)", &[&user.to_string()])
            .await?;
        let statement = transaction.prepare_cached(sql).await?;
        let rows = transaction.query(&statement, parameters).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// The todo in the only row, if there is one.
    async fn todo(
        &self,
        access: Access,
        user: Uuid,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Option<Todo>> {
        let rows = self.rows(access, user, sql, parameters).await?;
        rows.first().map(Todo::from_row).transpose()
    }
}
