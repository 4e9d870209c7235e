//! `validate`: are source and target equal?

use convert::request::Shape;
use convert::state::{self, Phase, status};
use convert::steps::validate;
use convert::work::Pace;
use lab::app::App;
use lab::report::plural;
use lab::{Error, Result};
use serde::Serialize;

use super::converter::Converter;
use crate::cli::{Speed, Validate};

/// As JSON.
#[derive(Debug, Serialize)]
struct Document<'a> {
    table: String,
    #[serde(flatten)]
    comparison: &'a validate::Comparison,
}

/// `convert validate`. A difference is an error. Changes nothing, so it may run beside a converter.
pub async fn run(app: &App, flags: &Validate) -> Result<()> {
    let mut converter = Converter::paced(app, Pace::default(), Speed::Auto).await?;
    let conversion = state::active(converter.session.client(), &flags.table).await?;
    let name = conversion.name();
    if conversion.design.request.shape == Shape::AttachOld {
        return Err(Error::failed(format!("there is nothing to compare {name} with"))
            .because("--attach-old copies no row: the old table itself is a partition of the new one, or will be")
            .next(status::next(&conversion)));
    }
    if conversion.phase < Phase::Indexed {
        return Err(Error::failed(format!("{name} is only {}", conversion.phase))
            .because("not all rows are in the target yet")
            .next(format!("cargo run -p convert -- run {name} …")));
    }
    let comparison = validate::compare(&converter.work(), &conversion).await?;
    app.json(&Document { table: name.to_string(), comparison: &comparison })?;
    if !comparison.equal {
        return Err(validate::differ(&conversion, &comparison));
    }
    let left_out = match comparison.logged {
        0 => String::new(),
        logged => format!("; {} in the log were left out", plural(logged, "change")),
    };
    app.say(format!(
        "{name} and {} are equal: {}{left_out}",
        conversion.design.target_name,
        plural(comparison.source_rows, "row")
    ))
}
