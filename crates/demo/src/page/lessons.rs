//! The page of lessons.

use lab::page::Page;
use lab::plan::Plan;
use lab::report::plural;
use maud::{Markup, Render, html};

use super::{About, Picture, STYLE, footer};
use crate::lesson::Lesson;
use crate::outcome::Outcome;
use crate::show;
use crate::topic::{Subject, Topic};

/// Of all the maps of one lesson, in pixels.
const HEIGHT: f64 = 200.0;

/// A lesson that was taken.
pub struct Taken {
    pub topic: Topic,
    pub lesson: Lesson,
    pub outcome: Outcome,
}

impl Taken {
    fn id(&self) -> String {
        format!("{}-{}", self.topic.name(), self.lesson.slug)
    }

    fn sign(&self) -> &'static str {
        match (self.outcome.partitioned, self.outcome.ok) {
            (false, _) => "○",
            (true, true) => "✓",
            (true, false) => "✗",
        }
    }

    fn is_wrong(&self) -> bool {
        self.sign() == "✗"
    }
}

/// All of them, with a table of contents.
pub fn lessons(all: &[Taken], about: &About) -> Markup {
    let topics: Vec<&[Taken]> = all.chunk_by(|a, b| a.topic == b.topic).collect();
    let page = Page {
        command: "demo",
        heading: &format!("{} about partition pruning", plural(all.len() as u64, "lesson")),
        about: about.render(),
        style: STYLE,
        main: html! {
            nav { @for topic in &topics { (contents(topic)) } }
            @for topic in &topics {
                @if let [first, ..] = topic { (title(first.topic)) }
                @for taken in *topic { (lesson(taken)) }
            }
        },
        footer: footer(),
    };
    page.render()
}

/// The lessons of a topic, each a link.
fn contents(topic: &[Taken]) -> Markup {
    html! {
        section {
            @if let [first, ..] = topic { h2 { (first.topic.name()) } }
            ul { @for taken in topic {
                li { span.bad[taken.is_wrong()] { (taken.sign()) } " " a href={ "#" (taken.id()) } { (taken.lesson.title) } }
            } }
        }
    }
}

fn title(topic: Topic) -> Markup {
    html! {
        h2.topic { (topic.name())
            @match topic.subject() {
                Subject::Table(table) => span.about { " " (table) },
                Subject::Words(words) => span.about { " " (words) },
            }
        }
    }
}

/// Title, query, figures, picture, plan, reason, verdict.
fn lesson(taken: &Taken) -> Markup {
    let Taken { lesson, outcome, .. } = taken;
    let prefix = format!("{}-", taken.id());
    html! {
        section.lesson id=(taken.id()) {
            h2 { (lesson.title) " " span.about { (lesson.slug) } }
            pre { code { (lesson.sql()) } }
            @if let Ok(seen) = &outcome.seen {
                p.figures { (figures(&seen.measured.explained.plan)) }
                @if let Some(baseline) = &seen.baseline {
                    p.figures.about { "before partitioning: " (figures(baseline)) }
                }
                (Picture { explained: &seen.measured.explained, prefix: &prefix, height: HEIGHT }.draw())
            }
            p { (lesson.why) }
            p.verdict.bad[taken.is_wrong()] { (taken.sign()) " " (verdict(outcome)) }
            @for (versions, expected) in outcome.elsewhere.iter().filter(|_| outcome.partitioned) {
                p.about { (versions) ": " (expected.to_string()) }
            }
        }
    }
}

fn figures(plan: &Plan) -> String {
    let written = if plan.writes() { " written" } else { "" };
    let [rows, time, buffers] = show::figures(plan);
    format!("{rows}{written} · {time} · {buffers}")
}

fn verdict(outcome: &Outcome) -> String {
    let expected = &outcome.expected;
    match (outcome.partitioned, outcome.ok) {
        (false, _) => "single table: nothing can be pruned".to_owned(),
        (true, true) => expected.to_string(),
        (true, false) => format!("expected: {expected}; found: {}", outcome.found()),
    }
}
