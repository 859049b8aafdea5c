//! Receives webhooks: verifies the signature, reads the event, and calls the handler of its trigger.
//!
//! - [`Verifier`] accepts a delivery if its signature is right, and rejects duplicates if a [`ReplayStore`] is set.
//! - [`Event`] is a delivery: a typed [`Payload`], and the body that it was read from.
//! - [`Router`] calls a handler for each [`Trigger`].
//! - `CalcomWebhook` is an extractor for axum (feature `axum`).
//!
//! The service sends a delivery once, except for the rotation of delegated credentials: it does not retry, does not keep the
//! order, and gives deliveries no id. If a field has an unexpected type, only this field is absent; the body stays available
//! ([`Event::json`]). A delivery of an unknown trigger is an event as well, and [`Event::booking`] reads its payload if that
//! has the shape of a booking.
//!
//! # Payload templates
//!
//! A webhook with a payload template ([`CreateWebhook::payload_template`](crate::model::CreateWebhook)) delivers what the
//! template makes, in place of the service's own form. A template is a text with variables, paths with dots and indexes:
//! `{{triggerEvent}}`, `{{organizer.name}}`, `{{attendees.0.email}}`, `{{metadata.branch_id}}`.
//!
//! - If the result is JSON with `triggerEvent` and a payload, it is an [`Event`]. Every variable becomes a text, so numbers and
//!   booleans are read from texts too. `team.members` is a list of names: a [`TeamMember`] of whom only the name is known.
//! - If it is other JSON, [`Event::parse`] fails, and the error has the body ([`ParseError::body`]).
//! - If it is not JSON, the delivery is sent as a form, and with an invalid result the body is `false`. The signature covers the
//!   bytes that are sent, whatever they are: [`Verifier`] accepts them.
//! - `MEETING_STARTED` and `MEETING_ENDED` ignore the template.
//!
//! # Triggers that need more
//!
//! `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` and `AFTER_GUESTS_CAL_VIDEO_NO_SHOW` are sent for bookings with the service's own video
//! calls, a time after the start that the subscription names (`time`, `timeUnit`). The triggers of delegated credentials are
//! sent to webhooks of an organization. Self-hosted servers have fewer triggers than the hosted service ([`Trigger`]), and
//! refuse the others.
//!
//! # Subscriptions
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
    AcceptedMeetingPayload, AppStatus, AssignmentReason, AssignmentReport, BookingPayload, BookingTeam,
    DelegationCredential, DelegationError, DelegationErrorPayload, DestinationCalendar, DownloadLinks, FallbackAction,
    FormPayload, FormResponse, FormResponses, InstantMeetingPayload, Language, MeetingPayload, NoShowAttendee,
    NoShowEventType, NoShowPayload, NoShowWebhook, OooEntry, OooPayload, OooReason, Organizer, Payload,
    RecordingPayload, RecurrenceRule, ReportedBooking, ReportedEventType, RotatedCredential, SecretRotationError,
    SecretRotationPayload, TeamMember, TimeFormat, TranscriptLink, UnknownPayload, VideoCall, VideoNoShowPayload,
    WebhookAttendee, WebhookPayment, WebhookUser, WrongAssignmentPayload,
};
pub use rejection::Rejection;
pub use replay_store::{DedupeKey, MemoryReplayStore, ReplayFuture, ReplayStore, ReplayStoreError};
pub use router::{DeliveryError, Router};
pub use signature::{SIGNATURE_HEADER, SignatureError, UNSIGNED, VERSION_HEADER, sign, validate_webhook_signature};
pub use verifier::{Verifier, receive};

pub use crate::model::Trigger;
