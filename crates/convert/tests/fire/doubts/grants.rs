//! Writers who may do no more than write.

use convert::event::Point;
use convert::work::Guards;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, table};

/// A role with rights on the table alone, and with functions of its own in front of the system's,
/// writes at every stage.
#[tokio::test]
async fn a_role_with_rights_on_the_table_alone_writes_on() {
    let database = table();
    let role = format!("writer_of_{}", database.name());
    database.batch(&format!(
        "CREATE ROLE {role};
         REVOKE ALL ON SCHEMA public FROM public;
         GRANT USAGE ON SCHEMA public TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON t TO {role};
         CREATE SCHEMA theirs AUTHORIZATION {role};
         CREATE FUNCTION theirs.nothing(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT NULL::boolean';
         CREATE OPERATOR theirs.= (FUNCTION = theirs.nothing, LEFTARG = text, RIGHTARG = text);
         CREATE FUNCTION theirs.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT ''on''';"
    ));
    let client = &database.client().await;
    let become_writer = format!("SET ROLE {role}; SET search_path = theirs, pg_catalog, public");
    client.batch_execute(&become_writer).await.unwrap();
    let next = std::cell::Cell::new(1);
    let write = async || {
        let id = next.replace(next.get() + 1);
        let sql = format!(
            "UPDATE t SET v = 'theirs' WHERE id = {id}; DELETE FROM t WHERE id = {id} + 500;
             INSERT INTO t VALUES ({id} + 9000, '2088-02-02', 'theirs')"
        );
        client.batch_execute(&sql).await.unwrap();
    };
    let observer = At::new(|point| {
        let write = &write;
        async move {
            if !matches!(point, Point::SwapLocked | Point::LastReplayed | Point::SwapBeforeCommit) {
                write().await;
            }
            Ok(())
        }
    });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    let digest = "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM t WHERE v = 'theirs'";
    converter.well(Verb::Run).await;
    for verb in [Verb::Swap, Verb::Rollback, Verb::Swap] {
        write().await;
        let rows = database.count("SELECT count(*) FROM t");
        let before = database.text(digest);
        let written = next.get();
        converter.well(verb).await;
        if next.get() == written {
            assert_eq!(database.text(digest), before, "{verb:?}");
        }
        assert_eq!(database.count("SELECT count(*) FROM t"), rows, "each took one and gave one");
    }
    write().await;
}
