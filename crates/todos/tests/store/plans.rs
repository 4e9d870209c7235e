//! Every query that the store has prepared reads one partition of the active todos, whatever kind of plan it gets.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;
use todos::store::{
    Change, Cursor, Filter, NewInteraction, NewTodo, Order, Status, TodoStore, Which,
};
use uuid::Uuid;

use crate::bench::{cut_over, seeded, user};

const SOURCES: [&str; 5] = [
    include_str!("../../src/store/change.rs"),
    include_str!("../../src/store/family.rs"),
    include_str!("../../src/store/interaction.rs"),
    include_str!("../../src/store/list.rs"),
    include_str!("../../src/store/todo.rs"),
];

/// Every method, so that each statement of the store is prepared.
async fn call_all(store: &TodoStore, user: Uuid, project: Uuid) {
    let new = NewTodo { project_id: Some(project), ..NewTodo::titled("x") };
    let todo = store.create(user, &new).await.unwrap().id;
    let child = store.create_subtask(user, todo, &new).await.unwrap().id;
    store.get(user, todo).await.unwrap();
    store.subtasks(user, todo).await.unwrap();
    store.update(user, todo, &Change { priority: Some(4), ..Change::default() }).await.unwrap();
    store.complete(user, child).await.unwrap();
    store.archive_completed(user, SignedDuration::ZERO).await.unwrap();
    store.get(user, child).await.unwrap();
    store.update(user, child, &Change { priority: Some(4), ..Change::default() }).await.unwrap();
    store.reopen(user, child).await.unwrap();
    store.record_interaction(user, todo, &NewInteraction::default()).await.unwrap();
    store.interactions(user, todo).await.unwrap();
    let now = jiff::Timestamp::now();
    for (order, after) in [
        (Order::Newest, Cursor::Newest { created_at: now, id: todo }),
        (Order::MostUrgent, Cursor::MostUrgent { priority: 3, due_date: None, id: todo }),
    ] {
        for after in [None, Some(after)] {
            for include_archived in [false, true] {
                for status in [Which::Any, Which::Open, Which::Is(Status::Todo)] {
                    let filter =
                        Filter { order, after, include_archived, status, ..Filter::default() };
                    store.list(user, &filter).await.unwrap();
                    let filter = Filter {
                        priority: Some(3),
                        project_id: Some(project),
                        due_before: Some(now),
                        overdue: true,
                        ..filter
                    };
                    store.list(user, &filter).await.unwrap();
                }
            }
        }
    }
    store.delete(user, todo).await.unwrap();
}

/// A method that is added and not called above fails this.
#[test]
fn no_method_is_forgotten() {
    let here = include_str!("plans.rs");
    let methods: Vec<&str> = SOURCES
        .iter()
        .flat_map(|source| source.split("pub async fn ").skip(1))
        .map(|rest| rest.split('(').next().unwrap())
        .collect();
    assert!(methods.len() >= 12, "{methods:?}");
    for method in methods {
        assert!(here.contains(&format!("store.{method}(")), "{method}");
    }
}

#[tokio::test]
async fn one_partition_each() {
    let (database, user, project) =
        (cut_over("seed --users 20 --todos 800"), user(3), seeded("project 3 0"));
    let session = database.session("store").await;
    let pool = todos::store::pool(session.connector(), 1);
    call_all(&TodoStore::new(pool.clone()), user, project).await;
    // The only connection: what it has prepared is what the store sent.
    let client = pool.get().await.unwrap();
    let prepared = client
        .query("SELECT name, statement, parameter_types::text[] FROM pg_prepared_statements WHERE statement ~ 'todo_app'", &[])
        .await
        .unwrap();
    assert!(prepared.len() > 30, "{}", prepared.len());
    let mut read = BTreeSet::new();
    for kind in ["force_custom_plan", "force_generic_plan"] {
        client.batch_execute(&format!("SET plan_cache_mode = {kind}")).await.unwrap();
        for row in &prepared {
            let (name, sql, types): (String, String, Vec<String>) =
                (row.get(0), row.get(1), row.get(2));
            let values: Vec<String> = types.iter().map(|kind| value(kind, user)).collect();
            let values =
                if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
            let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE \"{name}\"{values}");
            let plan = client.simple_query(&explain).await.unwrap();
            let text = plan.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let mut scanned = BTreeSet::new();
            relations(&serde_json::from_str(text.unwrap()).unwrap(), &mut scanned);
            for table in ["todos_active_part_", "ai_todo_interactions_part_"] {
                let partitions = scanned.iter().filter(|name| name.starts_with(table)).count();
                assert!(partitions <= 1, "{kind}: {sql}\n{scanned:?}");
            }
            read.extend(scanned);
        }
    }
    // And what it reads is those tables.
    assert!(read.iter().any(|name| name.starts_with("todos_active_part_")), "{read:?}");
    assert!(read.iter().any(|name| name.starts_with("ai_todo_interactions_part_")), "{read:?}");
}

/// A value of a type; each uuid is the user's, for the plan depends on the user alone.
fn value(kind: &str, user: Uuid) -> String {
    match kind {
        "uuid" => format!("'{user}'"),
        "integer" | "bigint" | "smallint" => "3".to_owned(),
        "boolean" => "true".to_owned(),
        "text" | "character varying" => "'done'".to_owned(),
        "timestamp with time zone" => "now()".to_owned(),
        other => panic!("a parameter of type {other}"),
    }
}

/// Tables that the scan nodes of a plan read; which of them a row is written to is another matter.
fn relations(plan: &Value, found: &mut BTreeSet<String>) {
    match plan {
        Value::Array(parts) => parts.iter().for_each(|part| relations(part, found)),
        Value::Object(node) => {
            let is_scan = node
                .get("Node Type")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.ends_with("Scan"));
            if let (true, Some(Value::String(name))) = (is_scan, node.get("Relation Name")) {
                found.insert(name.clone());
            }
            node.values().for_each(|part| relations(part, found));
        }
        _ => {}
    }
}
