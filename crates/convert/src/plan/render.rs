//! The plan as text for the terminal, and as Markdown for a ticket or a review.

use lab::report::{Align, Table, heading, wrap};

use super::document::Document;
use super::sections::{self, Block};

/// For the terminal, as wide as that is.
#[must_use]
pub fn text(document: &Document) -> String {
    let mut lines = vec![heading(&format!("{} by {}", document.table, document.strategy))];
    lines.push(verdict(document));
    for blocker in &document.blockers {
        lines.push(wrap(&format!("✗ {} [{}]: {}", blocker.object, blocker.code, blocker.why), 2));
        for way in &blocker.ways {
            lines.push(format!("  → {}", wrap(way, 4)));
        }
    }
    for (n, section) in sections::of(document).iter().enumerate() {
        lines.push(heading(&format!("{}. {}", n + 1, section.title)));
        lines.extend(section.blocks.iter().map(block));
    }
    lines.join("\n")
}

fn verdict(document: &Document) -> String {
    match document.blockers.len() {
        0 => "✓ nothing stands in the way".to_owned(),
        1 => "✗ one thing stands in the way".to_owned(),
        n => format!("✗ {n} things stand in the way"),
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Text(text) => wrap(text, 0),
        Block::Items(items) => {
            let items: Vec<_> = items.iter().map(|item| format!("  → {}", wrap(item, 4))).collect();
            items.join("\n")
        }
        Block::Code(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| format!("  {line}")).collect();
            lines.join("\n")
        }
        Block::Table(header, rows) => {
            let columns: Vec<_> = header.iter().map(|name| (*name, Align::Wrap)).collect();
            let mut table = Table::new(&columns);
            for row in rows {
                table.row(row);
            }
            table.to_string()
        }
    }
}

/// As Markdown.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut lines =
        vec![format!("# {} by {}\n", plain(&document.table), plain(&document.strategy))];
    lines.push(format!("{}\n", verdict(document)));
    for blocker in &document.blockers {
        lines.push(format!(
            "- **{}** ({}): {}",
            plain(&blocker.object),
            blocker.code,
            plain(&blocker.why)
        ));
        lines.extend(blocker.ways.iter().map(|way| format!("  - {}", plain(way))));
    }
    if !document.blockers.is_empty() {
        lines.push(String::new());
    }
    for (n, section) in sections::of(document).iter().enumerate() {
        lines.push(format!("## {}. {}\n", n + 1, section.title));
        for block in &section.blocks {
            lines.push(markdown_block(block));
            lines.push(String::new());
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn markdown_block(block: &Block) -> String {
    match block {
        Block::Text(text) => plain(text),
        Block::Items(items) => {
            let items: Vec<_> = items.iter().map(|item| format!("- {}", plain(item))).collect();
            items.join("\n")
        }
        Block::Code(lines) => format!("```\n{}\n```", lines.join("\n")),
        Block::Table(header, rows) => {
            let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
            let mut lines = vec![line(header.iter().map(|name| (*name).to_owned()).collect())];
            lines.push(line(header.iter().map(|_| "---".to_owned()).collect()));
            lines.extend(rows.iter().map(|row| line(row.iter().map(|cell| plain(cell)).collect())));
            lines.join("\n")
        }
    }
}

/// Names and conditions may hold what Markdown reads as markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if "|*_`<>\\".contains(c) {
            plain.push('\\');
        }
        plain.push(if c == '\n' { ' ' } else { c });
    }
    plain
}
