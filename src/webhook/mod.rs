//! Receives webhooks: verifies the signature, reads the event, and calls the handler of its trigger.
//!
//! - [`Verifier`] accepts a delivery if its signature is right, and rejects duplicates if a [`ReplayStore`] is set.
//! - [`Event`] is a delivery: a typed [`Payload`], and the body that it was read from.
//! - [`Router`] calls a handler for each [`Trigger`].
//! - `CalcomWebhook` is an extractor for axum (feature `axum`).
//!
//! The service sends a delivery once: it does not retry, does not keep the order, and gives deliveries no id. If a field
//! has an unexpected type, only this field is absent; the body stays available ([`Event::json`]).
//!
//! The feature `webhook` needs no HTTP client. Webhook subscriptions are created with the client (feature
//! `webhook-subscriptions`).
//!
//! ```
//! use calcom::webhook::{Payload, Verifier};
//! # async fn receive(request: http::Request<bytes::Bytes>) -> calcom::Result<()> {
//! let verifier = Verifier::new("the webhook's secret")?;
//! let event = verifier.receive(request).await?;
//! match event.payload() {
//!     Payload::BookingCreated(booking) => println!("{:?} at {:?}", booking.uid, booking.start_time),
//!     Payload::BookingRescheduled(_) => println!("{:?} is now {:?}", event.previous_uid(), event.booking_uid()),
//!     _ => {}
//! }
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
mod axum;
mod compose;
mod event;
mod parse;
mod payload;
mod pending_delivery;
mod rejection;
mod repair;
mod replay_store;
mod router;
mod signature;
mod verifier;

#[cfg(feature = "axum")]
pub use self::axum::CalcomWebhook;
pub use event::Event;
pub use parse::{ParseError, ParseErrorKind};
pub use payload::{
    AppStatus, AssignmentReport, BookingPayload, DelegationCredential, DelegationError, DelegationErrorPayload,
    DestinationCalendar, DownloadLinks, FormPayload, FormResponse, FormResponses, InstantMeetingPayload, Language,
    MeetingPayload, NoShowAttendee, NoShowPayload, NoShowWebhook, OooEntry, OooPayload, OooReason, Organizer, Payload,
    RecordingPayload, RecurrenceRule, ReportedBooking, ReportedEventType, TimeFormat, TranscriptLink, UnknownPayload,
    VideoCall, VideoNoShowPayload, WebhookAttendee, WebhookUser, WrongAssignmentPayload,
};
pub use rejection::Rejection;
pub use replay_store::{DedupeKey, MemoryReplayStore, ReplayFuture, ReplayStore, ReplayStoreError};
pub use router::{DeliveryError, Router};
pub use signature::{SIGNATURE_HEADER, SignatureError, UNSIGNED, sign, validate_webhook_signature};
pub use verifier::{Verifier, receive};

pub use crate::model::Trigger;
