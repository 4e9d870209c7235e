//! Values made once, of which rows take one at random.

use std::sync::Arc;

use rand::RngExt;

use crate::fields::Fields;
use crate::rows::Random;

/// Values in binary format, NULL among them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pool(Arc<[Option<Box<[u8]>>]>);

impl Pool {
    /// How many values there are, repeated ones counted each time.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing can be taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at `index`, which wraps around; `None` is NULL.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.0.get(index % self.0.len().max(1)).and_then(Option::as_deref)
    }

    /// One of them at random.
    pub fn pick(&self, random: &mut Random) -> Option<&[u8]> {
        if self.is_empty() { None } else { self.get(random.random_range(0..self.len())) }
    }

    /// Writes one of them at random.
    pub fn write(&self, random: &mut Random, fields: &mut Fields<'_>) {
        match self.pick(random) {
            Some(value) => fields.raw(value),
            None => fields.null(),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.0.iter().map(Option::as_deref)
    }
}

impl FromIterator<Option<Vec<u8>>> for Pool {
    fn from_iter<I: IntoIterator<Item = Option<Vec<u8>>>>(values: I) -> Self {
        Self(values.into_iter().map(|value| value.map(Vec::into_boxed_slice)).collect())
    }
}

impl FromIterator<Vec<u8>> for Pool {
    fn from_iter<I: IntoIterator<Item = Vec<u8>>>(values: I) -> Self {
        values.into_iter().map(Some).collect()
    }
}

impl FromIterator<String> for Pool {
    fn from_iter<I: IntoIterator<Item = String>>(values: I) -> Self {
        values.into_iter().map(String::into_bytes).collect()
    }
}
