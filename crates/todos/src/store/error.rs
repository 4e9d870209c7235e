//! What can go wrong, as an application tells it apart.

use std::fmt::{self, Display, Formatter};

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

/// Why a method of the store did nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The user has no such todo.
    TodoNotFound(Uuid),
    /// The user has no such todo that is active.
    ParentNotFound(Uuid),
    /// Its parent is ten levels deep already.
    TooDeep {
        /// The parent.
        parent: Uuid,
    },
    /// There is no such user.
    UserNotFound(Uuid),
    /// The user has no such project.
    ProjectNotFound(Uuid),
    /// A value that the tables refuse.
    Invalid {
        /// Of which column.
        field: String,
        /// What the server says of it.
        why: String,
    },
    /// Others wrote the same; nothing was done, and it can be tried again.
    Conflict(tokio_postgres::Error),
    /// No connection came free, or none could be made.
    Pool(PoolError),
    /// Whatever else the database says.
    Database(tokio_postgres::Error),
}

impl Display for StoreError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::TodoNotFound(id) => write!(f, "there is no todo {id}"),
            Self::ParentNotFound(id) => write!(f, "there is no active todo {id} to be a parent"),
            Self::TooDeep { parent } => {
                write!(f, "todo {parent} is ten levels deep: nothing can be beneath it")
            }
            Self::UserNotFound(id) => write!(f, "there is no user {id}"),
            Self::ProjectNotFound(id) => write!(f, "there is no project {id}"),
            Self::Invalid { field, why } => write!(f, "{field} cannot be that: {why}"),
            Self::Conflict(_) => write!(f, "others were writing the same; try again"),
            Self::Pool(_) => write!(f, "no connection to the database"),
            Self::Database(_) => write!(f, "the database refused"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Conflict(error) | Self::Database(error) => Some(error),
            Self::Pool(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else { return Self::Database(error) };
        let code = said.code();
        if [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED].contains(&code)
        {
            return Self::Conflict(error);
        }
        // `todos_active_priority_check`: the column is in the constraint's name.
        let of_constraint = said.constraint().and_then(|name| {
            let column = name.strip_suffix("_check")?;
            column.strip_prefix("todos_active_").or(column.strip_prefix("todos_archived_"))
        });
        if code == &SqlState::CHECK_VIOLATION
            && let Some(field) = of_constraint
        {
            return Self::Invalid { field: field.to_owned(), why: said.message().to_owned() };
        }
        // Only the title has a length.
        if code == &SqlState::STRING_DATA_RIGHT_TRUNCATION {
            return Self::Invalid { field: "title".to_owned(), why: said.message().to_owned() };
        }
        Self::Database(error)
    }
}

impl StoreError {
    /// The same, told of the user or project whom a statement named and who is not there.
    pub(super) fn naming(self, user: Uuid, project: Option<Uuid>) -> Self {
        let Self::Database(error) = &self else { return self };
        let constraint = error.as_db_error().and_then(|said| said.constraint());
        match (constraint, project) {
            (Some(name), _) if name.ends_with("_user_id_fkey") => Self::UserNotFound(user),
            (Some(name), Some(project)) if name.ends_with("_project_id_fkey") => {
                Self::ProjectNotFound(project)
            }
            _ => self,
        }
    }
}
