//! The operation table: paths, versions, retry safety and cache policy of each operation of the service.
//!
//! It is generated from the policies in the OpenAPI document. It has every operation, also those of areas whose cargo feature is
//! off. The pipeline reads from it the version header of an operation, whether a request may be sent again and how a response is
//! cached.
//!
//! ```
//! use calcom::operation::{Operation, Resend};
//!
//! let operation = Operation::route("POST", "/v2/bookings").expect("the document has this route");
//! assert_eq!((operation.id, operation.resend), ("create_booking", Resend::Unsafe));
//! ```
//!
//! The scopes that an OAuth client needs are those of the operations that it calls ([`Scopes::least`]):
//!
//! ```
//! use calcom::operation::{Operation, Scopes};
//!
//! let operations = ["list_slots", "create_booking", "list_bookings", "get_me"].map(|id| Operation::find(id).unwrap());
//! assert_eq!(Scopes::least(operations)?.to_string(), "BOOKING_READ PROFILE_READ");
//! # Ok::<(), calcom::Error>(())
//! ```

mod access;
mod row;
mod scope;
mod table;

pub use crate::retry_policy::Resend;
pub use access::{LeastRole, OAuthScopes, PlatformPlan};
pub use row::{CachePolicy, CredentialPolicy, Method, Operation};
pub(crate) use row::{ItemsPath, PageKind, Pages};
pub use scope::{Scope, Scopes};
pub(crate) use table::{KNOWN_FIELDS, SAFE_TEXT_FIELDS};
