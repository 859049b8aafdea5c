//! Executes API requests. Every request, from the facade or from [`crate::raw`], runs through: deadline, cache, circuit
//! breaker, rate limiter, attempt, classification, retry.
//!
//! Of an operation the pipeline uses only its row in the table. What a response means is decided by its callers.

mod attempt;
mod breaker;
mod cache;
mod components;
mod connect;
mod context;
mod deadline;
mod decode;
mod endpoint;
mod error_response;
mod execute;
pub mod intercept;
mod items;
mod limiter;
mod local_errors;
#[doc(hidden)]
pub mod mock_errors;
pub mod observe;
mod options;
mod parts;
mod request;
mod response;
mod response_log;
mod retry;
mod sparse;
mod template;
mod token;
mod transport;
mod unread_items;

#[cfg(test)]
pub(crate) use breaker::{Breaker, Health};
pub use breaker::{CircuitTransition, OperationCircuit};
pub use cache::Cache;
#[cfg(test)]
pub(crate) use cache::{CacheOutcome, ResponseCache};
pub(crate) use components::{Hooks, Pipeline};
pub(crate) use context::CallContext;
pub(crate) use decode::{DecodeFailure, decode_error, invalid_value, read_body};
#[cfg(feature = "__conformance")]
pub(crate) use error_response::{Scrubber, from_response};
pub(crate) use error_response::{rate_limits, request_id};
pub(crate) use items::PartialList;
pub(crate) use items::PartsIn;
#[cfg(test)]
pub(crate) use limiter::{Limiter, WaitPolicy};
pub use limiter::{OperationQuota, Quota};
pub(crate) use options::{CacheMode, CallOptions};
pub(crate) use parts::read_value_without_parts;
pub(crate) use request::{ApiRequest, UNRESERVED, refused_headers};
pub(crate) use response::ApiResponse;
pub(crate) use response_log::ResponseLog;
pub use unread_items::UnreadItem;
pub(crate) use unread_items::{read_unread, take_unread, write_unread};
