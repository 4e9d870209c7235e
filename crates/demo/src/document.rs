//! What `--format json` prints.

use lab::plan::{Fate, Plan, Touched};
use serde::Serialize;

use crate::lesson::Lesson;
use crate::outcome::Outcome;

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
    pub topic: &'static str,
    pub lesson: String,
    pub title: String,
    sql: String,
    table: String,
    /// Null while the table is not partitioned.
    pub expected: Option<Expected>,
    #[serde(flatten)]
    leaves: Leaves,
    /// In the words of `expected.text`.
    pub found: String,
    pub ok: bool,
    /// Null when the server refused to run the lesson.
    execution_ms: Option<f64>,
    /// The same query on the tables before partitioning; null without them.
    baseline_ms: Option<f64>,
}

/// What a lesson promises.
#[derive(Debug, Serialize)]
pub struct Expected {
    scanned: usize,
    total: usize,
    /// All that the lesson promises on this version.
    pub text: String,
}

/// What became of a table's leaves.
#[derive(Debug, Serialize)]
pub struct Leaves {
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
        let seen = outcome.seen.as_ref().ok();
        Self {
            topic,
            lesson: lesson.slug.clone(),
            title: lesson.title.clone(),
            sql: lesson.sql(),
            table: lesson.table.clone(),
            expected: outcome.partitioned.then(|| Expected {
                scanned: outcome.expected.scanned,
                total: outcome.expected.total,
                text: outcome.expected.to_string(),
            }),
            leaves: Leaves::of_lesson(lesson, outcome),
            found: outcome.found(),
            ok: outcome.ok,
            execution_ms: seen.map(|seen| seen.measured.explained.plan.execution_ms),
            baseline_ms: seen
                .and_then(|seen| seen.baseline.as_ref())
                .map(|p: &Plan| p.execution_ms),
        }
    }
}

impl Leaves {
    pub fn of(touched: &Touched) -> Self {
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

    fn of_lesson(lesson: &Lesson, outcome: &Outcome) -> Self {
        let seen = outcome.seen.as_ref().ok();
        if let Some(touched) = seen.and_then(|seen| seen.measured.explained.table(&lesson.table)) {
            return Self::of(touched);
        }
        // A table that is not partitioned, or that the plan does not read at all.
        let scanned = seen.map_or(0, |seen| seen.finding.scanned);
        Self {
            scanned,
            total: outcome.total,
            pruned_at_plan: 0,
            pruned_at_start: 0,
            never_executed: 0,
            partitions_scanned: if scanned > 0 { vec![lesson.table.clone()] } else { Vec::new() },
        }
    }
}
