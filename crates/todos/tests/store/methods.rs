//! Each method, and each of its errors.

use jiff::{SignedDuration, Timestamp};
use testbed::Database;
use todos::store::{
    Change, Filter, NewInteraction, NewTodo, Order, Status, StoreError, TodoStore, Which,
};
use uuid::Uuid;

use crate::bench::{cut_over, store, user};

async fn empty() -> (Database, TodoStore, Uuid) {
    let database = cut_over("seed --users 3 --todos 0");
    let store = store(&database, 2).await;
    let user = user(1);
    (database, store, user)
}

fn titled(title: &str) -> NewTodo {
    NewTodo::titled(title)
}

fn nothing() -> Uuid {
    Uuid::from_u128(7)
}

#[tokio::test]
async fn a_life() {
    let (database, store, user) = empty().await;
    let due: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    let new = NewTodo { due_date: Some(due), priority: 5, ..titled("one") };
    let made = store.create(user, &new).await.unwrap();
    assert_eq!(
        (made.status, made.priority, made.due_date, made.depth),
        (Status::Todo, 5, Some(due), 0)
    );
    assert_eq!(store.get(user, made.id).await.unwrap(), made);

    let change = Change {
        title: Some("two".to_owned()),
        description: Some(Some("more".to_owned())),
        due_date: Some(None),
        status: Some(Status::InProgress),
        ..Change::default()
    };
    let changed = store.update(user, made.id, &change).await.unwrap();
    assert_eq!(
        (changed.title.as_str(), changed.description.as_deref(), changed.due_date),
        ("two", Some("more"), None)
    );
    assert_eq!((changed.status, changed.priority), (Status::InProgress, 5));

    let done = store.complete(user, made.id).await.unwrap();
    let again = store.complete(user, made.id).await.unwrap();
    assert_eq!((done.status, again.completed_at), (Status::Done, done.completed_at));
    assert_eq!(store.archive_completed(user, SignedDuration::from_hours(1)).await.unwrap(), 0);
    assert_eq!(store.archive_completed(user, SignedDuration::ZERO).await.unwrap(), 1);
    let archived = store.get(user, made.id).await.unwrap();
    assert!(
        archived.archived_at.is_some() && archived.completed_at == done.completed_at,
        "{archived:?}"
    );
    let noted = "SELECT rows FROM todo_app.maintenance_history WHERE action = 'archive'";
    assert_eq!(database.query_one_i64(noted).await, 1);

    // What is archived can be changed, stays where it is while it is done, and is brought back when it is not.
    let priority = Change { priority: Some(1), ..Change::default() };
    assert!(store.update(user, made.id, &priority).await.unwrap().archived_at.is_some());
    let back = store.reopen(user, made.id).await.unwrap();
    assert_eq!(
        (back.status, back.completed_at, back.archived_at, back.priority),
        (Status::Todo, None, None, 1)
    );
    assert_eq!(back.title, "two");

    store.delete(user, made.id).await.unwrap();
    assert!(
        matches!(store.get(user, made.id).await, Err(StoreError::TodoNotFound(id)) if id == made.id)
    );
}

