//! The page of one query, or of two side by side.

use lab::page::Page;
use maud::{Markup, Render, html};

use super::{About, Picture, STYLE, footer};
use crate::xray::why::{self, Said};
use crate::xray::{Xray, compare};

/// Of all the maps of one query, in pixels.
const HEIGHT: f64 = 480.0;
/// The same where there are two queries.
const HEIGHT_OF_TWO: f64 = 320.0;

/// The page of one query.
pub fn query(xray: &Xray, about: &About) -> Markup {
    let heading = match tables(&[xray]) {
        names if names.is_empty() => "A query that reads no partitioned table".to_owned(),
        names => format!("What it reads of {}", names.join(", ")),
    };
    let main = html! {
        (sql(xray))
        (picture(xray, "", HEIGHT).tiles())
        (said(xray))
        div.alone { (picture(xray, "", HEIGHT).draw()) }
    };
    page(&heading, about, main)
}

/// The page of two, `names` being what each is called.
pub fn queries(names: [&str; 2], both: [&Xray; 2], about: &About) -> Markup {
    let [first, second] = names;
    let heading = match tables(&both) {
        of if of.is_empty() => format!("{first} and {second}: neither reads a partitioned table"),
        of => format!("{first} and {second}: what each reads of {}", of.join(", ")),
    };
    let main = html! {
        section {
            table {
                thead { tr { th {} @for name in names { th.number { (name) } } } }
                tbody { @for (measure, values) in compare::lines(both) {
                    tr { th { (measure) } @for value in values { td.number { (value) } } }
                } }
            }
            @if !compare::same_rows(both) { p.bad { (compare::DIFFER) } }
        }
        @for (name, xray) in names.into_iter().zip(both) {
            h2.topic { (name) }
            (sql(xray))
            (said(xray))
            div.alone { (picture(xray, &format!("{name}-"), HEIGHT_OF_TWO).draw()) }
        }
    };
    page(&heading, about, main)
}

fn page(heading: &str, about: &About, main: Markup) -> Markup {
    let about = about.render();
    Page { command: "demo query", heading, about, style: STYLE, main, footer: footer() }.render()
}

/// The tables that are read, each once.
fn tables<'a>(xrays: &[&'a Xray]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for touched in xrays.iter().flat_map(|xray| &xray.explained.touched) {
        if !names.contains(&touched.table.name.as_str()) {
            names.push(touched.table.name.as_str());
        }
    }
    names
}

fn picture<'a>(xray: &'a Xray, prefix: &'a str, height: f64) -> Picture<'a> {
    Picture { explained: &xray.explained, prefix, height }
}

fn sql(xray: &Xray) -> Markup {
    html! { section { pre { code { (xray.sql.trim()) } } } }
}

/// Why, and what instead; nothing where nothing is to be said.
fn said(xray: &Xray) -> Markup {
    let named = xray.explained.touched.len() > 1;
    // What is about several tables stands above each of them.
    let mut all = why::partitionwise(xray);
    for touched in &xray.explained.touched {
        let of_table = why::of_table(xray, touched.oid);
        if named && matches!(of_table.first(), Some(Said::Why(_))) {
            all.push(Said::About(touched.table.name.clone(), None));
        }
        all.extend(of_table);
    }
    html! {
        @if !all.is_empty() {
            section.why { @for said in &all { (line(said)) } }
        }
    }
}

fn line(said: &Said) -> Markup {
    match said {
        Said::About(what, key) => {
            html! { h3 { (what) @if let Some(key) = key { " " span.about { (key) } } } }
        }
        Said::Why(text) => html! { p { b { "why" } " " (text) } },
        Said::Instead(text) => html! { p.instead { b { "→" } " " (text) } },
    }
}
