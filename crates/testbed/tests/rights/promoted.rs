//! The escalation as it was found: a role that may create in `public`, and nothing else, waits for a superuser.

use testbed::{Database, process, ran, server};

use crate::unique;

/// Operators and functions of exactly the arguments that statements of ours once had.
const TRAPS: &str = "
    CREATE FUNCTION public.trap(oid, regclass) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN $1 OPERATOR(pg_catalog.=) $2::oid; EXCEPTION WHEN insufficient_privilege THEN
           RETURN $1 OPERATOR(pg_catalog.=) $2::oid; END $$;
    CREATE OPERATOR public.= (FUNCTION = public.trap, LEFTARG = oid, RIGHTARG = regclass);
    CREATE FUNCTION public.trap(oid, regnamespace) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN $1 OPERATOR(pg_catalog.=) $2::oid; EXCEPTION WHEN insufficient_privilege THEN
           RETURN $1 OPERATOR(pg_catalog.=) $2::oid; END $$;
    CREATE OPERATOR public.= (FUNCTION = public.trap, LEFTARG = oid, RIGHTARG = regnamespace);
    CREATE FUNCTION public.trap(name, text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN false; END $$;
    CREATE OPERATOR public.|| (FUNCTION = public.trap, LEFTARG = name, RIGHTARG = text);
    CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN pg_catalog.format($1, $2, $3); END $$;
    CREATE FUNCTION public.format(text, regclass) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN pg_catalog.format($1, $2); END $$;";

fn trapped() -> (Database, String) {
    let database = server().database();
    let role = format!("mallory_{}", unique());
    database.batch(&format!(
        "CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role}; SET ROLE {role}; {}",
        TRAPS.replace("{role}", &role)
    ));
    (database, role)
}

fn is_superuser(database: &Database, role: &str) -> bool {
    let sql = format!("SELECT rolsuper::text FROM pg_roles WHERE rolname = '{role}'");
    database.text(&sql) == "true"
}

#[test]
fn nobody_becomes_superuser_through_a_superusers_commands() {
    let (database, role) = trapped();
    for line in [
        "setup",
        "demo check",
        "repartition add --online",
        "setup --chat",
        "convert run chat_messages --range created_at --every quarter --unique *=extend",
        "convert swap chat_messages",
        "convert rollback chat_messages",
        "todos all",
    ] {
        let mut words = line.split_whitespace();
        let mut command = process(words.next().unwrap());
        let _ = ran(command.args(words).env("DATABASE_URL", database.url())).ok();
        assert!(!is_superuser(&database, &role), "{line}");
    }
}

/// The trap works: whoever names nothing with its schema falls into it.
#[test]
fn the_trap_is_one() {
    let (database, role) = trapped();
    database.batch("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace");
    assert!(is_superuser(&database, &role));
    database.batch(&format!("ALTER ROLE {role} NOSUPERUSER"));
}
