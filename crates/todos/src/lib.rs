//! The application's side of the todos: a store over active, archive and AI tables.
//!
//! Every query names its user, so it reads one partition of the active todos.
//!
//! ```no_run
//! use todos::store::{Filter, NewTodo, TodoStore};
//! use uuid::Uuid;
//!
//! # async fn example(pool: todos::store::Pool, user: Uuid) -> Result<(), todos::store::StoreError> {
//! let store = TodoStore::new(pool);
//! let todo = store.create(user, &NewTodo::titled("Write the report")).await?;
//! store.complete(user, todo.id).await?;
//! let page = store.list(user, &Filter::default()).await?;
//! for todo in page.todos {
//!     println!("{} {}", todo.priority, todo.title);
//! }
//! # Ok(())
//! # }
//! ```

pub mod store;
