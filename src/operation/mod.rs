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
//! The scopes that an OAuth client needs are those of the operations that it calls. An operation with several scopes needs one of
//! them; some operations take no OAuth token:
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use calcom::operation::{OAuthScopes, Operation};
//!
//! let mut scopes = BTreeSet::new();
//! for id in ["list_slots", "create_booking", "list_bookings", "get_me"] {
//!     let operation = Operation::find(id).expect("an operation of the document");
//!     match operation.scopes {
//!         OAuthScopes::OneOf([only]) => _ = scopes.insert(*only),
//!         OAuthScopes::OneOf(several) => println!("{id}: one of {several:?}"),
//!         OAuthScopes::Any => {}
//!         unusable => println!("{id}: {unusable:?}"),
//!     }
//! }
//! assert_eq!(Vec::from_iter(scopes), ["BOOKING_READ", "PROFILE_READ"]);
//! ```

mod access;
mod row;
mod table;

pub use crate::retry_policy::Resend;
pub use access::{LeastRole, OAuthScopes, PlatformPlan};
pub use row::{CachePolicy, CredentialPolicy, Method, Operation};
pub(crate) use row::{Items, PageKind, Pages};
pub(crate) use table::{KNOWN_FIELDS, SAFE_TEXT_FIELDS};
