//! Why, and what instead, in words.

use console::style;
use lab::plan::why::Why;
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
