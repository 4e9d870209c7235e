//! What `--format json` prints.

use lab::plan::{Explained, Fate, Touched};
use serde::Serialize;

use crate::expectation::Finding;
use crate::lesson::Lesson;
use crate::run::Outcome;

/// All lessons of a run.
#[derive(Debug, Serialize)]
pub struct Document {
    pub lessons: Vec<LessonDocument>,
    /// Whether every lesson holds.
    pub ok: bool,
}

/// One lesson.
#[derive(Debug, Serialize)]
pub struct LessonDocument {
    topic: &'static str,
    lesson: String,
    title: String,
    sql: String,
    table: String,
    /// Null while the table is not partitioned.
    expected: Option<Expected>,
    #[serde(flatten)]
    found: Found,
    pub ok: bool,
    execution_ms: f64,
    /// The same query on the tables before partitioning; null without them.
    baseline_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Expected {
    scanned: usize,
    total: usize,
}

/// The x-ray of one query.
#[derive(Debug, Serialize)]
pub struct QueryDocument<'a> {
    sql: &'a str,
    tables: Vec<TableDocument>,
    execution_ms: f64,
}

#[derive(Debug, Serialize)]
struct TableDocument {
    table: String,
    #[serde(flatten)]
    found: Found,
}

/// What became of a table's leaves.
#[derive(Debug, Serialize)]
struct Found {
    scanned: usize,
    total: usize,
    pruned_at_plan: usize,
    pruned_at_start: usize,
    never_executed: usize,
    partitions_scanned: Vec<String>,
}

impl Default for Document {
    fn default() -> Self {
        Self { lessons: Vec::new(), ok: true }
    }
}

impl Document {
    pub fn push(&mut self, lesson: LessonDocument) {
        self.ok &= lesson.ok;
        self.lessons.push(lesson);
    }

    /// How many lessons had something to expect: those on partitioned tables.
    pub fn checked(&self) -> usize {
        self.lessons.iter().filter(|lesson| lesson.expected.is_some()).count()
    }

    /// How many lessons do not hold.
    pub fn failed(&self) -> usize {
        self.lessons.iter().filter(|lesson| !lesson.ok).count()
    }
}

impl LessonDocument {
    /// Topic and lesson, as its title shows them.
    pub fn name(&self) -> String {
        format!("{} · {}", self.topic, self.lesson)
    }

    pub fn new(topic: &'static str, lesson: &Lesson, outcome: &Outcome) -> Self {
        let of_table = outcome.touched.iter().find(|touched| touched.table.name == lesson.table);
        Self {
            topic,
            lesson: lesson.slug.clone(),
            title: lesson.title.clone(),
            sql: lesson.sql(),
            table: lesson.table.clone(),
            expected: outcome.partitioned.then_some(Expected {
                scanned: lesson.expectation.scanned,
                total: lesson.expectation.total,
            }),
            found: of_table.map_or_else(|| Found::unpartitioned(lesson, outcome), Found::of),
            ok: outcome.ok,
            execution_ms: outcome.plan.execution_ms,
            baseline_ms: outcome.baseline.as_ref().map(|plan| plan.execution_ms),
        }
    }
}

impl<'a> QueryDocument<'a> {
    pub fn new(sql: &'a str, explained: &Explained) -> Self {
        let table = |touched: &Touched| TableDocument {
            table: touched.table.name.clone(),
            found: Found::of(touched),
        };
        let tables = explained.touched.iter().map(table).collect();
        Self { sql, tables, execution_ms: explained.plan.execution_ms }
    }
}

impl Found {
    fn of(touched: &Touched) -> Self {
        Self {
            scanned: touched.count(Fate::Scanned),
            total: touched.total(),
            pruned_at_plan: touched.count(Fate::PrunedAtPlan),
            pruned_at_start: touched.count(Fate::PrunedAtStart),
            never_executed: touched.count(Fate::NeverExecuted),
            partitions_scanned: touched
                .with(Fate::Scanned)
                .map(|leaf| leaf.name.name.clone())
                .collect(),
        }
    }

    /// Of a table that is not partitioned, or that the plan does not read at all.
    fn unpartitioned(lesson: &Lesson, outcome: &Outcome) -> Self {
        let Finding { scanned, total, at_plan, at_start, never_executed, .. } = outcome.finding;
        Self {
            scanned,
            total,
            pruned_at_plan: at_plan,
            pruned_at_start: at_start,
            never_executed,
            partitions_scanned: if scanned > 0 { vec![lesson.table.clone()] } else { Vec::new() },
        }
    }
}
