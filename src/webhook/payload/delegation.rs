//! Payloads of delegated credentials: errors, and the rotation of their secrets.

use jiff::Timestamp;

use super::{define::payload, participants::WebhookUser};

payload! {
    /// A failed delegated calendar credential: `DELEGATION_CREDENTIAL_ERROR`.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_ERROR",
    ///         "payload":{"error":{"type":"Invalid"},"credential":{"appId":"google-calendar"}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialError(failure) = event.payload() else { panic!() };
    /// assert_eq!(failure.error.as_ref().unwrap().kind.as_deref(), Some("Invalid"));
    /// assert_eq!(failure.credential.as_ref().unwrap().app_id.as_deref(), Some("google-calendar"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_ERROR",
    ///         "payload":{"error":{"type":"Invalid"},"credential":{"appId":"google-calendar"}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialError(failure) = event.payload() else { panic!() };
    /// assert_eq!(failure.error.as_ref().unwrap().kind.as_deref(), Some("Invalid"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    DelegationError {
        /// The kind of error.
        kind: Option<String> = "type" shown,
        /// The error text of the calendar.
        message: Option<String> = "message",
    }
}

payload! {
    /// A delegated credential.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_ERROR",
    ///         "payload":{"error":{"type":"Invalid"},"credential":{"appId":"google-calendar"}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialError(failure) = event.payload() else { panic!() };
    /// assert_eq!(failure.credential.as_ref().unwrap().app_id.as_deref(), Some("google-calendar"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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

payload! {
    /// The rotation of the secret of a delegated credential: `DELEGATION_CREDENTIAL_SECRET_ROTATED`,
    /// `DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED` and `DELEGATION_CREDENTIAL_ROTATION_REQUIRED`.
    ///
    /// The service repeats these three deliveries after network errors and after 408, 429 and 5xx. It does not repeat those
    /// of other triggers.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_ROTATION_REQUIRED","createdAt":"2026-09-20T03:05:00.000Z","payload":{
    ///         "delegationCredential":{"id":"93f5a0d7-1e42-4c8b-b6a9-d07e2c5f1834","workspacePlatform":"office365",
    ///         "organizationId":77,"secretExpiresAt":"2026-10-04T00:00:00.000Z"}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialRotationRequired(rotation) = event.payload() else { panic!() };
    /// let credential = rotation.credential.as_ref().unwrap();
    /// assert_eq!(credential.secret_expires_at, Some("2026-10-04T00:00:00Z".parse().unwrap()));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    SecretRotationPayload {
        /// The credential.
        credential: Option<RotatedCredential> = "delegationCredential" shown,
        /// The error, in `DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED`.
        error: Option<SecretRotationError> = "error" shown,
    }
}

payload! {
    /// A delegated credential whose secret is replaced from time to time.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_SECRET_ROTATED",
    ///         "payload":{"delegationCredential":{"organizationId":77}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialSecretRotated(rotation) = event.payload() else { panic!() };
    /// assert_eq!(rotation.credential.as_ref().unwrap().organization_id, Some(77));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    RotatedCredential {
        /// The id: a UUID.
        id: Option<String> = "id" shown,
        /// The platform of the workspace: `office365`.
        workspace_platform: Option<String> = "workspacePlatform" shown,
        /// The domain of the workspace.
        domain: Option<String> = "domain",
        /// The id of the organization.
        organization_id: Option<i64> = "organizationId" shown,
        /// When the secret expires.
        secret_expires_at: Option<Timestamp> = "secretExpiresAt" shown,
    }
}

payload! {
    /// The error of a rotation.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED",
    ///         "payload":{"error":{"code":"SECRET_MINT_FAILED"}}}"#,
    /// )?;
    /// let Payload::DelegationCredentialSecretRotationFailed(rotation) = event.payload() else { panic!() };
    /// assert_eq!(rotation.error.as_ref().unwrap().code.as_deref(), Some("SECRET_MINT_FAILED"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    SecretRotationError {
        /// The code: `SECRET_MINT_FAILED`, `SECRET_PROMOTION_FAILED`.
        code: Option<String> = "code" shown,
        /// The error text.
        message: Option<String> = "message",
    }
}
