//! What the document says about an operation, as far as the fake needs it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// What the document says about an operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Description {
    pub(super) path: HashMap<String, Parameter>,
    pub(super) query: HashMap<String, Parameter>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    /// The body of the hosted service, if it differs.
    #[serde(default)]
    pub(super) hosted_body: Option<Value>,
    pub(super) status: u16,
    pub(super) answer: Value,
}

#[derive(Deserialize)]
pub(super) struct Parameter {
    pub(super) required: bool,
    pub(super) schema: Value,
}
