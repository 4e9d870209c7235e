//! The map of one table: a box a partition, which leads to the node that reads it.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use lab::catalog::{Name, Tree};
use lab::plan::{Fate, Leaf, Reads, Touched};
use lab::report::{self, plural, short_bounds};
use maud::{Markup, html};
use streemap::Rect;

use super::map::{self, Area};
use super::nodes::Nodes;

/// Width that a map is laid out for; a narrower window squeezes it.
const WIDTH: f64 = 680.0;
/// About as wide as a letter, and as high as a line.
const LETTER: (f64, f64) = (7.0, 16.0);

/// All that a map tells.
pub struct Map<'a> {
    pub touched: &'a Touched,
    pub nodes: &'a Nodes,
    pub reads: &'a HashMap<Name, Reads>,
    pub analyzed: bool,
    pub height: f64,
}

/// The sign of a fate, its class in the style, and words.
pub fn sign(fate: Fate, analyzed: bool) -> (&'static str, &'static str, &'static str) {
    match fate {
        Fate::Scanned => ("●", "s", "scanned"),
        Fate::NeverExecuted if !analyzed => ("●", "s", "in the plan"),
        Fate::NeverExecuted => ("◌", "n", "in the plan, never executed"),
        Fate::PrunedAtStart => ("⊖", "r", "removed at executor start"),
        Fate::PrunedAtPlan => ("○", "p", "pruned at plan time"),
    }
}

impl Map<'_> {
    pub fn draw(&self) -> Markup {
        let leaves: HashMap<u32, &Leaf> =
            self.touched.leaves.iter().map(|leaf| (leaf.oid, leaf)).collect();
        let seen = leaves.keys().copied().collect();
        let whole = Rect { x: 0.0, y: 0.0, w: WIDTH, h: self.height };
        let areas = map::areas(&self.touched.tree, &seen, whole);
        html! {
            div.map style=(format!("height:{}px", self.height)) {
                @for area in &areas {
                    @match leaves.get(&area.table.oid) {
                        Some(leaf) => (self.leaf(area, leaf)),
                        None => (self.frame(area)),
                    }
                }
            }
        }
    }

    /// A partition with partitions of its own.
    fn frame(&self, area: &Area) -> Markup {
        html! {
            div.frame style=(self.inset(area.place)) title=(about(area.table)) {
                @if area.is_named() { (area.table.name.name) }
            }
        }
    }

    fn leaf(&self, area: &Area, leaf: &Leaf) -> Markup {
        let (sign, class, words) = sign(leaf.fate, self.analyzed);
        let place = area.place;
        let reads = self.reads.get(&leaf.name).copied().filter(|_| leaf.fate == Fate::Scanned);
        let mut title = format!("{}\n{sign} {words}", about(area.table));
        if let Some(reads) = reads {
            let _ = write!(title, ": {}", took(reads));
        }
        let lines = html! {
            @if place.w >= 30.0 && place.h >= LETTER.1 {
                (sign)
                @if let Some(name) = label(area) { "\u{a0}" (breakable(name)) }
                @if place.w >= 76.0 && place.h >= 4.0 * LETTER.1 {
                    @if let Some(reads) = reads { br; small { (took(reads)) } }
                    @else { br; small { (report::bytes(area.table.bytes)) } }
                }
            }
        };
        let node = self.nodes.number(&leaf.name);
        let leads = self.nodes.leads_to(&leaf.name, self.touched.oid);
        let id = node.filter(|_| leads).map(|node| self.nodes.partition(node));
        html! {
            @match node {
                Some(node) => a class=(class) id=[id] href={ "#" (self.nodes.id(node)) }
                    style=(self.inset(place)) title=(title) { (lines) },
                None => i class=(class) style=(self.inset(place)) title=(title) { (lines) },
            }
        }
    }

    /// A place in parts of the whole: top, right, bottom, left.
    fn inset(&self, place: Rect<f64>) -> String {
        let across = |x: f64| percent(x / WIDTH);
        let down = |y: f64| percent(y / self.height);
        format!(
            "inset:{} {} {} {}",
            down(place.y),
            across(WIDTH - place.x - place.w),
            down(self.height - place.y - place.h),
            across(place.x)
        )
    }
}

/// As much of the name as has room: all of it, or what its parent's name does not say.
fn label<'a>(area: &Area<'a>) -> Option<&'a str> {
    let name = area.table.name.name.as_str();
    let rest = name.strip_prefix(area.parent.name.name.as_str()).unwrap_or_default();
    let rows = ((area.place.h - 2.0) / LETTER.1).floor().min(3.0);
    let letters = ((area.place.w - 6.0) / LETTER.0).floor();
    let has_room = |name: &str| {
        // The sign, and what is lost where lines break.
        let needed = name.chars().count() + if rows > 1.0 { 6 } else { 2 };
        letters >= 6.0 && rows * letters >= f64::from(u32::try_from(needed).unwrap_or(u32::MAX))
    };
    let names = [name, rest.trim_start_matches('_')];
    names.into_iter().find(|name| !name.is_empty() && has_room(name))
}

/// A name that may break after each underscore.
fn breakable(name: &str) -> Markup {
    html! { @for part in name.split_inclusive('_') { (part) wbr; } }
}

fn percent(part: f64) -> String {
    let text = format!("{:.2}", (part * 100.0).max(0.0));
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Name, bounds and size.
fn about(table: &Tree) -> String {
    let bounds = table.bounds.as_deref().map(short_bounds).unwrap_or_default();
    let size =
        if table.foreign { "foreign table".to_owned() } else { report::bytes(table.total_bytes()) };
    format!("{}\n{bounds}\n{size}", table.name.name)
}

/// Rows, time and buffers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
pub fn took(reads: Reads) -> String {
    let time = report::duration(Duration::from_secs_f64(reads.ms.max(0.0) / 1e3));
    format!("{}, {time}, {}", plural(reads.rows as u64, "row"), plural(reads.buffers, "buffer"))
}
