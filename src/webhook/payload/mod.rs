//! The typed payloads of the triggers.
//!
//! Fields have the names of the service, in snake case. [`read`] deserializes them; `parse` chooses the payload of a
//! body.

mod assignment;
mod booking;
mod delegation;
mod meeting;
mod out_of_office;
mod participants;
pub(crate) mod read;
mod responses;
mod routing_form;

use std::fmt;

use serde::{Serialize, Serializer, de::MapAccess};
use serde_json::Value;

pub use assignment::{AssignmentReport, ReportedBooking, ReportedEventType, WrongAssignmentPayload};
pub use booking::{AppStatus, BookingPayload, DestinationCalendar, RecurrenceRule, VideoCall};
pub use delegation::{DelegationCredential, DelegationError, DelegationErrorPayload};
pub use meeting::{
    DownloadLinks, InstantMeetingPayload, MeetingPayload, NoShowAttendee, NoShowPayload, NoShowWebhook,
    RecordingPayload, TranscriptLink, VideoNoShowPayload,
};
pub use out_of_office::{OooEntry, OooPayload, OooReason};
pub use participants::{Language, Organizer, TimeFormat, WebhookAttendee, WebhookUser};
pub use responses::{FormResponse, FormResponses};
pub use routing_form::FormPayload;

use self::read::{LenientReader, PayloadObject};
use crate::model::{BookingStatus, Trigger};

macro_rules! payloads {
    ($($(#[$doc:meta])* $trigger:ident($type:ty),)+) => {
        /// The payload of an event, by trigger.
///
/// ```
/// use calcom::webhook::{BookingPayload, Payload, Trigger};
///
/// let mut booking = BookingPayload::default();
/// booking.uid = Some("kgiKeoVgk6NpALrVxDhWeY".to_owned());
/// let payload = Payload::BookingCreated(Box::new(booking));
/// assert_eq!(payload.trigger(), Trigger::BookingCreated);
/// assert!(payload.booking().is_some());
/// ```
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Payload {
            $($(#[$doc])* $trigger(Box<$type>),)+
            /// `ROUTING_FORM_FALLBACK_HIT`: its JSON, because its payload is not documented.
            RoutingFormFallbackHit(Value),
            /// Any other trigger: its JSON.
            Unknown(UnknownPayload),
        }

        impl Payload {
            /// The trigger that sends this payload.
            #[must_use]
            pub fn trigger(&self) -> Trigger {
                match self {
                    $(Self::$trigger(_) => Trigger::$trigger,)+
                    Self::RoutingFormFallbackHit(_) => Trigger::RoutingFormFallbackHit,
                    Self::Unknown(unknown) => unknown.trigger.as_str().into(),
                }
            }

            /// Reads the value of `payload` for `trigger`. `None` if it is no object.
            pub(crate) fn read<'de, A: MapAccess<'de>>(
                trigger: &Trigger,
                map: &mut A,
            ) -> Result<Option<Self>, A::Error> {
                Ok(match trigger {
                    $(Trigger::$trigger => {
                        map.next_value_seed(LenientReader::<$type>::new())?.map(|read| Self::$trigger(Box::new(read)))
                    })+
                    Trigger::RoutingFormFallbackHit => Some(Self::RoutingFormFallbackHit(map.next_value()?)),
                    Trigger::Other(name) => {
                        Some(Self::Unknown(UnknownPayload { trigger: name.clone(), json: map.next_value()? }))
                    }
                })
            }

            /// The JSON keys that have a field.
            pub(crate) fn keys(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$trigger(_) => <$type as PayloadObject>::KEYS,)+
                    Self::RoutingFormFallbackHit(_) | Self::Unknown(_) => &[],
                }
            }
        }

        impl fmt::Debug for Payload {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$trigger(payload) => f.debug_tuple(stringify!($trigger)).field(payload).finish(),)+
                    Self::RoutingFormFallbackHit(_) => f.write_str("RoutingFormFallbackHit(..)"),
                    Self::Unknown(unknown) => f.debug_tuple("Unknown").field(unknown).finish(),
                }
            }
        }

        /// Writes the payload only: the value of `payload`, or the keys beside `triggerEvent` in the flat form.
        impl Serialize for Payload {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$trigger(payload) => payload.serialize(serializer),)+
                    Self::RoutingFormFallbackHit(json) => json.serialize(serializer),
                    Self::Unknown(unknown) => unknown.json.serialize(serializer),
                }
            }
        }
    };
}

