//! Each guard with the race it is there for: with it nothing happens, and without it the harm does.

mod copied;
mod exclusive;
mod replayed;
mod swapped;
mod truncated;
