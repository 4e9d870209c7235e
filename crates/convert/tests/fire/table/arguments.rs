//! What a person would type.

use super::{Col, Table};
use crate::strategy::{Strategy, width};

impl Table {
    /// The command line of a verb.
    pub fn arguments(&self, verb: &str) -> Vec<String> {
        let table = format!("{}.{}", self.name.schema, self.name.name);
        let mut arguments = vec![verb.to_owned(), table];
        if verb != "run" {
            return arguments;
        }
        let name = |column: Col| self.names[column as usize].clone();
        arguments.extend(match self.target[0] {
            Strategy::Range(column, every) => {
                ["--range".to_owned(), name(column), "--every".to_owned(), width(every)].to_vec()
            }
            Strategy::List(column) => vec!["--list".to_owned(), name(column)],
            Strategy::Hash(column, partitions) => {
                let partitions = partitions.to_string();
                vec!["--hash".to_owned(), name(column), "--partitions".to_owned(), partitions]
            }
        });
        if let Some(second) = self.target.get(1) {
            let second = match *second {
                Strategy::Range(column, every) => {
                    format!("range:{}:{}", name(column), width(every))
                }
                Strategy::List(column) => format!("list:{}", name(column)),
                Strategy::Hash(column, partitions) => format!("hash:{}:{partitions}", name(column)),
            };
            arguments.extend(["--then".to_owned(), second]);
        }
        if self.default {
            arguments.push("--default".to_owned());
        }
        if self.deferrable {
            arguments.extend(["--accept".to_owned(), "deferrable".to_owned()]);
        }
        let rest = ["--time-zone", "UTC", "--unique", "*=extend", "--ahead", "1"];
        arguments.extend(rest.map(str::to_owned));
        arguments
    }
}
