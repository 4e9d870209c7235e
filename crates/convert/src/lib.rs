//! Changes how a live table is partitioned while applications read and write it.
//!
//! A conversion goes through [`steps`]: prepare, copy, index, catch up, validate; then [`swap`],
//! and at last `finish` or back. Its state lives in the schema `partition_convert` of the
//! database, so any later command goes on where the last one stopped.
//!
//! Two tables take part: the *source*, which exists, and the *target*, which we make. Whichever of
//! them bears the name that applications use is *live*; the other is the *shadow*.

pub mod attempt;
pub mod busy;
pub mod design;
pub mod event;
pub mod layout;
pub mod moves;
pub mod plan;
pub mod portrait;
pub mod premake;
pub mod request;
pub mod shape;
pub mod state;
pub mod steps;
pub mod swap;
pub mod work;
