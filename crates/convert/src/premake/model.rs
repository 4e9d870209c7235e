//! A partition that exists, as the model of one that is to be made.

use lab::catalog::{self, Name, RowCount, Tree, quote_ident};
use lab::{Error, Result};
use tokio_postgres::Client;

use crate::layout::Names;
use crate::portrait::{self, Portrait};

/// A partition with whatever is beneath it.
pub(super) struct Model {
    portrait: Portrait,
    bound: String,
    below: Vec<Model>,
}

/// Where a new table's columns come from.
pub(super) enum Origin<'a> {
    /// LIKE this parent, to be attached to it later: a parent in use is not locked by that.
    Like(&'a Portrait),
    /// PARTITION OF this one, which is new too.
    Of(&'a Name),
}

impl Model {
    /// Of the partition with this OID.
    pub(super) async fn read(client: &Client, oid: u32) -> Result<Self> {
        let tree = catalog::tree_of(client, oid, RowCount::Estimated).await?;
        let tree = tree.ok_or_else(|| Error::failed(format!("partition {oid} is gone")))?;
        Self::of(client, &tree).await
    }

    async fn of(client: &Client, tree: &Tree) -> Result<Self> {
        let mut below = Vec::new();
        for child in &tree.children {
            below.push(Box::pin(Self::of(client, child)).await?);
        }
        Ok(Self {
            portrait: portrait::read(client, tree.oid).await?,
            bound: tree.bounds.clone().unwrap_or_default(),
            below,
        })
    }

    /// The statements that make a table like this one under another name, and what is beneath it.
    pub(super) fn statements(&self, name: &Name, origin: &Origin) -> Vec<String> {
        let mut statements = vec![self.create(name, origin)];
        let mut names = Names::default();
        for (n, child) in self.below.iter().enumerate() {
            let own = self.portrait.name.as_str();
            let rest = child.portrait.name.strip_prefix(own).map(str::to_owned);
            let rest = rest.unwrap_or_else(|| format!("_{}", n + 1));
            let below = Name::new(&name.schema, names.join(&name.name, &rest));
            statements.extend(child.statements(&below, &Origin::Of(name)));
        }
        let parent = match origin {
            Origin::Like(parent) => Some(*parent),
            Origin::Of(_) => None,
        };
        statements.extend(self.indexes(name, parent));
        statements.extend(self.settings(name));
        statements
    }

    fn create(&self, name: &Name, origin: &Origin) -> String {
        let Portrait { persistence, options, tablespace, partition_key, .. } = &self.portrait;
        let unlogged = if *persistence == 'u' { "UNLOGGED " } else { "" };
        let origin = match origin {
            // Identity is the parent's alone; its indexes come with ATTACH, as parts of the parent's.
            Origin::Like(parent) => format!(
                "(LIKE {} INCLUDING ALL EXCLUDING IDENTITY EXCLUDING INDEXES EXCLUDING STATISTICS)",
                Name::new(&parent.schema, &parent.name)
            ),
            Origin::Of(parent) => format!("PARTITION OF {parent} {}", self.bound),
        };
        let by = partition_key.as_ref().map(|key| format!(" PARTITION BY {key}"));
        let with = (!options.is_empty()).then(|| format!(" WITH ({})", options.join(", ")));
        let space = tablespace.as_ref().map(|name| format!(" TABLESPACE {}", quote_ident(name)));
        let tail: String = [by, with, space].into_iter().flatten().collect();
        format!("CREATE {unlogged}TABLE {name} {origin}{tail}")
    }

    /// Indexes that this partition has and its parent has not.
    fn indexes(&self, name: &Name, parent: Option<&Portrait>) -> Vec<String> {
        let Some(parent) = parent else { return Vec::new() };
        let own = self.portrait.indexes.iter().filter(|index| {
            index.valid
                && index.constraint != Some('x')
                && !parent
                    .indexes
                    .iter()
                    .any(|other| (&other.using, other.unique) == (&index.using, index.unique))
        });
        own.map(|index| {
            let unique = if index.unique { "UNIQUE " } else { "" };
            format!("CREATE {unique}INDEX ON {name} USING {}", index.definition())
        })
        .collect()
    }

    /// Owner, grants, row security, replica identity.
    fn settings(&self, name: &Name) -> Vec<String> {
        let Portrait { owner, grants, policies, replica_identity, .. } = &self.portrait;
        let on_table = |text: &String| text.replace("{table}", &name.to_string());
        let mut statements: Vec<_> = grants.iter().map(on_table).collect();
        statements.extend(policies.iter().map(|policy| on_table(&policy.definition)));
        let mut alter = |what: &str| statements.push(format!("ALTER TABLE {name} {what}"));
        if self.portrait.row_security {
            alter("ENABLE ROW LEVEL SECURITY");
        }
        if self.portrait.force_row_security {
            alter("FORCE ROW LEVEL SECURITY");
        }
        match replica_identity {
            'f' => alter("REPLICA IDENTITY FULL"),
            'n' => alter("REPLICA IDENTITY NOTHING"),
            _ => {}
        }
        // Last: who gives a table away may do nothing more to it.
        alter(&format!("OWNER TO {}", quote_ident(owner)));
        statements
    }
}
