//! Payload of failed delegation credentials.

use super::{participants::WebhookUser, read::payload};

payload! {
    /// A failed delegated calendar credential: `DELEGATION_CREDENTIAL_ERROR`.
    DelegationErrorPayload {
        /// The error.
        error: Option<DelegationError> = "error" shown,
        /// The credential.
        credential: Option<DelegationCredential> = "credential" shown,
        /// The user of the calendar.
        user: Option<WebhookUser> = "user" shown,
    }
}

payload! {
    /// The error of a credential.
    DelegationError {
        /// The kind of error.
        kind: Option<String> = "type" shown,
        /// The error text of the calendar.
        message: Option<String> = "message",
    }
}

payload! {
    /// A delegated credential.
    DelegationCredential {
        /// The id.
        id: Option<i64> = "id" shown,
        /// Its type.
        kind: Option<String> = "type" shown,
        /// The id of its app.
        app_id: Option<String> = "appId" shown,
        /// The id of the delegation.
        delegation_credential_id: Option<String> = "delegationCredentialId" shown,
    }
}
