//! Platform clients and the users whom they manage.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// An OAuth client of a platform organization.
#[derive(Clone, Debug)]
pub struct PlatformClient {
    /// The number of its webhooks' owner.
    pub number: i64,
    pub id: String,
    pub organization: i64,
    pub created: Timestamp,
    /// All other properties that responses show.
    pub fields: Map<String, Value>,
}

/// A user whom a client manages.
#[derive(Clone, Debug)]
pub struct ManagedUser {
    pub client: String,
    pub user: i64,
    pub created: Timestamp,
    pub metadata: Option<Map<String, Value>>,
    /// The only refresh token that is valid.
    pub refresh_token: String,
}
