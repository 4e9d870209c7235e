//! Where each partition stands on the map: a squarified treemap, nested as the partitions are.

use std::collections::{HashMap, HashSet};

use lab::catalog::Tree;
use streemap::Rect;

/// Height of the line that names a partition with partitions of its own.
pub const HEADER: f64 = 19.0;
/// Room around what stands in it.
const EDGE: f64 = 2.0;
/// Smaller ones have no line with a name.
const LEAST: (f64, f64) = (48.0, 44.0);
/// An empty partition is as large as one that has this part of an average one's bytes.
const EMPTY: f64 = 0.12;

/// A partition and its place.
#[derive(Debug, Clone, Copy)]
pub struct Area<'a> {
    pub table: &'a Tree,
    /// The one directly above.
    pub parent: &'a Tree,
    pub place: Rect<f64>,
    /// What is left for the partitions in it, for one that has any.
    pub inner: Option<Rect<f64>>,
}

impl Area<'_> {
    /// Whether there is room for its name above the partitions in it.
    pub fn is_named(&self) -> bool {
        self.inner.is_some_and(|inner| inner.y - self.place.y >= HEADER)
    }
}

/// The partitions of `root` on all levels, each before those in it. Areas are in proportion to bytes
/// on disk within their parent; empty ones have a little. `seen` are the leaves that queries see.
pub fn areas<'a>(root: &'a Tree, seen: &HashSet<u32>, whole: Rect<f64>) -> Vec<Area<'a>> {
    let leaves = root.leaves().filter(|leaf| seen.contains(&leaf.oid));
    let (count, bytes) = leaves.fold((0.0, 0.0), |(n, sum), leaf| (n + 1.0, sum + size(leaf)));
    let least = f64::max(bytes * EMPTY / f64::max(count, 1.0), 1.0);
    let mut weights = HashMap::new();
    weigh(root, seen, least, &mut weights);
    let mut all = Vec::new();
    if root.is_leaf() {
        all.push(Area { table: root, parent: root, place: whole, inner: None });
    } else {
        place(root, &weights, whole, &mut all);
    }
    all
}

#[allow(clippy::cast_precision_loss)] // a pixel is no byte
fn size(leaf: &Tree) -> f64 {
    leaf.bytes as f64
}

/// Sums of what is beneath; nothing for what has no leaf to see.
fn weigh(tree: &Tree, seen: &HashSet<u32>, least: f64, all: &mut HashMap<u32, f64>) -> f64 {
    let weight = if !tree.is_leaf() {
        tree.children.iter().map(|child| weigh(child, seen, least, all)).sum()
    } else if seen.contains(&tree.oid) {
        size(tree).max(least)
    } else {
        0.0
    };
    if weight > 0.0 {
        all.insert(tree.oid, weight);
    }
    weight
}

fn place<'a>(
    parent: &'a Tree,
    weights: &HashMap<u32, f64>,
    within: Rect<f64>,
    all: &mut Vec<Area<'a>>,
) {
    let weighed = |table: &'a Tree| Some((table, *weights.get(&table.oid)?, within));
    let mut items: Vec<(&Tree, f64, Rect<f64>)> =
        parent.children.iter().filter_map(weighed).collect();
    // Those of the same size stay in the order of their bounds.
    items.sort_by(|a, b| b.1.total_cmp(&a.1));
    streemap::squarify(within, &mut items, |item| item.1, |item, place| item.2 = place);
    for (table, _, place) in items {
        let inner = (!table.is_leaf()).then(|| inside(place));
        all.push(Area { table, parent, place, inner });
        if let Some(inner) = inner {
            self::place(table, weights, inner, all);
        }
    }
}

