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

/// What everybody gets on a new table must not lead past what was taken away from them, nor past policies.
#[tokio::test]
async fn default_privileges_do_not_open_what_the_table_has_closed() {
    for (policies, on_partition) in
        [("", "f t"), ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "f f")]
    {
        let database = table();
        let [revoked, granted] =
            ["revoked", "granted"].map(|name| format!("{name}_{}", database.name()));
        database.batch(&format!(
            "CREATE ROLE {revoked}; CREATE ROLE {granted}; GRANT SELECT ON t TO {granted}; {policies};
             ALTER DEFAULT PRIVILEGES GRANT SELECT, DELETE ON TABLES TO {revoked}, {granted}"
        ));
        let nothing = At::nothing();
        let mut converter = converter(&database, Guards::default(), &nothing).await;
        converter.well(Verb::Run).await;
        let may = |table: &str| {
            let may = |role: &str| format!("has_table_privilege('{role}', '{table}', 'SELECT')");
            database.text(&format!("SELECT format('%s %s', {}, {})", may(&revoked), may(&granted)))
        };
        assert_eq!(may("t_new"), "f t", "{policies}");
        assert_eq!(may("t_2088_01"), on_partition, "{policies}");
        converter.well(Verb::Swap).await;
        assert_eq!(may("t"), "f t", "{policies}");
        let more = "SELECT count(*) FROM pg_class, aclexplode(relacl)
            WHERE relnamespace = 'public'::regnamespace AND privilege_type = 'DELETE' AND grantee <> relowner";
        assert_eq!(database.count(more), 0, "{policies}");
        // So that the roles can go with the database.
        database.batch(&format!(
            "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {revoked}, {granted}"
        ));
    }
}
