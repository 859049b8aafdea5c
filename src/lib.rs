#![doc = include_str!("../README.md")]

pub mod error;

pub use error::{Error, ErrorCode, FieldError, Result};
