//! What a model was asked about a todo, and what it said.

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Access, Result, StoreError, TodoStore};

/// An interaction as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// Its own.
    pub id: Uuid,
    /// About which todo.
    pub todo_id: Uuid,
    /// What kind of question it was: `split`, `summarize`, …
    pub interaction_type: String,
    /// What was asked.
    pub prompt: String,
    /// What came back, if anything did.
    pub response: Option<String>,
    /// How many todos were made of it.
    pub subtasks_generated: i32,
    /// Which model it was.
    pub model_used: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What is to be recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewInteraction {
    /// What kind of question it was: `split`, `summarize`, …
    pub interaction_type: String,
    /// What was asked.
    pub prompt: String,
    /// What came back, if anything did.
    pub response: Option<String>,
    /// How many todos were made of it.
    pub subtasks_generated: i32,
    /// Which model it was.
    pub model_used: Option<String>,
}

const COLUMNS: &str =
    "id, todo_id, interaction_type, prompt, response, subtasks_generated, model_used, created_at";

impl TodoStore {
    /// Records what was asked about a todo of the user's.
    pub async fn record_interaction(
        &self,
        user: Uuid,
        todo: Uuid,
        new: &NewInteraction,
    ) -> Result<Interaction> {
        let sql = format!(
            "INSERT INTO todo_app.ai_todo_interactions
                 (user_id, todo_id, interaction_type, prompt, response, subtasks_generated, model_used)
             SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::int, $7::text
             WHERE EXISTS (SELECT FROM todo_app.todos_active WHERE id = $2 AND user_id = $1)
                OR EXISTS (SELECT FROM todo_app.todos_archived WHERE id = $2 AND user_id = $1)
             RETURNING {COLUMNS}"
        );
        let NewInteraction { interaction_type, prompt, response, subtasks_generated, model_used } =
            new;
        let rows = self
            .rows(
                Access::Write,
                user,
                &sql,
                &[&user, &todo, interaction_type, prompt, response, subtasks_generated, model_used],
            )
            .await?;
        rows.first().map_or(Err(StoreError::TodoNotFound(todo)), Interaction::from_row)
    }

    /// What was asked about a todo, the latest first.
    pub async fn interactions(&self, user: Uuid, todo: Uuid) -> Result<Vec<Interaction>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM todo_app.ai_todo_interactions WHERE user_id = $1 AND todo_id = $2
             ORDER BY created_at DESC, id"
        );
        let rows = self.rows(Access::Read, user, &sql, &[&user, &todo]).await?;
        rows.iter().map(Interaction::from_row).collect()
    }
}

impl Interaction {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            todo_id: row.try_get("todo_id")?,
            interaction_type: row.try_get("interaction_type")?,
            prompt: row.try_get("prompt")?,
            response: row.try_get("response")?,
            subtasks_generated: row.try_get("subtasks_generated")?,
            model_used: row.try_get("model_used")?,
            created_at: row.try_get("created_at")?,
        })
    }
}
