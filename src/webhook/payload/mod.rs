//! What a delivery tells, typed trigger by trigger.
//!
//! Fields are named as the service names them, in Rust's case; which of them a trigger fills is in their documentation.
//! How leniently they are read is the business of [`read`]; which payload belongs to a body, that of `parse`.

mod booking;
mod meeting;
mod office;
mod people;
pub(crate) mod read;
mod responses;

use std::fmt;

use serde::{Serialize, Serializer, de::MapAccess};
use serde_json::Value;

pub use booking::{AppStatus, BookingPayload, DestinationCalendar, RecurringEvent, VideoCall};
pub use meeting::{
    DownloadLinks, InstantMeetingPayload, MeetingPayload, NoShowAttendee, NoShowPayload, NoShowWebhook,
    RecordingPayload, TranscriptLink, VideoNoShowPayload,
};
pub use office::{
    AssignmentReport, DelegationCredential, DelegationError, DelegationErrorPayload, FormPayload, OooEntry, OooPayload,
    OooReason, ReportedBooking, ReportedEventType, WrongAssignmentPayload,
};
pub use people::{Attendee, Language, Organizer, TimeFormat, User};
pub use responses::{Response, Responses};

use self::read::{Object, Reader};
use crate::model::{BookingStatus, Trigger};

macro_rules! payloads {
    ($($(#[$doc:meta])* $trigger:ident($type:ty),)+) => {
        /// What happened, with what the service tells about it.
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Payload {
            $($(#[$doc])* $trigger(Box<$type>),)+
            /// `ROUTING_FORM_FALLBACK_HIT`, whose payload is documented nowhere: its JSON.
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

            /// Reads the value of `payload` as `trigger` has it; `None` where it is no object.
            pub(crate) fn read<'de, A: MapAccess<'de>>(
                trigger: &Trigger,
                map: &mut A,
            ) -> Result<Option<Self>, A::Error> {
                Ok(match trigger {
                    $(Trigger::$trigger => {
                        map.next_value_seed(Reader::<$type>::new())?.map(|read| Self::$trigger(Box::new(read)))
                    })+
                    Trigger::RoutingFormFallbackHit => Some(Self::RoutingFormFallbackHit(map.next_value()?)),
                    Trigger::Other(name) => {
                        Some(Self::Unknown(UnknownPayload { trigger: name.clone(), json: map.next_value()? }))
                    }
                })
            }

            /// The keys that have a field.
            pub(crate) fn keys(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$trigger(_) => <$type as Object>::KEYS,)+
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

        /// Only the payload: what stands under `payload`, or beside `triggerEvent` in the flat form.
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
    /// A booking stands.
    BookingCreated(BookingPayload),
    /// A booking waits for its host's confirmation.
    BookingRequested(BookingPayload),
    /// A booking has moved: `uid` is the new one, `reschedule_uid` the old.
    BookingRescheduled(BookingPayload),
    /// A booking has been called off.
    BookingCancelled(BookingPayload),
    /// A host did not confirm a booking.
    BookingRejected(BookingPayload),
    /// A payment has begun.
    BookingPaymentInitiated(BookingPayload),
    /// A booking has been paid.
    BookingPaid(BookingPayload),
    /// Somebody was marked as absent, or unmarked.
    BookingNoShowUpdated(NoShowPayload),
    /// A meeting's time has come.
    MeetingStarted(MeetingPayload),
    /// A meeting's time is over.
    MeetingEnded(MeetingPayload),
    /// A recording can be downloaded.
    RecordingReady(RecordingPayload),
    /// A transcript can be downloaded.
    RecordingTranscriptionGenerated(RecordingPayload),
    /// Somebody asks for a meeting now.
    InstantMeeting(InstantMeetingPayload),
    /// Somebody will be out of office.
    OooCreated(OooPayload),
    /// A routing form was filled in.
    FormSubmitted(FormPayload),
    /// A routing form was filled in, and nothing was booked.
    FormSubmittedNoEvent(FormPayload),
    /// A host did not join the video call.
    AfterHostsCalVideoNoShow(VideoNoShowPayload),
    /// A guest did not join the video call.
    AfterGuestsCalVideoNoShow(VideoNoShowPayload),
    /// A delegated calendar credential has stopped working.
    DelegationCredentialError(DelegationErrorPayload),
    /// A booking was routed to the wrong host.
    WrongAssignmentReport(WrongAssignmentPayload),
}

/// The payload of a trigger that this version does not know.
#[derive(Clone, PartialEq)]
pub struct UnknownPayload {
    /// The trigger, as the service wrote it.
    pub trigger: String,
    /// What stands under `payload`, or the whole body where there is no such key.
    pub json: Value,
}

/// Shows the trigger only.
impl fmt::Debug for UnknownPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownPayload").field("trigger", &self.trigger).finish_non_exhaustive()
    }
}

impl Payload {
    /// The booking, where the trigger carries one (the seven `BOOKING_*` about a booking as a whole).
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
