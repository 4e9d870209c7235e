//! The statements of a load: a prepared INSERT of some rows, and COPY.

use std::fmt::Write;
use std::io;

use bytes::{BufMut, BytesMut};
use lab::catalog::quote_ident;
use postgres_protocol::message::frontend;

use crate::fields::Fields;
use crate::rows::{Random, Rows, Source};

/// A prepared INSERT of a certain number of rows.
pub struct Insert {
    sql: String,
    name: String,
    types: Vec<u32>,
    rows: u32,
    /// Bind up to its first value, but for its length.
    head: BytesMut,
    /// The rest of Bind, then Execute and Sync: each insert is a transaction of its own.
    tail: BytesMut,
}

/// A statement has at most so many parameters: their number is sent as 16 bits.
pub const MOST_PARAMETERS: usize = u16::MAX as usize;

impl Insert {
    /// The statement that inserts `rows` rows of `source`; `tracked` ones answer which partition
    /// took each row. The name is the connection's, so each statement needs another.
    pub fn new(source: &Source, rows: u32, tracked: bool, name: &str) -> io::Result<Self> {
        let columns = source.columns.len();
        let parameters = columns * rows as usize;
        let mut head = BytesMut::new();
        head.put_u8(0); // the unnamed portal
        head.put_slice(name.as_bytes());
        head.put_u8(0);
        all_binary(&mut head);
        // More than 65,535 are refused before.
        head.put_u16(u16::try_from(parameters).unwrap_or(u16::MAX));
        let mut tail = BytesMut::new();
        all_binary(&mut tail);
        let bind_ends = tail.len();
        frontend::execute("", 0, &mut tail)?;
        frontend::sync(&mut tail);
        debug_assert_eq!(bind_ends, BIND_TAIL);
        let types = source.columns.iter().map(|column| column.type_oid);
        let types = types.cycle().take(parameters).collect();
        Ok(Self { sql: sql(source, rows, tracked), name: name.to_owned(), types, rows, head, tail })
    }

    /// How many rows it inserts.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Prepares it, together with what else is prepared before the next Sync.
    pub fn prepare(&self, out: &mut BytesMut) -> io::Result<()> {
        frontend::parse(&self.name, &self.sql, self.types.iter().copied(), out)
    }

    /// Appends it with invented rows.
    pub fn write(&self, rows: &mut dyn Rows, random: &mut Random, out: &mut BytesMut) {
        out.put_u8(b'B');
        let start = out.len();
        out.put_i32(0);
        out.put_slice(&self.head);
        for _ in 0..self.rows {
            rows.write(random, &mut Fields(out));
        }
        let length = out.len() - start + BIND_TAIL;
        set_length(out, start, length);
        out.put_slice(&self.tail);
    }
}

/// Bytes of Bind after its last value.
const BIND_TAIL: usize = 4;

/// One format code for all: binary.
fn all_binary(buffer: &mut BytesMut) {
    buffer.put_i16(1);
    buffer.put_i16(1);
}

fn set_length(out: &mut BytesMut, at: usize, length: usize) {
    // Longer than 2 GB is no message; the server ends the connection.
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// `INSERT INTO public.t (a, b) VALUES ($1, $2), ($3, $4) RETURNING tableoid`.
fn sql(source: &Source, rows: u32, tracked: bool) -> String {
    let columns = column_list(source);
    let mut sql = format!("INSERT INTO {} ({columns}) VALUES ", source.table);
    let mut parameter = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..source.columns.len() {
            parameter += 1;
            let comma = if column == 0 { "" } else { ", " };
            // A String takes whatever is written to it.
            let _ = write!(sql, "{comma}${parameter}");
        }
        sql.push(')');
    }
    if tracked {
        sql.push_str(" RETURNING tableoid");
    }
    sql
}

fn column_list(source: &Source) -> String {
    let names = source.columns.iter().map(|column| quote_ident(&column.name));
    names.collect::<Vec<_>>().join(", ")
}

/// Begins a COPY of rows of `source`: the server answers when it waits for them.
pub fn begin_copy(source: &Source, out: &mut BytesMut) -> io::Result<()> {
    let columns = column_list(source);
    let sql = format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", source.table);
    frontend::query(&sql, out)
}

/// Appends `rows` rows to a COPY, the `first` of them after the format's header.
pub fn in_copy(
    source: &Source,
    rows: &mut dyn Rows,
    random: &mut Random,
    first: bool,
    count: u32,
    out: &mut BytesMut,
) {
    out.put_u8(b'd');
    let start = out.len();
    out.put_i32(0);
    if first {
        // Source: "Binary Format" in the manual of COPY: signature, flags, length of extension.
        out.put_slice(b"PGCOPY\n\xff\r\n\0");
        out.put_i32(0);
        out.put_i32(0);
    }
    let columns = i16::try_from(source.columns.len()).unwrap_or(i16::MAX);
    for _ in 0..count {
        out.put_i16(columns);
        rows.write(random, &mut Fields(out));
    }
    let length = out.len() - start;
    set_length(out, start, length);
}

/// Ends a COPY: now the server commits.
pub fn end_copy(out: &mut BytesMut) {
    out.put_u8(b'd');
    out.put_i32(4 + 2);
    out.put_i16(-1); // the format's trailer
    frontend::copy_done(out);
}
