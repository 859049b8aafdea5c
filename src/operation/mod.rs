//! The operation table: what is known of each operation of the service, generated from the policies in the document.
//!
//! It has all of them, also those of areas whose cargo feature is off. The pipeline reads from it the version header of an
//! operation, whether a request may be sent again and how a response is cached.

mod row;
mod table;

pub use crate::retry_policy::Resend;
pub(crate) use row::Items;
pub use row::{CachePolicy, Credentials, Method, Operation};
pub(crate) use table::{FIELDS, HARMLESS};