payloads! {
    /// A booking was made.
    BookingCreated(BookingPayload),
    /// A booking was requested and needs the confirmation of its host.
    BookingRequested(BookingPayload),
    /// A booking was rescheduled: `uid` is the new one, `reschedule_uid` the old one.
    BookingRescheduled(BookingPayload),
    /// A booking was cancelled.
    BookingCancelled(BookingPayload),
    /// A host rejected a requested booking.
    BookingRejected(BookingPayload),
    /// A payment was started.
    BookingPaymentInitiated(BookingPayload),
    /// A booking was paid.
    BookingPaid(BookingPayload),
    /// An attendee or host was marked as absent, or unmarked.
    BookingNoShowUpdated(NoShowPayload),
    /// The start time of a meeting was reached.
    MeetingStarted(MeetingPayload),
    /// The end time of a meeting was reached.
    MeetingEnded(MeetingPayload),
    /// A recording can be downloaded.
    RecordingReady(RecordingPayload),
    /// A transcript can be downloaded.
    RecordingTranscriptionGenerated(RecordingPayload),
    /// A booker asks for an instant meeting.
    InstantMeeting(InstantMeetingPayload),
    /// A user entered an absence (out of office).
    OooCreated(OooPayload),
    /// A routing form was submitted.
    FormSubmitted(FormPayload),
    /// A routing form was submitted, and no booking followed.
    FormSubmittedNoEvent(FormPayload),
    /// A host did not join the video call.
    AfterHostsCalVideoNoShow(VideoNoShowPayload),
    /// A guest did not join the video call.
    AfterGuestsCalVideoNoShow(VideoNoShowPayload),
    /// A delegated calendar credential failed.
    DelegationCredentialError(DelegationErrorPayload),
    /// A booking was reported as assigned to the wrong host.
    WrongAssignmentReport(WrongAssignmentPayload),
}

/// The payload of a trigger that this version of the crate does not know.
#[derive(Clone, PartialEq)]
pub struct UnknownPayload {
    /// The trigger, as the service sent it.
    pub trigger: String,
    /// The value of `payload`, or the whole body if it has no such key.
    pub json: Value,
}

/// Shows the trigger only.
impl fmt::Debug for UnknownPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownPayload").field("trigger", &self.trigger).finish_non_exhaustive()
    }
}

impl Payload {
    /// The booking, if the trigger carries one: the seven `BOOKING_*` triggers about a whole booking.
    #[must_use]
    pub fn booking(&self) -> Option<&BookingPayload> {
        match self {
            Self::BookingCreated(booking)
            | Self::BookingRequested(booking)
            | Self::BookingRescheduled(booking)
            | Self::BookingCancelled(booking)
            | Self::BookingRejected(booking)
            | Self::BookingPaymentInitiated(booking)
            | Self::BookingPaid(booking) => Some(booking),
            _ => None,
        }
    }

    /// The meeting of `MEETING_STARTED` and `MEETING_ENDED`.
    #[must_use]
    pub fn meeting(&self) -> Option<&MeetingPayload> {
        match self {
            Self::MeetingStarted(meeting) | Self::MeetingEnded(meeting) => Some(meeting),
            _ => None,
        }
    }

    pub(crate) fn booking_uid(&self) -> Option<&str> {
        match self {
            Self::MeetingStarted(meeting) | Self::MeetingEnded(meeting) => meeting.uid.as_deref(),
            Self::BookingNoShowUpdated(absence) => absence.booking_uid.as_deref(),
            Self::RecordingReady(recording) | Self::RecordingTranscriptionGenerated(recording) => {
                recording.uid.as_deref()
            }
            Self::InstantMeeting(meeting) => meeting.uid.as_deref(),
            Self::AfterHostsCalVideoNoShow(absence) | Self::AfterGuestsCalVideoNoShow(absence) => {
                absence.booking_uid.as_deref()
            }
            Self::WrongAssignmentReport(report) => report.booking.as_ref()?.uid.as_deref(),
            Self::Unknown(unknown) => ["bookingUid", "uid"].iter().find_map(|key| unknown.json.get(key)?.as_str()),
            _ => self.booking()?.uid.as_deref(),
        }
    }

    pub(crate) fn previous_uid(&self) -> Option<&str> {
        match self {
            Self::MeetingStarted(meeting) | Self::MeetingEnded(meeting) => meeting.from_reschedule.as_deref(),
            Self::Unknown(unknown) => unknown.json.get("rescheduleUid").and_then(Value::as_str),
            _ => self.booking()?.reschedule_uid.as_deref(),
        }
    }

    pub(crate) fn status(&self) -> Option<&BookingStatus> {
        match self {
            Self::MeetingStarted(meeting) | Self::MeetingEnded(meeting) => meeting.status.as_ref(),
            Self::WrongAssignmentReport(report) => report.booking.as_ref()?.status.as_ref(),
            _ => self.booking()?.status.as_ref(),
        }
    }
}
