//! Which table it is.

use std::sync::Arc;

use lab::catalog::Name;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Col, Table};
use crate::strategy::Strategy;

impl Table {
    pub fn invent(seed: u64) -> Arc<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut one_of = |these: &[&'static str]| these[random.random_range(0..these.len())];
        let id = one_of(&["bigint", "integer", "uuid", "text", "bigint"]);
        let types = [
            "integer",
            id,
            one_of(&["timestamp", "timestamptz", "date"]),
            one_of(&["text", "smallint", "mood"]),
            one_of(&["bigint", "integer"]),
            "text",
            one_of(&["integer", "numeric"]),
            "text",
        ];
        let wild = random.random_bool(0.5);
        let names = if wild {
            ["Writer", "the \"id\"", "größe at", "SELECT", "num%s{0}", "co'de", "n\\n", "ボディ"]
        } else {
            ["writer", "id", "created_at", "kind", "num", "code", "n", "body"]
        }
        .map(str::to_owned);
        let name = match random.random_range(0..4) {
            0 => Name::new("public", "orders"),
            1 => Name::new("My Schema", "Order \"items\" {x}"),
            2 => Name::new("elsewhere", "ä".repeat(31)),
            _ => Name::new("elsewhere", "t"),
        };
        let levels = if random.random_bool(0.3) { 2 } else { 1 };
        let mut target: Vec<Strategy> = Vec::new();
        while target.len() < levels {
            let strategy = Strategy::invent(&mut random);
            if target.iter().all(|other| other.column() != strategy.column()) {
                target.push(strategy);
            }
        }
        let source = random.random_bool(0.5).then(|| Strategy::invent(&mut random));
        // PostgreSQL asks for the source's partition column in the key; the target's may be there.
        let mut key = vec![Col::Id];
        let take = |key: &mut Vec<Col>, column, front| {
            if !key.contains(&column) {
                key.insert(if front { 0 } else { key.len() }, column);
            }
        };
        let front = random.random_bool(0.2);
        if let Some(source) = source {
            take(&mut key, source.column(), front);
        }
        if random.random_bool(0.5) {
            for strategy in &target {
                take(&mut key, strategy.column(), false);
            }
        }
        let unique = random.random_bool(0.6).then(|| {
            let mut unique = vec![Col::Code];
            let with_target = random.random_bool(0.6);
            let wanted = source.iter().chain(target.iter().filter(|_| with_target));
            for strategy in wanted {
                take(&mut unique, strategy.column(), false);
            }
            unique
        });
        let identity = matches!(id, "bigint" | "integer").then(|| random.random_range(0..4));
        let hash_only = target.iter().any(|strategy| matches!(strategy, Strategy::Hash(..)));
        Arc::new(Self {
            seed,
            name,
            names,
            types,
            key,
            primary: random.random_bool(0.7),
            unique,
            deferrable: random.random_bool(0.15),
            identity: match identity {
                Some(0) => Some("ALWAYS"),
                Some(1) => Some("BY DEFAULT"),
                _ => None,
            },
            dropped: random.random_bool(0.3),
            fixed: random.random_range(300..1500),
            source,
            default: random.random_bool(0.3) && !hash_only,
            target,
        })
    }
}
