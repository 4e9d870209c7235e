//! Reads a plan in JSON from stdin and says how long that took: `bench/run xray` does it with a very large one.

use std::io::{Error, read_to_string, stdin};
use std::time::Instant;

use lab::plan::Plan;

fn main() -> Result<(), Error> {
    let document = read_to_string(stdin())?;
    let began = Instant::now();
    let plan = Plan::from_json(&document).map_err(Error::other)?;
    let ms = began.elapsed().as_secs_f64() * 1e3;
    println!("{} bytes, {} nodes, {ms:.1} ms", document.len(), plan.nodes().count());
    Ok(())
}
