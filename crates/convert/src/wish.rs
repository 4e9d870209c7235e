//! From flags to a request, before anything is asked of a server.

use std::collections::BTreeMap;

use convert::layout;
use convert::request::{Level, Request, Shape, UniqueKey};
use lab::{Error, Result};

use crate::cli::Wish;

impl Wish {
    /// What is asked for. For a split its column may still be empty: `Request::completed` fills it in.
    pub fn request(&self) -> Result<Request> {
        let shape = match (&self.split, self.attach_old) {
            (Some(_), _) => Shape::Split,
            (None, true) => Shape::AttachOld,
            (None, false) => Shape::Table,
        };
        let mut levels = vec![self.level(&shape)?];
        if let Some(then) = &self.then {
            levels.push(then.parse()?);
        }
        self.check(&shape, &levels)?;
        Ok(Request {
            shape,
            levels,
            default: self.default,
            ahead: self.ahead,
            time_zone: self.time_zone.clone(),
            names: self.names.clone(),
            unique: self.unique()?,
            accept: self.accept.clone(),
        })
    }

    /// The first level.
    fn level(&self, shape: &Shape) -> Result<Level> {
        let split = *shape == Shape::Split;
        let column = |given: &Option<String>| given.clone().unwrap_or_default();
        match (&self.range, &self.list, &self.hash) {
            (Some(range), _, _) if self.every.is_none() => {
                Err(Error::usage(format!("--range {range} needs --every"))
                    .next(format!("--range {range} --every month")))
            }
            (range, None, None) if range.is_some() || split && self.every.is_some() => {
                let every = self.every.as_deref().unwrap_or_default().parse()?;
                Ok(Level::Range { column: column(range), every })
            }
            (_, _, Some(hash)) if self.partitions.is_none() => {
                Err(Error::usage(format!("--hash {hash} needs --partitions"))
                    .next(format!("--hash {hash} --partitions 8")))
            }
            (None, None, hash) if hash.is_some() || split && self.partitions.is_some() => {
                match self.partitions {
                    Some(partitions) if partitions > 0 => {
                        Ok(Level::Hash { column: column(hash), partitions })
                    }
                    _ => Err(Error::usage("--partitions takes a number from 1")),
                }
            }
            (None, list, None) if list.is_some() || split => {
                Ok(Level::List { column: column(list) })
            }
            _ => Err(Error::usage(format!("how shall {} be partitioned?", self.table))
                .next("--range COL --every month")
                .next("--list COL")
                .next("--hash COL --partitions N")),
        }
    }

    /// Flags that do not go together.
    fn check(&self, shape: &Shape, levels: &[Level]) -> Result<()> {
        let first = levels.first();
        let is_range = matches!(first, Some(Level::Range { .. }));
        if self.every.is_some() && !is_range {
            return Err(Error::usage("--every is for --range").next("--range COL --every month"));
        }
        if self.partitions.is_some() && !matches!(first, Some(Level::Hash { .. })) {
            return Err(
                Error::usage("--partitions is for --hash").next("--hash COL --partitions 8")
            );
        }
        if self.default && levels.iter().all(|level| matches!(level, Level::Hash { .. })) {
            return Err(Error::usage("--default is not for --hash")
                .because("hash partitions hold every row"));
        }
        if *shape == Shape::AttachOld && matches!(first, Some(Level::Hash { .. })) {
            return Err(Error::usage("--attach-old needs --range or --list")
                .because("the old table's rows belong into every hash partition")
                .next("leave --attach-old out: the rows are then copied"));
        }
        if *shape == Shape::AttachOld && levels.len() > 1 {
            return Err(Error::usage("--attach-old and --then exclude each other")
                .because("the old table is no partitioned one"));
        }
        if *shape == Shape::Split && self.default {
            return Err(Error::usage("--split and --default exclude each other")
                .because("the new partitions take exactly the place of the old one"));
        }
        if let [first, second] = levels
            && first.column() == second.column()
        {
            return Err(Error::usage(format!("--then names {} again", second.column()))
                .next("--then with another column"));
        }
        if let Some(zone) = &self.time_zone {
            layout::time_zone(zone)?;
        }
        Ok(())
    }

    fn unique(&self) -> Result<BTreeMap<String, UniqueKey>> {
        self.unique
            .iter()
            .map(|text| {
                let (name, way) = text.rsplit_once('=').unwrap_or((text, ""));
                let way = match way {
                    "extend" => UniqueKey::Extend,
                    "drop" => UniqueKey::Drop,
                    "side-table" => UniqueKey::SideTable,
                    _ => {
                        return Err(Error::usage(format!("--unique {text} names no way"))
                            .next(format!("--unique {name}=extend, =drop or =side-table")));
                    }
                };
                Ok((name.to_owned(), way))
            })
            .collect()
    }
}
