//! What changes of a todo that is there.

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::todo::{ACTIVE, ARCHIVED, COLUMNS};
use super::{Access, Result, Status, Todo, TodoStore};

/// What is to be different; the rest stays. `Some(None)` takes a value away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// At most 500 characters.
    pub title: Option<String>,
    /// As much as it takes.
    pub description: Option<Option<String>>,
    /// 1 to 5, of which 5 is the most urgent.
    pub priority: Option<i32>,
    /// When it should be done.
    pub due_date: Option<Option<Timestamp>>,
    /// One of the user's projects.
    pub project_id: Option<Option<Uuid>>,
    /// When done, `completed_at` is now, unless it was done before; else there is none, and it is brought back from the archive.
    pub status: Option<Status>,
}

/// A column, and its value after the change.
const COLUMN_VALUES: [(&str, &str); 8] = [
    ("title", "coalesce($3::text, title)"),
    ("description", "CASE WHEN $4::bool THEN $5::text ELSE description END"),
    ("priority", "coalesce($6::int, priority)"),
    ("due_date", "CASE WHEN $7::bool THEN $8::timestamptz ELSE due_date END"),
    ("project_id", "CASE WHEN $9::bool THEN $10::uuid ELSE project_id END"),
    ("status", "coalesce($11::text, status)"),
    (
        "completed_at",
        "CASE WHEN $11 = 'done' THEN coalesce(completed_at, now()) WHEN $11 IS NULL THEN completed_at END",
    ),
    ("updated_at", "now()"),
];

const WHICH: &str = "
    WHERE id = $1::uuid AND user_id = $2::uuid
      AND ($10::uuid IS NULL OR EXISTS (SELECT FROM todo_app.projects AS p WHERE p.id = $10 AND p.user_id = $2))";

impl TodoStore {
    /// Changes it, active or archived.
    pub async fn update(&self, user: Uuid, id: Uuid, change: &Change) -> Result<Todo> {
        let Change { title, description, priority, due_date, project_id, status } = change;
        let (new_description, new_due, new_project) =
            (description.clone().flatten(), due_date.flatten(), project_id.flatten());
        let (described, due, placed) =
            (description.is_some(), due_date.is_some(), project_id.is_some());
        let word = status.map(Status::as_str);
        let parameters: [&(dyn ToSql + Sync); 11] = [
            &id,
            &user,
            title,
            &described,
            &new_description,
            priority,
            &due,
            &new_due,
            &placed,
            &new_project,
            &word,
        ];
        let opened = status.is_some_and(|status| status != Status::Done);
        let in_archive = if opened { bring_back() } else { update("todos_archived", ARCHIVED) };
        // As long as it is there: it may go from the one table to the other just before each is asked for it.
        loop {
            for sql in [update("todos_active", ACTIVE), in_archive.clone()] {
                let changed = self.todo(Access::Write, user, &sql, &parameters).await;
                if let Some(todo) = changed.map_err(|error| error.naming(user, new_project))? {
                    return Ok(todo);
                }
            }
            self.find(Access::Write, user, id).await?;
            self.check_project(user, new_project).await?;
        }
    }

    /// It is done. When it was done already, it stays so.
    pub async fn complete(&self, user: Uuid, id: Uuid) -> Result<Todo> {
        self.update(user, id, &Change { status: Some(Status::Done), ..Change::default() }).await
    }

    /// It is to be done again, and active.
    pub async fn reopen(&self, user: Uuid, id: Uuid) -> Result<Todo> {
        self.update(user, id, &Change { status: Some(Status::Todo), ..Change::default() }).await
    }
}

fn update(table: &str, returned: &str) -> String {
    let set: Vec<String> =
        COLUMN_VALUES.iter().map(|(column, value)| format!("{column} = {value}")).collect();
    format!("UPDATE todo_app.{table} SET {} {WHICH} RETURNING {returned}", set.join(", "))
}

/// From the archive, changed on the way. One statement: no snapshot holds it twice, or not at all.
fn bring_back() -> String {
    let value = |column: &str| {
        COLUMN_VALUES
            .iter()
            .find(|(changed, _)| *changed == column)
            .map_or(column.to_owned(), |(_, value)| (*value).to_owned())
    };
    let values: Vec<String> = COLUMNS.split(", ").map(value).collect();
    format!(
        "WITH gone AS (DELETE FROM todo_app.todos_archived {WHICH} RETURNING *)
         INSERT INTO todo_app.todos_active ({COLUMNS}) SELECT {} FROM gone RETURNING {ACTIVE}",
        values.join(", ")
    )
}
