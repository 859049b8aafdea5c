//! Triggers of webhooks: an enum that keeps unknown values.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::compare::{eq_by_text, parse_any_text};

macro_rules! triggers {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The kind of an event: what a webhook subscribes to, and the `triggerEvent` of a delivery.
        ///
        /// The variants are the published list; any other trigger is kept as the service sent it.
        ///
        /// ```
        /// use calcom::model::Trigger;
        ///
        /// assert_eq!(Trigger::from("BOOKING_CREATED"), Trigger::BookingCreated);
        /// assert_eq!(Trigger::from("BOOKING_REASSIGNED"), Trigger::BookingReassigned);
        /// assert_eq!("SOMETHING_NEW".parse::<Trigger>()?.as_str(), "SOMETHING_NEW");
        /// # Ok::<(), std::convert::Infallible>(())
        /// ```
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum Trigger {
            $($(#[$doc])* $name,)+
            /// A trigger that is not on the published list, as the service sent it.
            Other(String),
        }

        impl Trigger {
            /// Every trigger on the published list.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),+];

            /// The text of the trigger: `BOOKING_CREATED`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        eq_by_text!(Trigger);
        parse_any_text!(Trigger);

        impl From<String> for Trigger {
            fn from(text: String) -> Self {
                match Self::from(&*text) {
                    Self::Other(_) => Self::Other(text),
                    known => known,
                }
            }
        }

        impl From<&str> for Trigger {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

triggers! {
    /// A booking was accepted: at booking, or by the confirmation of its host. A series sends one for every occurrence.
    BookingCreated = "BOOKING_CREATED",
    /// The payment of a booking was initiated.
    BookingPaymentInitiated = "BOOKING_PAYMENT_INITIATED",
    /// A booking was paid.
    BookingPaid = "BOOKING_PAID",
    /// A booking was rescheduled, and has a new uid.
    BookingRescheduled = "BOOKING_RESCHEDULED",
    /// A booking was requested, and its host has to confirm it.
    BookingRequested = "BOOKING_REQUESTED",
    /// A booking was cancelled. Several occurrences that are cancelled at once send only one.
    BookingCancelled = "BOOKING_CANCELLED",
    /// A host declined a booking.
    BookingRejected = "BOOKING_REJECTED",
    /// A host or an attendee was marked as a no-show, or unmarked.
    BookingNoShowUpdated = "BOOKING_NO_SHOW_UPDATED",
    /// A routing form was submitted.
    FormSubmitted = "FORM_SUBMITTED",
    /// The end of a meeting was reached.
    MeetingEnded = "MEETING_ENDED",
    /// The start of a meeting was reached.
    MeetingStarted = "MEETING_STARTED",
    /// A recording can be downloaded.
    RecordingReady = "RECORDING_READY",
    /// An instant meeting was requested.
    InstantMeeting = "INSTANT_MEETING",
    /// A recording's transcript can be downloaded.
    RecordingTranscriptionGenerated = "RECORDING_TRANSCRIPTION_GENERATED",
    /// A user set an absence (out of office).
    OooCreated = "OOO_CREATED",
    /// A host did not join the video call.
    AfterHostsCalVideoNoShow = "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    /// A guest did not join the video call.
    AfterGuestsCalVideoNoShow = "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
    /// A routing form was submitted, and nothing was booked within 15 minutes.
    FormSubmittedNoEvent = "FORM_SUBMITTED_NO_EVENT",
    /// A routing form used its fallback route.
    RoutingFormFallbackHit = "ROUTING_FORM_FALLBACK_HIT",
    /// A delegated calendar credential stopped working.
    DelegationCredentialError = "DELEGATION_CREDENTIAL_ERROR",
    /// A booking was reported as routed to the wrong host.
    WrongAssignmentReport = "WRONG_ASSIGNMENT_REPORT",
    /// The location of a booking was changed. Hosted service only, as are all that follow.
    BookingLocationUpdated = "BOOKING_LOCATION_UPDATED",
    /// A booking of a round robin got another host, by a person or automatically.
    BookingReassigned = "BOOKING_REASSIGNED",
    /// A host accepted an instant meeting: the first one who did.
    InstantMeetingAccepted = "INSTANT_MEETING_ACCEPTED",
    /// A new secret of a delegated credential was verified and is in use.
    DelegationCredentialSecretRotated = "DELEGATION_CREDENTIAL_SECRET_ROTATED",
    /// The secret of a delegated credential could not be replaced for 48 hours, and the credential is blocked.
    DelegationCredentialSecretRotationFailed = "DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED",
    /// The secret of a delegated credential expires soon, and the organization replaces it by itself.
    DelegationCredentialRotationRequired = "DELEGATION_CREDENTIAL_ROTATION_REQUIRED",
    /// A calendar refused an entry. The service does not document when, and not what it sends.
    CalendarEntryRejected = "CALENDAR_ENTRY_REJECTED",
}

impl Trigger {
    /// Whether the delivery has no `payload`, but the fields of the booking beside `triggerEvent`.
    #[cfg(feature = "webhook")]
    pub(crate) fn is_flat(&self) -> bool {
        matches!(self, Self::MeetingStarted | Self::MeetingEnded)
    }

    /// Whether it is sent a time after the start of a booking, which its subscription names.
    #[cfg(feature = "webhook-subscriptions")]
    pub(crate) fn needs_time(&self) -> bool {
        matches!(self, Self::AfterHostsCalVideoNoShow | Self::AfterGuestsCalVideoNoShow)
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Trigger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TriggerTextVisitor;

        impl de::Visitor<'_> for TriggerTextVisitor {
            type Value = Trigger;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a webhook's trigger")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Trigger, E> {
                Ok(Trigger::from(text))
            }
        }

        deserializer.deserialize_str(TriggerTextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_list_has_twenty_eight_triggers_and_any_other_is_kept() {
        assert_eq!(Trigger::KNOWN.len(), 28);
        for trigger in Trigger::KNOWN {
            assert_eq!(&Trigger::from(trigger.as_str()), trigger);
        }
        assert_eq!(Trigger::from("booking_created"), Trigger::Other("booking_created".to_owned()));
        assert_eq!(Trigger::from("SOMETHING_NEW").as_str(), "SOMETHING_NEW");
    }
}
