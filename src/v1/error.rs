//! Failures in V1's form: a status, and a body with `message` (with `error` for an invalid key).
//!
//! The mapping follows V1's own error handling. If V1 had a text of its own (keys, rate limits), that text replaces the
//! one of V2. All other messages are the service's, without the values that the request carried.

use std::fmt;

use serde_json::{Value, json};

use super::{Loss, schema::Issues};

/// The result of every V1 call.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
pub type V1Result<T> = Result<T, V1Error>;

/// A failure in V1's form.
///
/// Its text contains neither the key nor any value that the request carried.
///
/// ```no_run
/// # async fn example(v1: calcom::v1::V1Client, booking: calcom::v1::types::CreateBooking) {
/// match v1.create_booking(&booking).await {
///     Ok(created) => println!("booked {}", created.booking.id),
///     Err(error) if error.may_have_been_applied() => println!("outcome unknown: look for the booking"),
///     Err(error) => println!("{} {}", error.status(), error.body("POST", "/bookings")),
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct V1Error {
    status: u16,
    body_form: BodyForm,
    message: String,
    losses: Vec<Loss>,
    completed_steps: Vec<&'static str>,
    source: Option<Box<crate::Error>>,
}

/// The form of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyForm {
    /// The text as `message`.
    Message,
    /// The text as `message`, with `url`, `method` and `data`, which V1's own handlers added.
    Responder,
    /// The text as `error`.
    Error,
}

impl V1Error {
    fn new(status: u16, body_form: BodyForm, message: impl Into<String>) -> Self {
        Self {
            status,
            body_form,
            message: message.into(),
            losses: Vec::new(),
            completed_steps: Vec::new(),
            source: None,
        }
    }

    /// 400: the request is invalid. The message is the text of V1's validation.
    pub(crate) fn invalid(issues: &Issues) -> Self {
        Self::new(400, BodyForm::Responder, issues.to_string())
    }

    /// 400: the request cannot be executed by V2.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, BodyForm::Responder, message)
    }

    /// 400: strict mode rejects the request. The message names every field that would be lost.
    pub(crate) fn lossy(losses: Vec<Loss>) -> Self {
        let texts: Vec<String> = losses.iter().map(ToString::to_string).collect();
        let error = Self::new(400, BodyForm::Responder, format!("cannot be sent without loss: {}", texts.join("; ")));
        Self { losses, ..error }
    }

    /// 404: the resource does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, BodyForm::Responder, message)
    }

    /// 401: the request has no key.
    pub(crate) fn missing_key() -> Self {
        Self::new(401, BodyForm::Message, "No apiKey provided")
    }

    /// 401: the key is invalid.
    pub(crate) fn invalid_key() -> Self {
        Self::new(401, BodyForm::Error, "Your API key is not valid.")
    }

    /// 405: the path does not have this method.
    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        Self::new(405, BodyForm::Message, format!("Only {allowed} Method allowed"))
    }

    /// Adds the steps of a split request that were completed before the failure.
    pub(crate) fn with_completed_steps(mut self, steps: &[&'static str]) -> Self {
        if !steps.is_empty() {
            self.message = format!("{} (already done: {})", self.message, steps.join(", "));
            self.completed_steps = steps.to_vec();
        }
        self
    }

    /// The HTTP status of V1's response.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The message of V1's response.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The losses for which strict mode rejected the request. Empty for all other failures.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// The steps that were completed before the failure, if V2 needs several requests for the call:
    /// [`PatchStep::name`](crate::v1::convert::PatchStep::name).
    #[must_use]
    pub fn completed_steps(&self) -> &[&'static str] {
        &self.completed_steps
    }

    /// The error of the V2 request, if the failure comes from one.
    #[must_use]
    pub fn v2_error(&self) -> Option<&crate::Error> {
        self.source.as_deref()
    }

    /// Whether the service may have executed the request although the call failed: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.v2_error().is_some_and(crate::Error::may_have_been_applied)
    }

    /// The body of V1's response to a request with this method and path.
    ///
    /// V1 repeated the whole URL, and so the key. This body contains the path only.
    #[must_use]
    pub fn body(&self, method: &str, path: &str) -> Value {
        match self.body_form {
            BodyForm::Error => json!({"error": self.message}),
            BodyForm::Message => json!({"message": self.message}),
            BodyForm::Responder => json!({"message": self.message, "url": path, "method": method, "data": null}),
        }
    }
}

impl fmt::Display for V1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}: {}", self.status, self.message)
    }
}

impl std::error::Error for V1Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|error| error as _)
    }
}

/// V1's message, with status 400, if no host is available for a new booking.
const NO_AVAILABLE_USERS: &str = "no_available_users_found_error";

impl From<crate::Error> for V1Error {
    fn from(error: crate::Error) -> Self {
        use crate::Error as V2;

        let message = error.details().text();
        let expired = message.contains("expired") || error.is_token_expired();
        let fields = error.field_errors();
        let text = match fields {
            [] if message.is_empty() => error.to_string(),
            [] => message.to_owned(),
            fields => fields
                .iter()
                .map(|field| format!("custom in '{}': {}", field.field, field.message))
                .collect::<Vec<_>>()
                .join("; "),
        };
        let v1 = match &error {
            // V1 answers another user's booking with 401 too.
            V2::Permission(failure) if failure.status() == Some(401) => Self::new(401, BodyForm::Responder, text),
            V2::Authentication(_) if expired => Self::new(401, BodyForm::Error, "This API key is expired."),
            V2::Authentication(_) => Self::invalid_key(),
            V2::Permission(_) => Self::new(403, BodyForm::Responder, text),
            V2::NotFound(_) => Self::new(404, BodyForm::Responder, text),
            V2::Conflict(_) if message.contains(NO_AVAILABLE_USERS) => {
                Self::new(400, BodyForm::Responder, NO_AVAILABLE_USERS)
            }
            V2::Conflict(_) => Self::new(409, BodyForm::Responder, text),
            V2::RateLimit(_) => Self::new(429, BodyForm::Message, "Rate limit exceeded"),
            V2::Validation(_) => Self::new(400, BodyForm::Responder, text),
            V2::Timeout(_) => Self::new(504, BodyForm::Responder, text),
            V2::Unavailable(_) => Self::new(503, BodyForm::Responder, text),
            V2::Transport(..) | V2::Decode(..) => Self::new(502, BodyForm::Responder, error.to_string()),
            V2::Server(_) | V2::Configuration(_) | V2::Unsupported(..) => Self::new(500, BodyForm::Responder, text),
        };
        Self { source: Some(Box::new(error)), ..v1 }
    }
}
