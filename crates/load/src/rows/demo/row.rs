//! A row, column by column: invented, but for what was chosen as its key.

use crate::fields::Fields;
use crate::rows::{Keys, Random, Rows};

/// Invents the values of a table's rows.
pub trait Row: Clone + Send + Sync {
    /// Puts a value for each of the table's columns, in their order.
    fn write(&mut self, random: &mut Random, columns: &mut Columns<'_, '_>);
}

/// Takes the values of one row.
pub struct Columns<'a, 'b> {
    fields: &'a mut Fields<'b>,
    keys: Option<&'a dyn Keys>,
    next: usize,
}

impl Columns<'_, '_> {
    /// The next column: what `write` invents, unless a key was chosen for it.
    pub fn put(&mut self, write: impl FnOnce(&mut Fields<'_>)) {
        let column = self.next;
        match self.keys.and_then(|keys| Some((keys, keys.value(column)?))) {
            Some((keys, _)) if keys.is_null(column) => self.fields.null(),
            Some((_, chosen)) => self.fields.raw(chosen),
            None => write(self.fields),
        }
        self.next += 1;
    }

    /// The next column, of the type `text` or `varchar`.
    pub fn text(&mut self, value: &str) {
        self.put(|field| field.text(value));
    }

    /// The next column, of the type `integer`.
    pub fn int4(&mut self, value: i32) {
        self.put(|field| field.int4(value));
    }
}

/// Rows of the type `R` whose keys may be chosen by somebody else.
pub struct Invented<R> {
    row: R,
    keys: Option<Box<dyn Keys>>,
}

impl<R: Row + 'static> Invented<R> {
    pub fn boxed(row: R, keys: Option<Box<dyn Keys>>) -> Box<dyn Rows> {
        Box::new(Self { row, keys })
    }
}

impl<R: Row + 'static> Rows for Invented<R> {
    fn write(&mut self, random: &mut Random, fields: &mut Fields<'_>) {
        if let Some(keys) = &mut self.keys {
            keys.next(random);
        }
        self.row.write(random, &mut Columns { fields, keys: self.keys.as_deref(), next: 0 });
    }

    fn clone_box(&self) -> Box<dyn Rows> {
        Self::boxed(self.row.clone(), self.keys.as_ref().map(|keys| keys.clone_box()))
    }
}
