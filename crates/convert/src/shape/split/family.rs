//! The tables that a split moves about: the parent, the partition that is split, those that come
//! of it, and their siblings.

use lab::catalog::Name;
use lab::{Context, Error, Result};
use tokio_postgres::{GenericClient, Row};

use crate::shape::proof::Below;

/// The query of [`Family::read`].
const FAMILY: &str = include_str!("../../../../../scripts/convert/split/family.sql");

/// The name of the CHECK that proves a partition's bound, so that ATTACH need not scan it. It also
/// marks the partitions that came of a conversion.
pub fn bound_check(conversion: i64) -> String {
    format!("partition_convert_{conversion}_bound")
}

/// The name of the CHECK that proves that the parent's DEFAULT holds no row of the split partition.
pub fn default_check(conversion: i64) -> String {
    format!("partition_convert_{conversion}_default")
}

/// The name of the CHECK by which hash partitions go back below the staging table without a scan.
pub fn staging_check(conversion: i64) -> String {
    format!("partition_convert_{conversion}_staging")
}

/// A partition of the parent, or one that is to become one.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// OID.
    pub oid: u32,
    /// Where it stands now.
    pub name: Name,
    /// `FOR VALUES …` or `DEFAULT`, as PostgreSQL prints it.
    pub bound: String,
}

impl Member {
    /// Whether it is the DEFAULT partition.
    pub fn is_default(&self) -> bool {
        self.bound == "DEFAULT"
    }
}

/// A parent, and what a split changes below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The partitioned table that applications see.
    pub parent: Name,
    /// Its OID.
    pub parent_oid: u32,
    /// `RANGE (created_at)`.
    pub key: String,
    /// The partition that is split.
    pub old: Member,
    /// What comes of it, by OID.
    pub new: Vec<Member>,
    /// The parent's other partitions, by OID.
    pub siblings: Vec<Member>,
    /// The table that the new partitions hang below while they are not live.
    pub staging: Name,
    /// Its OID.
    pub staging_oid: u32,
}

impl Family {
    /// Reads it afresh. `bound` is the old partition's, for when it hangs nowhere; `parts` is how many
    /// partitions it became.
    pub async fn read(
        client: &impl GenericClient,
        conversion: i64,
        (parent, old, staging): (u32, u32, u32),
        bound: &str,
        parts: usize,
    ) -> Result<Self> {
        let what = || format!("cannot read the partitions around conversion {conversion}");
        let mut family = Self {
            parent: name_of(client, parent).await?,
            parent_oid: parent,
            key: client
                .query_one("SELECT pg_get_partkeydef($1)", &[&parent])
                .await
                .and_then(|row| row.try_get(0))
                .context(what)?,
            old: Member { oid: old, name: name_of(client, old).await?, bound: bound.to_owned() },
            new: Vec::new(),
            siblings: Vec::new(),
            staging: name_of(client, staging).await?,
            staging_oid: staging,
        };
        let rows = client
            .query(FAMILY, &[&parent, &staging, &old, &bound_check(conversion)])
            .await
            .context(what)?;
        for row in &rows {
            let (role, member) = member(row).context(what)?;
            match role {
                Role::Old => {}
                Role::New => family.new.push(member),
                Role::Sibling => family.siblings.push(member),
            }
        }
        if family.new.len() == parts {
            return Ok(family);
        }
        Err(Error::failed(format!("the partitions of conversion {conversion} were changed"))
            .because(format!(
                "{} became {parts}, of which {} are found",
                family.old.name,
                family.new.len()
            ))
            .next("put back what was detached or dropped, then run the same command again"))
    }

    /// Where conditions come from.
    pub fn below(&self) -> Below<'_> {
        Below { oid: self.parent_oid, table: &self.parent, key: &self.key }
    }

    /// Whether the parent is partitioned by hash.
    pub fn is_hash(&self) -> bool {
        self.key.starts_with("HASH")
    }

    /// The parent's DEFAULT partition, unless it is the one that is split.
    pub fn default(&self) -> Option<&Member> {
        self.siblings.iter().find(|member| member.is_default())
    }
}

enum Role {
    Old,
    New,
    Sibling,
}

fn member(row: &Row) -> Result<(Role, Member), tokio_postgres::Error> {
    let role = match row.try_get::<_, &str>("role")? {
        "old" => Role::Old,
        "new" => Role::New,
        _ => Role::Sibling,
    };
    let name = Name::new(row.try_get::<_, &str>("schema")?, row.try_get::<_, &str>("name")?);
    Ok((role, Member { oid: row.try_get("oid")?, name, bound: row.try_get("bound")? }))
}

/// The present name of the table with this OID.
pub async fn name_of(client: &impl GenericClient, oid: u32) -> Result<Name> {
    let row = client
        .query_opt(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = $1",
            &[&oid],
        )
        .await
        .context(|| format!("cannot look up table {oid}"))?
        .ok_or_else(|| Error::failed(format!("table {oid} is gone")))?;
    Ok(Name::new(row.get::<_, &str>(0), row.get::<_, &str>(1)))
}
