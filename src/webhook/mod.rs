//! What the service tells by itself: its webhooks, verified, understood and received.
//!
//! The service sends a delivery once. It does not try again, does not promise an order, and gives deliveries no id; what
//! this module does follows from that. A [`Verifier`] lets in what carries the signature of one's own webhook. An
//! [`Event`] is read as far as it can be read, and keeps what it was read from. A [`Router`] takes it to whoever handles
//! its trigger. None of it needs an HTTP client: the feature `webhook` alone builds it. The subscriptions that
//! make the service send webhooks are an area of the client, `webhook-subscriptions`.
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
mod edit;
mod event;
mod parse;
mod payload;
mod refusal;
mod repair;
mod replay;
mod router;
mod signature;
mod unhandled;
mod verifier;

#[cfg(feature = "axum")]
pub use self::axum::CalcomWebhook;
pub use event::Event;
pub use parse::{ParseError, ParseErrorKind};
pub use payload::{
    AppStatus, AssignmentReport, Attendee, BookingPayload, DelegationCredential, DelegationError,
    DelegationErrorPayload, DestinationCalendar, DownloadLinks, FormPayload, InstantMeetingPayload, Language,
    MeetingPayload, NoShowAttendee, NoShowPayload, NoShowWebhook, OooEntry, OooPayload, OooReason, Organizer, Payload,
    RecordingPayload, RecurringEvent, ReportedBooking, ReportedEventType, Response, Responses, TimeFormat,
    TranscriptLink, UnknownPayload, User, VideoCall, VideoNoShowPayload, WrongAssignmentPayload,
};
pub use refusal::Refusal;
pub use replay::{DedupeKey, MemoryReplays, ReplayFuture, ReplayStore, ReplayStoreError};
pub use router::{Router, ServeError};
pub use signature::{SIGNATURE_HEADER, SignatureError, UNSIGNED, sign, validate_webhook_signature};
pub use verifier::{Verifier, receive};

pub use crate::model::Trigger;
