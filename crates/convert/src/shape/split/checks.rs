//! Which CHECKs a split needs, on which table, in which direction.

use lab::Result;

use super::family::{Family, Member, bound_check, default_check, staging_check};
use crate::shape::proof::{Below, above, conditions, prove};
use crate::work::Work;

/// Every CHECK that the way from the old partition to the new ones needs is there and validated.
pub async fn prove_new(work: &Work<'_>, conversion: i64, family: &Family) -> Result<()> {
    let client = work.session.client();
    // Only DEFAULT's condition depends on the siblings, and to make 1,000 of them takes a second.
    let splits_default = family.new.iter().any(Member::is_default);
    let siblings = if splits_default { family.siblings.as_slice() } else { &[] };
    let bounds: Vec<_> =
        family.new.iter().chain(siblings).map(|member| member.bound.as_str()).collect();
    let texts = conditions(client, family.below(), &bounds).await?;
    let above = above(client, family.parent_oid).await?;
    for (member, text) in family.new.iter().zip(&texts) {
        let text = with_above(text, above.as_deref());
        prove(work, &member.name, &bound_check(conversion), &text).await?;
    }
    prove_default(work, conversion, family).await
}

/// The same for the way back.
pub async fn prove_old(work: &Work<'_>, conversion: i64, family: &Family) -> Result<()> {
    let client = work.session.client();
    let mut bounds = vec![family.old.bound.as_str()];
    if family.old.is_default() {
        bounds.extend(family.siblings.iter().map(|member| member.bound.as_str()));
    }
    let texts = conditions(client, family.below(), &bounds).await?;
    let above = above(client, family.parent_oid).await?;
    if let Some(text) = texts.first() {
        let text = with_above(text, above.as_deref());
        prove(work, &family.old.name, &bound_check(conversion), &text).await?;
    }
    if family.is_hash() {
        let staging = Below { oid: family.staging_oid, table: &family.staging, key: &family.key };
        let bounds: Vec<_> = family.new.iter().map(|member| member.bound.as_str()).collect();
        let texts = conditions(client, staging, &bounds).await?;
        for (member, text) in family.new.iter().zip(&texts) {
            prove(work, &member.name, &staging_check(conversion), text).await?;
        }
    }
    prove_default(work, conversion, family).await
}

/// The DEFAULT partition holds no row of the old partition, and hence none of the new ones.
async fn prove_default(work: &Work<'_>, conversion: i64, family: &Family) -> Result<()> {
    let Some(default) = family.default() else { return Ok(()) };
    let texts = conditions(work.session.client(), family.below(), &[&family.old.bound]).await?;
    let Some(text) = texts.first() else { return Ok(()) };
    prove(work, &default.name, &default_check(conversion), &format!("NOT ({text})")).await
}

/// The condition of a partition within those of the tables above it.
fn with_above(text: &str, above: Option<&str>) -> String {
    above.map_or_else(|| text.to_owned(), |above| format!("({text}) AND ({above})"))
}
