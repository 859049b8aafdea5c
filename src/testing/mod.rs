//! For tests: ours, and those of programs that use this crate.

#[doc(hidden)]
pub mod replay;