#[tokio::test]
async fn a_family() {
    let (database, store, user) = empty().await;
    let root = store.create(user, &titled("root")).await.unwrap();
    let mut deepest = root.clone();
    for depth in 1..=10 {
        deepest = store.create_subtask(user, deepest.id, &titled("beneath")).await.unwrap();
        assert_eq!(deepest.depth, depth);
    }
    let refused = store.create_subtask(user, deepest.id, &titled("too deep")).await;
    assert!(
        matches!(refused, Err(StoreError::TooDeep { parent }) if parent == deepest.id),
        "{refused:?}"
    );

    let children = store.subtasks(user, root.id).await.unwrap();
    assert_eq!(children.len(), 1);
    store.complete(user, children[0].id).await.unwrap();
    assert_eq!(store.archive_completed(user, SignedDuration::ZERO).await.unwrap(), 1);
    assert!(store.subtasks(user, root.id).await.unwrap()[0].archived_at.is_some());
    let refused = store.create_subtask(user, children[0].id, &titled("of an archived one")).await;
    assert!(
        matches!(refused, Err(StoreError::ParentNotFound(id)) if id == children[0].id),
        "{refused:?}"
    );

    store.delete(user, root.id).await.unwrap();
    assert_eq!(database.query_one_i64("SELECT count(*) FROM todo_app.todos").await, 0);
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed() {
    let (database, store, user) = empty().await;
    let other = crate::bench::user(0);
    let mine = store.create(user, &titled("mine")).await.unwrap().id;
    let project: Uuid = {
        let client = database.client().await;
        let row = client
            .query_one("SELECT id FROM todo_app.projects WHERE user_id = $1 LIMIT 1", &[&user])
            .await;
        row.unwrap().get(0)
    };
    let placed = |project| NewTodo { project_id: Some(project), ..titled("placed") };
    assert_eq!(store.create(user, &placed(project)).await.unwrap().project_id, Some(project));

    macro_rules! fails {
        ($($call:expr => $error:pat),* $(,)?) => {$(
            let result = $call.await;
            assert!(matches!(result, Err($error)), "{}: {result:?}", stringify!($call));
        )*};
    }
    let into = |project| Change { project_id: Some(Some(project)), ..Change::default() };
    fails![
        store.create(nothing(), &titled("x")) => StoreError::UserNotFound(_),
        store.create(user, &placed(nothing())) => StoreError::ProjectNotFound(_),
        store.create(other, &placed(project)) => StoreError::ProjectNotFound(_),
        store.create_subtask(user, mine, &placed(nothing())) => StoreError::ProjectNotFound(_),
        store.update(user, mine, &into(nothing())) => StoreError::ProjectNotFound(_),
        store.create(user, &titled(&"x".repeat(501))) => StoreError::Invalid { .. },
        store.create(user, &NewTodo { priority: 6, ..titled("x") }) => StoreError::Invalid { .. },
        store.update(user, mine, &Change { priority: Some(0), ..Change::default() }) => StoreError::Invalid { .. },
        store.list(user, &Filter { limit: 0, ..Filter::default() }) => StoreError::Invalid { .. },
        // Another user's is as good as none.
        store.get(other, mine) => StoreError::TodoNotFound(_),
        store.update(other, mine, &Change::default()) => StoreError::TodoNotFound(_),
        store.complete(other, mine) => StoreError::TodoNotFound(_),
        store.reopen(other, mine) => StoreError::TodoNotFound(_),
        store.delete(other, mine) => StoreError::TodoNotFound(_),
        store.create_subtask(other, mine, &titled("x")) => StoreError::ParentNotFound(_),
        store.record_interaction(other, mine, &NewInteraction::default()) => StoreError::TodoNotFound(_),
    ];
    assert!(store.subtasks(other, mine).await.unwrap().is_empty());
    assert_eq!(store.archive_completed(other, SignedDuration::ZERO).await.unwrap(), 0);
    let (field, id) = match store.create(user, &NewTodo { priority: 6, ..titled("x") }).await {
        Err(StoreError::Invalid { field, .. }) => (field, mine),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (field.as_str(), store.get(user, id).await.unwrap().title.as_str()),
        ("priority", "mine")
    );
}

#[tokio::test]
async fn filters() {
    let (_database, store, user) = empty().await;
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    for (title, priority, due_date) in [
        ("late", 2, at("2001-01-01T00:00:00Z")),
        ("soon", 4, at("2099-01-01T00:00:00Z")),
        ("whenever", 4, None),
        ("done late", 5, at("2001-01-01T00:00:00Z")),
        ("archived", 3, None),
    ] {
        let todo =
            store.create(user, &NewTodo { priority, due_date, ..titled(title) }).await.unwrap();
        if ["done late", "archived"].contains(&title) {
            store.complete(user, todo.id).await.unwrap();
        }
    }
    // The one that was done last goes to the archive.
    let all =
        store.list(user, &Filter { status: Which::Any, ..Filter::default() }).await.unwrap().todos;
    let archived = all.iter().find(|todo| todo.title == "done late").unwrap();
    store.reopen(user, archived.id).await.unwrap();
    assert_eq!(store.archive_completed(user, SignedDuration::ZERO).await.unwrap(), 1);
    store.complete(user, archived.id).await.unwrap();

    let any = Filter { status: Which::Any, ..Filter::default() };
    for (filter, titles) in [
        (Filter::default(), vec!["whenever", "soon", "late"]),
        (
            Filter { order: Order::MostUrgent, ..Filter::default() },
            vec!["soon", "whenever", "late"],
        ),
        (any.clone(), vec!["done late", "whenever", "soon", "late"]),
        (
            Filter { include_archived: true, ..any.clone() },
            vec!["archived", "done late", "whenever", "soon", "late"],
        ),
        (Filter { status: Which::Is(Status::Done), ..any.clone() }, vec!["done late"]),
        (Filter { priority: Some(4), ..any.clone() }, vec!["whenever", "soon"]),
        (
            Filter { due_before: at("2050-01-01T00:00:00Z"), ..any.clone() },
            vec!["done late", "late"],
        ),
        (Filter { overdue: true, ..any.clone() }, vec!["late"]),
        (Filter { project_id: Some(nothing()), ..any }, vec![]),
    ] {
        let page = store.list(user, &filter).await.unwrap();
        let found: Vec<&str> = page.todos.iter().map(|todo| todo.title.as_str()).collect();
        assert_eq!(found, titles, "{filter:?}");
        assert_eq!(page.next, None);
    }
}

#[tokio::test]
async fn interactions_with_a_model() {
    let (_database, store, user) = empty().await;
    let todo = store.create(user, &titled("big")).await.unwrap().id;
    let new = NewInteraction {
        interaction_type: "split".to_owned(),
        prompt: "how?".to_owned(),
        response: Some("in two".to_owned()),
        subtasks_generated: 2,
        model_used: Some("a model".to_owned()),
    };
    let first = store.record_interaction(user, todo, &new).await.unwrap();
    store.complete(user, todo).await.unwrap();
    store.archive_completed(user, SignedDuration::ZERO).await.unwrap();
    let second = store.record_interaction(user, todo, &new).await.unwrap();
    assert_eq!(store.interactions(user, todo).await.unwrap(), [second, first]);
}

/// Reads go where they are told to: here to a database without a schema `todo_app`.
#[tokio::test]
async fn reads_from_a_replica() {
    let (_database, primary, user) = empty().await;
    let nowhere = testbed::server().database();
    let replica = todos::store::pool(nowhere.session("replica").await.connector(), 1);
    let store = primary.with_replica(replica);
    let todo = store.create(user, &titled("x")).await.unwrap();
    assert!(matches!(store.get(user, todo.id).await, Err(StoreError::Database(_))));
    assert!(matches!(store.list(user, &Filter::default()).await, Err(StoreError::Database(_))));
    store.complete(user, todo.id).await.unwrap();
}

/// With `todos secure`, and as a role for which it holds.
#[tokio::test]
async fn under_row_level_security() {
    let (database, _, user) = empty().await;
    database.client().await.batch_execute("CREATE ROLE store_application LOGIN").await.unwrap();
    let secure =
        database.process("todos").args(["secure", "--role", "store_application"]).output().unwrap();
    assert!(secure.status.success(), "{secure:?}");
    let mut config = database.config().clone();
    config.user("store_application");
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = todos::store::Pool::builder(manager).max_size(2).build().unwrap();
    let open = TodoStore::new(pool.clone());
    assert!(
        matches!(open.create(user, &titled("x")).await, Err(StoreError::Database(_))),
        "nobody said for whom"
    );
    let store = TodoStore::new(pool).with_row_level_security();
    let todo = store.create(user, &titled("x")).await.unwrap();
    let child = store.create_subtask(user, todo.id, &titled("y")).await.unwrap();
    store.complete(user, child.id).await.unwrap();
    assert_eq!(store.archive_completed(user, SignedDuration::ZERO).await.unwrap(), 1);
    store.reopen(user, child.id).await.unwrap();
    store.record_interaction(user, todo.id, &NewInteraction::default()).await.unwrap();
    assert_eq!(store.list(user, &Filter::default()).await.unwrap().todos.len(), 2);
    assert!(
        open.list(user, &Filter::default()).await.unwrap().todos.is_empty(),
        "the setting ends with its transaction"
    );
    store.delete(user, todo.id).await.unwrap();
}
