//! The operations of the service as the document describes them: typed, unconverted.
//!
//! The bindings are generated from `openapi/calcom-v2.json` when the crate is built. A method of [`Client`] takes what the
//! operation requires and returns a [`Request`]; what is optional is a setter of the request. Awaiting the request sends it
//! through the same pipeline as the facade's requests: version header, credential, retries, deadline. The facade adds the
//! documented shapes, ids as types, and filters that the service does not have.
//!
//! Methods and types are there with the cargo feature of their area, which the documentation of each method names. Operations
//! of other areas are requested untyped: [`Client::operation`], [`Client::request`](crate::Client::request).
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! let client = calcom::Client::from_env()?;
//! let me = client.raw().get_me().await?;
//! println!("{:?} in {:?}", me.data.id, me.data.time_zone);
//! # Ok(()) }
//! ```

mod form;
mod request;
mod response;

use percent_encoding::utf8_percent_encode;

pub use crate::pipeline::UnreadItem;
pub use form::FormOf;
pub use request::{Request, Untyped};
pub use response::Answer;

use crate::{
    operation::Operation,
    pipeline::{CallContext, UNRESERVED},
};

mod bindings {
    #![allow(
        clippy::all,
        clippy::pedantic,
        clippy::unwrap_used,
        clippy::expect_used,
        missing_docs,
        unreachable_pub,
        unused_qualifications,
        rustdoc::all
    )]
    include!(concat!(env!("OUT_DIR"), "/methods.rs"));
}

pub use crate::generated::types;
pub use bindings::parameters;

/// A method for every operation of the areas that are on; from [`crate::Client::raw`].
#[derive(Debug, Clone)]
pub struct Client(pub(crate) CallContext);

impl Client {
    /// Any operation by its row in the table, decoded as any type. `path` has values in the place of the operation's
    /// parameters, percent-encoded. A route that the document does not know is requested with
    /// [`Client::request`](crate::Client::request).
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// if let Some(operation) = calcom::operation::Operation::find("get_me") {
    ///     let me: calcom::raw::Answer<serde_json::Value> = client.raw().operation(operation, "/v2/me").await?;
    ///     println!("{}", me["data"]["timeZone"]);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Awaited it fails like every other, and with [`Error::Validation`](crate::Error::Validation) for a path that does
    /// not lead to the operation.
    pub fn operation<T>(&self, operation: &'static Operation, path: impl Into<String>) -> Request<T> {
        Request::new(&self.0, operation, path.into())
    }
}

/// A value as one part of a path. progenitor's own leaves `\`, which a URL reads as `/`; what is empty, `.` or `..` cannot
/// be written so, and is refused by the pipeline.
pub(crate) fn encode_path(value: &str) -> String {
    utf8_percent_encode(value, &UNRESERVED).to_string()
}
