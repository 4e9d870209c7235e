//! A todo with what is beneath it, and all of a user's at once.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::todo::{ACTIVE, ARCHIVED, COLUMNS};
use super::{Access, Result, StoreError, Todo, TodoStore};

impl TodoStore {
    /// What is directly beneath it, active and archived, the oldest first.
    pub async fn subtasks(&self, user: Uuid, parent: Uuid) -> Result<Vec<Todo>> {
        let sql = format!(
            "SELECT {ACTIVE} FROM todo_app.todos_active WHERE parent_todo_id = $1 AND user_id = $2
             UNION ALL
             SELECT {ARCHIVED} FROM todo_app.todos_archived WHERE parent_todo_id = $1 AND user_id = $2
             ORDER BY created_at, id"
        );
        let rows = self.rows(Access::Read, user, &sql, &[&parent, &user]).await?;
        rows.iter().map(Todo::from_row).collect()
    }

    /// Deletes it and all that is beneath it, also what is archived.
    ///
    /// The view's trigger does it: beneath a todo of the old application there may be todos of other users.
    pub async fn delete(&self, user: Uuid, id: Uuid) -> Result<()> {
        let sql = "DELETE FROM todo_app.todos WHERE id = $1 AND user_id = $2 RETURNING id";
        if self.rows(Access::Write, user, sql, &[&id, &user]).await?.is_empty() {
            return Err(StoreError::TodoNotFound(id));
        }
        Ok(())
    }

    /// Moves what the user has done before `age` from now to the archive; how many todos that were. What somebody is
    /// changing just then stays.
    pub async fn archive_completed(&self, user: Uuid, age: SignedDuration) -> Result<u64> {
        let sql = format!(
            "WITH old AS MATERIALIZED (
                 SELECT id FROM todo_app.todos_active
                 WHERE user_id = $1::uuid AND status = 'done' AND completed_at < $2::timestamptz
                 FOR UPDATE SKIP LOCKED
             ), gone AS (
                 DELETE FROM todo_app.todos_active WHERE user_id = $1 AND id IN (SELECT id FROM old) RETURNING {COLUMNS}
             ), moved AS (
                 INSERT INTO todo_app.todos_archived ({COLUMNS}) SELECT {COLUMNS} FROM gone RETURNING 1
             ), noted AS (
                 INSERT INTO todo_app.maintenance_history (action, object, rows, details)
                 SELECT 'archive', 'todos_active', count(*), 'one user''s' FROM moved HAVING count(*) > 0
             )
             SELECT count(*) FROM moved"
        );
        let before = Timestamp::now().checked_sub(age).map_err(|error| StoreError::Invalid {
            field: "age".to_owned(),
            why: error.to_string(),
        })?;
        let rows = self.rows(Access::Write, user, &sql, &[&user, &before]).await?;
        let moved: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(moved.unsigned_abs())
    }
}
