//! The generated methods: the operations of the service with the types of the document.
//!
//! A method of [`RawClient`] takes what the operation requires and returns a [`Request`], whose setters are the optional
//! parameters. Awaiting the request sends it, with the same version header, credentials, cache, retries and deadline as the
//! requests of the facade, and returns a [`Response`]. The facade has the documented types, typed ids, and filters that the
//! service lacks.
//!
//! Methods and types belong to the cargo feature of their area, which the documentation of each method names. Operations of
//! other areas are requested untyped: [`RawClient::operation`], [`Client::request`](crate::Client::request).
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! let client = calcom::Client::from_env()?;
//! let me = client.raw().get_me().await?;
//! println!("{:?} in {:?} (HTTP {})", me.data.id, me.data.time_zone, me.status());
//! # Ok(()) }
//! ```
//!
//! # Credentials, scopes and roles
//!
//! | credential | acts as | scopes | what else is checked |
//! |---|---|---|---|
//! | [`ApiKey`](crate::ApiKey) | its user | it has none | role; `/v2/oauth-clients` and managed organizations take a key of the organization |
//! | [`AccessToken`](crate::AccessToken) of an OAuth client | the user who consented, or a team | one of the operation's | role of the user |
//! | [`AccessToken`](crate::AccessToken) of a managed user | that user, a member of the platform's organization | the permissions of its platform client | role, plan of the platform |
//! | [`PlatformCredentials`](crate::PlatformCredentials) of a platform | the owner of the platform's organization | it has none | other organizations are refused (403), plan |
//!
//! A provider of tokens ([`Credentials::provider`](crate::Credentials::provider)) gives an access token that is refreshed in
//! time.
//!
//! A token needs one of the scopes in the table below; `closed` operations take no token of an OAuth client. A scope of an
//! organization (`ORG_BOOKING_READ`) includes the one of teams (`TEAM_BOOKING_READ`). Scope and role are checked both: a token
//! with the scope and without the role is refused with 403 ([`Error::Permission`](crate::Error::Permission)). A user who
//! consents for a team makes a token of that team, which has no user. Only platform customers are asked for a plan.
//!
//! # All operations by area
//!
//! The headings are the cargo features. A version is what the method sends as `cal-api-version`, to the hosted service unless
//! said; of an operation with two bodies, the body decides ([`FormOf`]). `-` as least role means that the service names none,
//! not that every caller may call it. [`Operation`] has the same facts as values, with the permission and the plan. The
//! addresses that a browser is redirected to after consent are no operations: [`BrowserUrl`].
//!
//! An operation that lists its items page by page has [`Request::stream`].
//!
#![doc = include_str!(concat!(env!("OUT_DIR"), "/index.md"))]

mod body_fields;
mod browser;
mod encode;
mod form;
mod pages;
mod query_value;
mod refused;
mod request;
mod response;
mod send;

pub use crate::pipeline::UnreadItem;
pub use browser::BrowserUrl;
pub(crate) use encode::encode_path;
pub use form::FormOf;
pub(crate) use pages::{PageProgress, RecentTexts};
pub use pages::{PageStream, Paged};
pub use request::{Request, Untyped};
pub use response::Response;

use crate::{operation::Operation, pipeline::CallContext};

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

/// The generated methods of all enabled areas; from [`Client::raw`](crate::Client::raw).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let me = client.raw().get_me().await?;
/// println!("{:?}", me.data.time_zone);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct RawClient(pub(crate) CallContext);

impl RawClient {
    /// A request of an operation by its row in the table, whose response is decoded as any type. `path` has percent-encoded
    /// values in the place of the operation's parameters. For a route that the document does not have see
    /// [`Client::request`](crate::Client::request).
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// if let Some(operation) = calcom::operation::Operation::find("get_me") {
    ///     let me: calcom::raw::Response<serde_json::Value> = client.raw().operation(operation, "/v2/me").await?;
    ///     println!("{}", me["data"]["timeZone"]);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Awaiting the request fails as with every request, and with [`Error::Validation`](crate::Error::Validation) for a
    /// path that does not lead to the operation.
    pub fn operation<T>(&self, operation: &'static Operation, path: impl Into<String>) -> Request<T> {
        Request::new(&self.0, operation, path.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::{contract::Contract, operation::Operation};

    #[test]
    fn the_index_has_each_operation_with_the_only_service_that_has_it() {
        let index = include_str!(concat!(env!("OUT_DIR"), "/index.md"));
        for operation in Operation::all() {
            let only = match operation.contracts {
                [Contract::Hosted] => " (hosted only)",
                [Contract::SelfHosted] => " (self-hosted only)",
                _ => "",
            };
            let method = operation.method.as_str();
            let route = format!("| `{method} {}`{only} |", operation.path);
            let row = index.lines().find(|line| line.contains(&format!("`{}`", operation.id)));
            assert!(row.is_some_and(|row| row.contains(&route)), "{route}: {row:?}");
        }
        for only in ["(hosted only)", "(self-hosted only)"] {
            assert!(index.contains(only), "{only}");
        }
    }
}
