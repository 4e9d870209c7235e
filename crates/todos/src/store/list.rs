//! A user's list, filtered, ordered, a page at a time.

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::todo::{ACTIVE, ARCHIVED};
use super::{Access, Cursor, Result, Status, StoreError, Todo, TodoStore};

/// Which todos, in which order. By default those that are open, the newest first, 50 a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// How far they have come.
    pub status: Which,
    /// Of this priority alone.
    pub priority: Option<i32>,
    /// Of this project alone.
    pub project_id: Option<Uuid>,
    /// Due before this.
    pub due_before: Option<Timestamp>,
    /// Due before now, and open.
    pub overdue: bool,
    /// Those in the archive as well; it reads the user's rows of every month.
    pub include_archived: bool,
    /// Which come first.
    pub order: Order,
    /// Where the last page ended.
    pub after: Option<Cursor>,
    /// Todos a page; 1 to 1,000.
    pub limit: u16,
}

/// How far a listed todo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Whatever it is.
    Any,
    /// Not done.
    Open,
    /// This one.
    Is(Status),
}

/// Which todos come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The last made.
    Newest,
    /// The highest priority, and of that what is due first.
    MostUrgent,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub todos: Vec<Todo>,
    /// For [`Filter::after`]; `None` when this was the last page.
    pub next: Option<Cursor>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            status: Which::Open,
            priority: None,
            project_id: None,
            due_before: None,
            overdue: false,
            include_archived: false,
            order: Order::Newest,
            after: None,
            limit: 50,
        }
    }
}

impl TodoStore {
    /// A page of the user's todos. Todos that are there all the while, and keep their place in the order, are on exactly one page.
    pub async fn list(&self, user: Uuid, filter: &Filter) -> Result<Page> {
        let invalid = |field: &str, why: &str| StoreError::Invalid {
            field: field.to_owned(),
            why: why.to_owned(),
        };
        if !(1..=1_000).contains(&filter.limit) {
            return Err(invalid("limit", "a page has 1 to 1,000 todos"));
        }
        if filter.after.is_some_and(|after| after.order() != filter.order) {
            return Err(invalid("after", "it is of a list in another order"));
        }
        // One more than wanted tells whether there is a next page.
        let most = i64::from(filter.limit) + 1;
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&user, &most];
        let conditions = conditions(filter, &mut parameters);
        let rows = self.rows(Access::Read, user, &sql(filter, &conditions), &parameters).await?;
        let mut todos = rows.iter().map(Todo::from_row).collect::<Result<Vec<_>>>()?;
        let more = todos.len() > usize::from(filter.limit);
        todos.truncate(usize::from(filter.limit));
        let next = todos.last().filter(|_| more).map(|last| Cursor::of(last, filter.order));
        Ok(Page { todos, next })
    }
}

/// What holds for each todo of the page; the values join `parameters`, of which the first is the user.
fn conditions<'a>(filter: &'a Filter, parameters: &mut Vec<&'a (dyn ToSql + Sync)>) -> String {
    let mut given = |value: &'a (dyn ToSql + Sync)| {
        parameters.push(value);
        parameters.len()
    };
    let mut all = vec!["user_id = $1".to_owned()];
    // A literal, so that the indexes on open todos can be used.
    match filter.status {
        Which::Any => {}
        Which::Open => all.push("status <> 'done'".to_owned()),
        Which::Is(status) => all.push(format!("status = '{status}'")),
    }
    if let Some(priority) = &filter.priority {
        all.push(format!("priority = ${}", given(priority)));
    }
    if let Some(project) = &filter.project_id {
        all.push(format!("project_id = ${}", given(project)));
    }
    if let Some(moment) = &filter.due_before {
        all.push(format!("due_date < ${}", given(moment)));
    }
    if filter.overdue {
        all.push("due_date < now() AND status <> 'done'".to_owned());
    }
    match &filter.after {
        None => {}
        Some(Cursor::Newest { created_at, id }) => {
            all.push(format!(
                "(created_at, id) < (${}::timestamptz, ${}::uuid)",
                given(created_at),
                given(id)
            ));
        }
        Some(Cursor::MostUrgent { priority, due_date, id }) => {
            let (priority, due, id) = (given(priority), given(due_date), given(id));
            all.push(format!(
                "(priority < ${priority}::int OR priority = ${priority} AND (coalesce(due_date, 'infinity'), id)
                 > (coalesce(${due}::timestamptz, 'infinity'), ${id}::uuid))"
            ));
        }
    }
    all.join(" AND ")
}

fn sql(filter: &Filter, conditions: &str) -> String {
    let order = match filter.order {
        Order::Newest => "created_at DESC, id DESC",
        Order::MostUrgent => "priority DESC, due_date, id",
    };
    let one = |columns, table| {
        format!(
            "(SELECT {columns} FROM todo_app.{table} WHERE {conditions} ORDER BY {order} LIMIT $2)"
        )
    };
    let active = one(ACTIVE, "todos_active");
    if !filter.include_archived {
        return active;
    }
    format!("{active} UNION ALL {} ORDER BY {order} LIMIT $2", one(ARCHIVED, "todos_archived"))
}
