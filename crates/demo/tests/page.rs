//! `--html`: the pages of a query and of lessons, as files and in a browser.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod browser;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use browser::Browser;
use testbed::{Database, ran, server};

fn after_setup() -> Database {
    let database = server().database();
    let _ = ran(&mut database.process("setup")).ok();
    database
}

/// The page that `demo` writes with these arguments.
fn page(database: &Database, folder: &Path, arguments: &[&str]) -> String {
    let path = folder.join("page.html");
    let mut command = database.process("demo");
    let said = ran(command.args(arguments).arg("--html").arg(&path)).ok().out;
    assert!(said.contains("✓ the page is in "), "{said}");
    fs::read_to_string(path).unwrap()
}

/// What stands in each `name="…"`.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn assert_links_lead_somewhere(page: &str) {
    let ids: HashSet<&str> = values(page, "id").into_iter().collect();
    assert_eq!(ids.len(), values(page, "id").len(), "the same name twice");
    for link in values(page, "href") {
        assert!(ids.contains(&link[1..]), "{link} leads nowhere");
    }
}

const NESTED: &str = "SELECT count(*) FROM sales_data \
    WHERE sale_date < '2024-04-01' AND product_category <> '<\"&>'";

#[test]
fn a_query_has_a_page_with_a_place_for_each_leaf() {
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    let page = page(&database, folder.path(), &["query", NESTED]);
    lab::page::assert_self_contained(&page);
    assert_links_lead_somewhere(&page);
    assert_eq!(page.matches("inset:").count(), 7 + 2, "seven leaves, two quarters");
    assert_eq!(page.matches("<a class=\"s\"").count(), 4, "{page}");
    assert!(page.contains("RANGE (sale_date): 2 of 3 partitions scanned"), "{page}");
    assert!(page.contains("&lt;&quot;&amp;&gt;") && !page.contains("'<\""), "{page}");
}

#[test]
fn two_queries_have_one_page_with_the_reasons_of_each() {
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    let months = |month| format!("SELECT count(*) FROM event_logs WHERE {month} = '2024-03-01'");
    let slow = months("date_trunc('month', created_at)");
    let page =
        page(&database, folder.path(), &["query", &slow, "--before-after", &months("created_at")]);
    lab::page::assert_self_contained(&page);
    assert_links_lead_somewhere(&page);
    for said in [
        "<th>partitions</th><td class=\"number\">4 of 4</td><td class=\"number\">1 of 4</td>",
        "the planner does not see through a function",
        "write created_at &gt;= '2024-03-01' AND created_at &lt; '2024-04-01' (1 of 4)",
        "pruned at plan time by created_at = '2024-03-01",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn a_query_of_no_partitioned_table_has_its_plan() {
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    let page = page(&database, folder.path(), &["query", "SELECT 1", "--no-analyze"]);
    assert!(page.contains("It reads no partitioned table.") && page.contains("<b>Result</b>"));
}

#[test]
fn all_lessons_have_one_page_with_a_table_of_contents() {
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    let page = page(&database, folder.path(), &["all", "--no-baseline"]);
    lab::page::assert_self_contained(&page);
    assert_links_lead_somewhere(&page);
    let lessons = page.matches("<section class=\"lesson\"").count();
    assert!(lessons >= 100, "{lessons}");
    let contents = page.split("<nav>").nth(1).and_then(|rest| rest.split("</nav>").next());
    assert_eq!(contents.unwrap().matches("href=").count(), lessons);
    assert_eq!(page.matches("<p class=\"verdict\">✓").count(), lessons);
}

#[test]
fn a_lesson_that_does_not_hold_is_on_the_page_too() {
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    let _ = ran(database.process("repartition").arg("add")).ok();
    let path = folder.path().join("range.html");
    let _ = ran(database.process("demo").arg("range").arg("--html").arg(&path)).exited(1);
    let page = fs::read_to_string(path).unwrap();
    assert!(page.contains("✗ expected: ") && page.contains("; found: "), "{page}");
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    let database = server().database();
    for arguments in [&["query", "SELECT pg_sleep(20)"][..], &["all"]] {
        let mut command = database.process("demo");
        let ran = ran(command.args(arguments).args(["--html", "/missing/page.html"])).exited(1);
        assert!(ran.complains_of("cannot write /missing/page.html"), "{ran:?}");
    }
    let ran = ran(database.process("demo").args(["check", "--html", "x.html"])).exited(2);
    assert!(ran.complains_of("demo check writes no page"), "{ran:?}");
}

#[test]
fn thousands_of_partitions_are_a_page_of_two_megabytes_at_most() {
    let (database, folder) = (server().database(), tempfile::tempdir().unwrap());
    database.batch("CREATE TABLE many (id int, v text) PARTITION BY RANGE (id)");
    // A transaction for all of them would hold more locks than the server has room for.
    for from in (0..4096).step_by(512) {
        database.batch(&format!(
            "DO $$ BEGIN FOR i IN {from}..{from} + 511 LOOP EXECUTE format('CREATE TABLE many_%s
             PARTITION OF many FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10); END LOOP; END $$"
        ));
    }
    let page =
        page(&database, folder.path(), &["query", "SELECT count(*) FROM many WHERE v > 'a'"]);
    assert_eq!(page.matches("<a class=\"s\"").count(), 4096);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[tokio::test]
async fn a_click_on_a_partition_shows_its_node() {
    let Some(browser) = Browser::start().await else { return };
    let (database, folder) = (after_setup(), tempfile::tempdir().unwrap());
    // So long a plan that the last node is not in the window.
    let sql = (0..12).map(|_| NESTED).collect::<Vec<_>>().join(" UNION ALL ");
    let sql = format!("{sql} UNION ALL SELECT count(*) FROM event_logs");
    let _ = page(&database, folder.path(), &["query", &sql]);
    browser.open(&folder.path().join("page.html")).await;
    browser.click("a.s[title^='event_logs_default']").await;
    let told = browser
        .run(
            "const target = document.querySelector(':target'), box = target.querySelector('.node').getBoundingClientRect();
             return [target.querySelector('.node').innerText, box.top >= 0 && box.bottom <= innerHeight,
                 getComputedStyle(target.querySelector('.node')).outlineStyle, scrollY > 0]",
        )
        .await;
    assert!(told[0].as_str().is_some_and(|text| text.contains("on event_logs_default")), "{told}");
    assert_eq!((&told[1], &told[2], &told[3]), (&true.into(), &"solid".into(), &true.into()));
    // And the way back.
    browser.click(":target a").await;
    let back = browser.run("return document.querySelector(':target').title").await;
    assert!(back.as_str().is_some_and(|title| title.starts_with("event_logs_default\n")), "{back}");
    browser.close().await;
}