/// What is left of a place within its edge, and beneath its name where that has room.
fn inside(place: Rect<f64>) -> Rect<f64> {
    let edge = EDGE.min(place.w / 8.0).min(place.h / 8.0);
    let named = place.w >= LEAST.0 && place.h >= LEAST.1;
    let top = if named { HEADER } else { edge };
    Rect { x: place.x + edge, y: place.y + top, w: place.w - 2.0 * edge, h: place.h - top - edge }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::page::tests::tree;

    const WHOLE: Rect<f64> = Rect { x: 0.0, y: 0.0, w: 680.0, h: 480.0 };

    /// A table with a partition a size, or with partitions of partitions.
    fn table(sizes: &[Vec<u64>]) -> Tree {
        let mut oid = 0;
        let mut next = |bytes, children| {
            oid += 1;
            tree(oid, "t", 0, bytes, children)
        };
        let mut children = Vec::new();
        for sizes in sizes {
            let leaves: Vec<Tree> = sizes.iter().map(|bytes| next(*bytes, Vec::new())).collect();
            match <[Tree; 1]>::try_from(leaves) {
                Ok([leaf]) => children.push(leaf),
                Err(leaves) => children.push(next(0, leaves)),
            }
        }
        next(0, children)
    }

    fn drawn(tree: &Tree) -> Vec<Area<'_>> {
        areas(tree, &tree.leaves().map(|leaf| leaf.oid).collect(), WHOLE)
    }

    fn size(place: Rect<f64>) -> f64 {
        place.w * place.h
    }

    fn is_in(place: Rect<f64>, outer: Rect<f64>) -> bool {
        place.x >= outer.x - 1e-6
            && place.y >= outer.y - 1e-6
            && place.x + place.w <= outer.x + outer.w + 1e-6
            && place.y + place.h <= outer.y + outer.h + 1e-6
    }

    fn overlap(a: Rect<f64>, b: Rect<f64>) -> f64 {
        let along = |a: f64, aw: f64, b: f64, bw: f64| (a + aw).min(b + bw) - a.max(b);
        let (w, h) = (along(a.x, a.w, b.x, b.w), along(a.y, a.h, b.y, b.h));
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }

    proptest! {
        #[test]
        fn partitions_fill_their_parent_and_stand_beside_each_other(
            sizes in prop::collection::vec(prop::collection::vec(0_u64..5_000_000_000, 1..7), 1..30)
        ) {
            let tree = table(&sizes);
            let all = drawn(&tree);
            let leaves: Vec<Rect<f64>> =
                all.iter().filter(|area| area.inner.is_none()).map(|area| area.place).collect();
            prop_assert_eq!(leaves.len(), tree.leaf_count());
            let inside = |parent: u32| all.iter().filter(move |area| area.parent.oid == parent);
            let parents = all.iter().filter_map(|area| Some((area.table.oid, area.inner?)));
            for (parent, outer) in parents.chain([(tree.oid, WHOLE)]) {
                let sum: f64 = inside(parent).map(|area| size(area.place)).sum();
                prop_assert!((sum - size(outer)).abs() < 1e-6 * size(WHOLE), "{sum} of {outer:?}");
                prop_assert!(inside(parent).all(|area| is_in(area.place, outer)));
            }
            for (n, a) in leaves.iter().enumerate() {
                prop_assert!(a.w > 0.0 && a.h > 0.0, "{a:?}");
                prop_assert!(leaves[..n].iter().all(|b| overlap(*a, *b) < 1e-3), "{a:?}");
            }
        }

        #[test]
        #[allow(clippy::cast_precision_loss)] // a pixel is no byte
        fn areas_are_in_proportion_to_bytes(sizes in prop::collection::vec(0_u64..5_000_000_000, 1..300)) {
            let tree = table(&sizes.iter().map(|bytes| vec![*bytes]).collect::<Vec<_>>());
            let all = drawn(&tree);
            for pair in all.windows(2) {
                let (a, b) = (size(pair[0].place), size(pair[1].place));
                prop_assert!(a > b - 1e-6, "the largest first");
                if b > size(WHOLE) / all.len() as f64 * EMPTY * 2.0 {
                    let bytes = pair[0].table.bytes as f64 / pair[1].table.bytes as f64;
                    prop_assert!((a / b / bytes - 1.0).abs() < 1e-6, "{a} to {b}, {bytes}");
                }
            }
        }
    }

    #[test]
    fn empty_ones_have_a_little() {
        let tree = table(&[vec![1_000_000], vec![0], vec![0, 0]]);
        let all = drawn(&tree);
        assert!(all.iter().all(|area| size(area.place) > 0.01 * size(WHOLE)), "{all:?}");
        let none = table(&[vec![0], vec![0]]);
        assert!((size(drawn(&none)[1].place) - size(WHOLE) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn what_queries_do_not_see_is_not_drawn() {
        let tree = table(&[vec![5], vec![7], vec![1, 1]]);
        let all = areas(&tree, &HashSet::from([2]), WHOLE);
        assert_eq!(all.iter().map(|area| area.table.oid).collect::<Vec<_>>(), [2]);
        assert!(areas(&tree, &HashSet::new(), WHOLE).is_empty());
    }
}
