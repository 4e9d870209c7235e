//! What a table calls (CHECKs, defaults, generated columns) finds names where the user's own sessions find them.

use testbed::{Database, Ran, process, ran, server};

/// A table whose CHECK, default and generated column call functions that look for a table without its
/// schema; the role's sessions have that schema in their `search_path`.
const SHOP: &str = "
    CREATE SCHEMA shop;
    ALTER DATABASE {database} SET search_path = shop, public;
    SET search_path = shop, public;
    CREATE TABLE shop.regions (name text PRIMARY KEY);
    INSERT INTO regions VALUES ('EU'), ('US');
    CREATE FUNCTION shop.is_region(text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN RETURN EXISTS (SELECT FROM regions WHERE name = $1); END $$;
    CREATE FUNCTION shop.first_region() RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN RETURN (SELECT min(name) FROM regions); END $$;
    CREATE FUNCTION shop.shouted(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
        $$ BEGIN PERFORM FROM regions; RETURN upper($1); END $$;
    CREATE TABLE shop.orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT '2024-01-10 UTC',
        region text NOT NULL DEFAULT first_region() CHECK (is_region(region)),
        loud text GENERATED ALWAYS AS (shouted(region)) STORED);
    INSERT INTO orders (at, region)
        SELECT '2024-01-01 UTC'::timestamptz + n * interval '1 hour', (ARRAY['EU', 'US'])[1 + n % 2] FROM generate_series(1, 2000) n;";

fn run(database: &Database, line: &str) -> Ran {
    let words = shell_words::split(line).unwrap();
    let (name, words) = words.split_first().unwrap();
    let ran = ran(process(name).args(words).env("DATABASE_URL", database.url()));
    assert_eq!(ran.code, Some(0), "{line}: {ran:#?}");
    ran
}

fn shop() -> Database {
    let database = server().database();
    database.batch(&SHOP.replace("{database}", database.name()));
    database
}

/// Copy, replay, the swap's last replay, the way back: at full pace and gently.
#[test]
fn a_conversion_takes_the_rows_that_the_checks_let_in() {
    for pace in ["full", "gentle"] {
        let range = "--range at --every month --time-zone UTC --unique *=extend";
        let database = shop();
        let change = |region: &str| {
            database.batch(&format!(
                "INSERT INTO shop.orders (at, region) VALUES ('2024-02-03 UTC', '{region}');
                 UPDATE shop.orders SET region = '{region}' WHERE id % 100 = 7"
            ));
        };
        let _ = run(&database, &format!("convert plan orders {range}"));
        let _ = run(&database, &format!("convert run orders {range} --pace {pace}"));
        change("US");
        let _ = run(&database, "convert swap orders");
        change("EU");
        let _ = run(&database, "convert rollback orders");
        change("US");
        let _ = run(&database, "convert swap orders");
        assert_eq!(database.count("SELECT count(*) FROM shop.orders"), 2_003);
        assert_eq!(database.count("SELECT count(*) FROM shop.orders WHERE loud <> region"), 0);
        let _ = run(&database, "convert premake orders --ahead 3 --time-zone UTC --run");
    }
}

#[test]
fn load_invents_rows_that_defaults_and_checks_agree_with() {
    let database = shop();
    for line in [
        "load --table orders --rows 50 --verify --set region=EU",
        "load --table orders --rows 50 --verify --copy --set region=US",
    ] {
        let _ = run(&database, line);
    }
    assert_eq!(database.count("SELECT count(*) FROM shop.orders"), 2_100);
}

#[test]
fn a_query_finds_what_the_users_sessions_find() {
    let database = shop();
    let range = "--range at --every month --time-zone UTC --unique *=extend";
    let _ = run(&database, &format!("convert run orders {range} --swap"));
    let query =
        "demo query \"SELECT * FROM orders WHERE at >= '2024-02-01' AND region = first_region()\"";
    let ran = run(&database, query);
    assert!(ran.out.contains("orders"), "{ran:#?}");
}
