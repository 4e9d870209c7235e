//! Why, and what instead, in words.

use console::style;
use lab::plan::Partitionwise;
use lab::plan::why::{Why, Wise};
use lab::report;

/// The reasons of a table, level by level, each with what to write instead.
pub fn lines(why: &Why) -> Vec<String> {
    let mut lines = Vec::new();
    for level in &why.levels {
        // One level says of itself what it is.
        if why.levels.len() > 1 {
            let more = if level.tables > 1 {
                format!(" and {} more", level.tables - 1)
            } else {
                String::new()
            };
            lines.push(format!("  {}{more}  {}", level.table.name, style(&level.key).dim()));
        }
        for reason in &level.reasons {
            lines.push(format!(
                "  {} {}",
                style("why").cyan(),
                report::wrap(&reason.to_string(), 6)
            ));
        }
        for suggestion in &level.suggestions {
            let text = report::wrap(&suggestion.to_string(), 6);
            lines.push(format!("  {} {}", style("→  ").green().bold(), style(text).green()));
        }
    }
    lines
}

/// What is done partition by partition, or could be. Nearly each aggregate could be in part, so of those only what would be cheaper
/// as a whole.
pub fn partitionwise(wise: &Partitionwise) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tell = |what: &str, wise: &Wise| {
        let text = report::wrap(&format!("{what} {wise}"), 6);
        let sign = match wise {
            Wise::Possible { .. } => style("→  ").green().bold(),
            _ => style("why").cyan(),
        };
        lines.push(format!("  {sign} {text}"));
    };
    if wise.join != Wise::NotApplicable {
        tell("join:", &wise.join);
    }
    match &wise.aggregate {
        Wise::Possible { partial, cost, cost_then, .. } if *partial || cost_then >= cost => {}
        Wise::NotApplicable | Wise::NotChosen | Wise::Impossible { .. } => {}
        aggregate => tell("aggregate:", aggregate),
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}
