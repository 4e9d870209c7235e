//! The verbs as a person types them, for shapes beside a new table.

use testbed::{Database, Ran, ran, server};

fn convert(database: &Database, line: &str) -> Ran {
    ran(database.process("convert").args(line.split(' ')))
}

const ATTACH: &str = "run orders --range day --every month --attach-old";

fn orders() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE orders (id int, day date, PRIMARY KEY (id, day));
         INSERT INTO orders SELECT g, date '2024-01-01' + g FROM generate_series(1, 60) g",
    );
    database
}

#[test]
fn where_no_row_was_copied_there_is_nothing_to_validate() {
    let database = orders();
    let _ = convert(&database, ATTACH).ok();
    let nothing = ["nothing to compare public.orders with", "copies no row"];
    let refused = convert(&database, "validate orders").exited(1).says(&nothing);
    let _ = refused.says(&["convert -- swap public.orders"]);
    let _ = convert(&database, "swap orders").ok();
    let refused = convert(&database, "validate orders").exited(1).says(&nothing);
    let _ = refused.says(&["convert -- finish public.orders"]);
}
