//! One file a verb: from its flags to the library and back to text or JSON.

pub mod converter;
pub mod end;
mod pace;
pub mod plan;
pub mod premake;
pub mod run;
mod speaker;
pub mod status;
pub mod swap;
pub mod validate;
