//! A todo, and how it is made.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Access, Result, StoreError, TodoStore};

/// The columns of a [`Todo`] that both tables have.
pub(super) const COLUMNS: &str = "\
    id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated, \
    created_at, updated_at, depth";

/// As [`COLUMNS`], with `archived_at` as an active todo has it.
pub(super) const ACTIVE: &str = "\
    id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated, \
    created_at, updated_at, depth, NULL::timestamptz AS archived_at";

/// As [`COLUMNS`], with `archived_at`.
pub(super) const ARCHIVED: &str = "\
    id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated, \
    created_at, updated_at, depth, archived_at";

/// How far a todo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not begun.
    Todo,
    /// Begun.
    InProgress,
    /// Done.
    Done,
}

impl Status {
    /// As the tables hold it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Todo, Self::InProgress, Self::Done]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A todo as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// Of no other todo, active or archived.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What it is a part of.
    pub parent_todo_id: Option<Uuid>,
    /// Where it belongs.
    pub project_id: Option<Uuid>,
    /// At most 500 characters.
    pub title: String,
    /// As much as it takes.
    pub description: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// 1 to 5, of which 5 is the most urgent.
    pub priority: i32,
    /// When it should be done.
    pub due_date: Option<Timestamp>,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// Whether a model proposed it.
    pub ai_generated: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How many are above it: 0 to 10.
    pub depth: i16,
    /// When it went to the archive, if it did.
    pub archived_at: Option<Timestamp>,
}

impl Todo {
    /// From a row of [`ACTIVE`] or [`ARCHIVED`].
    pub(super) fn from_row(row: &Row) -> Result<Self> {
        let status: String = row.try_get("status")?;
        let status = Status::parse(&status)
            .ok_or_else(|| StoreError::Invalid { field: "status".to_owned(), why: status })?;
        Ok(Self {
            id: row.try_get("id")?,
            user_id: row.try_get("user_id")?,
            parent_todo_id: row.try_get("parent_todo_id")?,
            project_id: row.try_get("project_id")?,
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            status,
            priority: row.try_get("priority")?,
            due_date: row.try_get("due_date")?,
            completed_at: row.try_get("completed_at")?,
            ai_generated: row.try_get("ai_generated")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            depth: row.try_get("depth")?,
            archived_at: row.try_get("archived_at")?,
        })
    }
}

/// What a new todo is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTodo {
    /// At most 500 characters.
    pub title: String,
    /// As much as it takes.
    pub description: Option<String>,
    /// 1 to 5, of which 5 is the most urgent.
    pub priority: i32,
    /// When it should be done.
    pub due_date: Option<Timestamp>,
    /// One of the user's projects.
    pub project_id: Option<Uuid>,
    /// Whether a model proposed it.
    pub ai_generated: bool,
}

impl NewTodo {
    /// One of priority 3 with a title and no more.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: None,
            priority: 3,
            due_date: None,
            project_id: None,
            ai_generated: false,
        }
    }
}

/// Most levels above a todo.
const DEEPEST: i16 = 10;

impl TodoStore {
    /// Makes a todo that is part of no other.
    pub async fn create(&self, user: Uuid, new: &NewTodo) -> Result<Todo> {
        let sql = format!(
            "INSERT INTO todo_app.todos_active (user_id, project_id, title, description, priority, due_date, ai_generated)
             SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::int, $6::timestamptz, $7::bool
             WHERE $2 IS NULL OR EXISTS (SELECT FROM todo_app.projects WHERE id = $2 AND user_id = $1)
             RETURNING {ACTIVE}"
        );
        let NewTodo { title, description, priority, due_date, project_id, ai_generated } = new;
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
            [&user, project_id, title, description, priority, due_date, ai_generated];
        let made = self.todo(Access::Write, user, &sql, &parameters).await;
        match (made.map_err(|error| error.naming(user, *project_id))?, project_id) {
            (Some(todo), _) => Ok(todo),
            (None, Some(project)) => Err(StoreError::ProjectNotFound(*project)),
            (None, None) => Err(StoreError::UserNotFound(user)),
        }
    }

    /// Makes a todo beneath another, which must be the same user's and active, and no more than nine levels deep.
    pub async fn create_subtask(&self, user: Uuid, parent: Uuid, new: &NewTodo) -> Result<Todo> {
        // Who deletes, archives or moves the parent waits for this, or this for them.
        let sql = format!(
            "WITH parent AS MATERIALIZED (
                 SELECT id, depth FROM todo_app.todos_active WHERE id = $8::uuid AND user_id = $1::uuid FOR KEY SHARE
             )
             INSERT INTO todo_app.todos_active (user_id, project_id, title, description, priority, due_date, ai_generated,
                                                parent_todo_id, depth)
             SELECT $1, $2::uuid, $3::text, $4::text, $5::int, $6::timestamptz, $7::bool, parent.id, parent.depth + 1
             FROM parent
             WHERE parent.depth < $9::smallint
               AND ($2 IS NULL OR EXISTS (SELECT FROM todo_app.projects WHERE id = $2 AND user_id = $1))
             RETURNING {ACTIVE}"
        );
        let NewTodo { title, description, priority, due_date, project_id, ai_generated } = new;
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 9] = [
            &user,
            project_id,
            title,
            description,
            priority,
            due_date,
            ai_generated,
            &parent,
            &DEEPEST,
        ];
        // Again when nothing is in its way: the parent may have been in the archive, or too deep, until a moment ago.
        loop {
            let made = self.todo(Access::Write, user, &sql, &parameters).await;
            if let Some(todo) = made.map_err(|error| error.naming(user, *project_id))? {
                return Ok(todo);
            }
            match self.active(Access::Write, user, parent).await? {
                None => return Err(StoreError::ParentNotFound(parent)),
                Some(above) if above.depth >= DEEPEST => {
                    return Err(StoreError::TooDeep { parent });
                }
                Some(_) => self.check_project(user, *project_id).await?,
            }
        }
    }

    /// Fails when there is to be a project, and the user has no such.
    pub(super) async fn check_project(&self, user: Uuid, project: Option<Uuid>) -> Result<()> {
        let Some(project) = project else { return Ok(()) };
        let sql = "SELECT FROM todo_app.projects WHERE id = $1 AND user_id = $2";
        if self.rows(Access::Write, user, sql, &[&project, &user]).await?.is_empty() {
            return Err(StoreError::ProjectNotFound(project));
        }
        Ok(())
    }

    /// The todo, active or archived.
    pub async fn get(&self, user: Uuid, id: Uuid) -> Result<Todo> {
        self.find(Access::Read, user, id).await
    }

    pub(super) async fn find(&self, access: Access, user: Uuid, id: Uuid) -> Result<Todo> {
        if let Some(todo) = self.active(access, user, id).await? {
            return Ok(todo);
        }
        // In both by one snapshot: it may have been in the archive until a moment ago.
        let anywhere = format!(
            "SELECT {ACTIVE} FROM todo_app.todos_active WHERE id = $1 AND user_id = $2
             UNION ALL
             SELECT {ARCHIVED} FROM todo_app.todos_archived WHERE id = $1 AND user_id = $2"
        );
        let found = self.todo(access, user, &anywhere, &[&id, &user]).await?;
        found.ok_or(StoreError::TodoNotFound(id))
    }

    pub(super) async fn active(
        &self,
        access: Access,
        user: Uuid,
        id: Uuid,
    ) -> Result<Option<Todo>> {
        let sql =
            format!("SELECT {ACTIVE} FROM todo_app.todos_active WHERE id = $1 AND user_id = $2");
        self.todo(access, user, &sql, &[&id, &user]).await
    }
}
