//! Why, and what instead, in words: for the terminal and for the page.

use console::style;
use lab::plan::why::{Level, Why, Wise};
use lab::report;

use super::read::Xray;

/// Columns of a reason that are shown.
const LONGEST: usize = 600;

/// A line of explanation, without its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What the next lines are about: a mention of the table, or a level of its partitions with their key.
    About(String, Option<String>),
    /// A reason.
    Why(String),
    /// What to write instead.
    Instead(String),
}

/// The reasons of a table, mention by mention and level by level, each with what to write instead.
pub fn of_table(xray: &Xray, oid: u32) -> Vec<Said> {
    let mentions: Vec<&Why> = xray.whys.iter().filter(|why| why.oid == oid).collect();
    let mut said = Vec::new();
    for why in &mentions {
        // One mention, and one level, says of itself what it is.
        if mentions.len() > 1 {
            said.push(Said::About(format!("{} as {}", why.table.name, why.alias), None));
        }
        for level in &why.levels {
            if why.levels.len() > 1 {
                said.push(Said::About(tables(level), Some(level.key.clone())));
            }
            said.extend(level.reasons.iter().map(|reason| Said::Why(cut(&reason.to_string()))));
            said.extend(level.suggestions.iter().map(|one| Said::Instead(one.to_string())));
        }
    }
    said
}

/// A list of thousands of values says no more than its beginning; JSON has all of it.
fn cut(text: &str) -> String {
    report::cut(&report::visible(text), LONGEST)
}

fn tables(level: &Level) -> String {
    match level.tables {
        0 | 1 => level.table.name.clone(),
        tables => format!("{} and {} more", level.table.name, tables - 1),
    }
}

/// What is done partition by partition, or could be. Almost every aggregate could be done partition by partition in part, so only a
/// whole one is named. What the planner thinks dearer is no advice.
pub fn partitionwise(xray: &Xray) -> Vec<Said> {
    let Some(wise) = &xray.partitionwise else { return Vec::new() };
    let mut said = Vec::new();
    let mut tell = |what: &str, wise: &Wise| {
        let text = format!("{what} {wise}");
        said.push(match wise {
            Wise::Possible { .. } => Said::Instead(text),
            _ => Said::Why(text),
        });
    };
    match &wise.join {
        Wise::NotApplicable => {}
        Wise::Possible { cost, cost_then, .. } if cost_then >= cost => {}
        join => tell("partition-wise join:", join),
    }
    match &wise.aggregate {
        Wise::Possible { partial, cost, cost_then, .. } if *partial || cost_then >= cost => {}
        Wise::NotApplicable | Wise::NotChosen | Wise::Impossible { .. } => {}
        aggregate => tell("partition-wise aggregate:", aggregate),
    }
    said
}

/// In a terminal.
pub fn lines(said: &[Said]) -> Vec<String> {
    let line = |said: &Said| match said {
        Said::About(what, None) => format!("  {what}"),
        Said::About(what, Some(key)) => format!("  {what}  {}", style(key).dim()),
        Said::Why(text) => format!("  {} {}", style("why").cyan(), report::wrap(text, 6)),
        Said::Instead(text) => {
            let text = style(report::wrap(text, 6)).green();
            format!("  {} {text}", style("→  ").green().bold())
        }
    };
    said.iter().map(line).collect()
}
