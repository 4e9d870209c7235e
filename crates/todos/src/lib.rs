//! The application's side of the todos: a store over active, archive and AI tables.
//!
//! Every query names its user, so it reads one partition of the active todos.
//!
//! ```no_run
//! use todos::store::{Filter, NewTodo, Pool, StoreError, TodoStore};
//! use uuid::Uuid;
//!
//! async fn example(pool: Pool, user: Uuid) -> Result<(), StoreError> {
//!     let store = TodoStore::new(pool);
//!     let report = store.create(user, &NewTodo::titled("Write the report")).await?;
//!     let part = store.create_subtask(user, report.id, &NewTodo::titled("Get numbers")).await?;
//!     store.complete(user, part.id).await?;
//!
//!     let mut filter = Filter { limit: 20, ..Filter::default() };
//!     loop {
//!         let page = store.list(user, &filter).await?;
//!         for todo in &page.todos {
//!             println!("{} {}", todo.priority, todo.title);
//!         }
//!         if page.next.is_none() {
//!             break;
//!         }
//!         filter.after = page.next;
//!     }
//!
//!     match store.delete(user, part.id).await {
//!         Err(StoreError::TodoNotFound(id)) => println!("{id} is gone already"),
//!         other => other?,
//!     }
//!     Ok(())
//! }
//! ```

pub mod store;
