//! Ids as types of their own, so that the compiler refuses an id of another kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::patch::Patch;

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Methods take the number or the id; in JSON it is a number.
        ///
        /// ```
        #[doc = concat!("use calcom::model::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id: ", stringify!($name), " = \"7\".parse()?;")]
        #[doc = concat!("assert_eq!((id, id.0), (", stringify!($name), "::from(7), 7));")]
        /// # Ok::<(), std::num::ParseIntError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl From<i64> for Patch<$name> {
            fn from(id: i64) -> Self {
                Self::Set(id.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Methods take the text or the id. `Debug` shows its first four characters.
        ///
        /// ```
        #[doc = concat!("use calcom::model::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id = ", stringify!($name), "::from(\"kgiKeoVgk6NpALrVxDhWeY\");")]
        /// assert_eq!(id.as_str(), "kgiKeoVgk6NpALrVxDhWeY");
        #[doc = concat!("assert_eq!(format!(\"{id:?}\"), \"", stringify!($name), "(kgiK..)\");")]
        /// ```
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Makes an id of the text that the service sent.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Shows four characters only: some of these ids give access without a credential.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown: String = self.0.chars().take(4).collect();
                write!(f, "{}({shown}..)", stringify!($name))
            }
        }
    )+};
}

number_ids! {
    /// The id of a user.
    UserId,
    /// The id of a team.
    TeamId,
    /// The number of an organization.
    OrganizationId,
    /// The number of an event type.
    EventTypeId,
    /// The id of a schedule.
    ScheduleId,
    /// The number of a booking. Version 2 of the API reads bookings by their [`BookingUid`] only.
    BookingId,
    /// The number of an attendee.
    AttendeeId,
    /// The id of a connection to a calendar service or an app.
    CredentialId,
    /// The id of a membership in a team or an organization.
    MembershipId,
    /// The number of a stored response to a routing form.
    RoutingFormResponseId,
    /// The number of a verified e-mail address or phone number.
    VerifiedResourceId,
    /// The number of an absence, an out-of-office entry.
    OutOfOfficeId,
}

text_ids! {
    /// The uid of a booking, or of a series (its `recurringBookingUid`). A reschedule creates a booking with a new uid.
    ///
    /// The uid gives access: the service lets a request without a credential read, reschedule and cancel the booking.
    BookingUid,
    /// The uid of the seat of one attendee in a seated booking.
    SeatUid,
    /// The uid of a reservation of a slot. It gives access to the reservation without a credential.
    ReservationUid,
    /// The id of an attribute of the users of an organization.
    AttributeId,
    /// The id of an option of an attribute.
    AttributeOptionId,
    /// The id of a routing form.
    RoutingFormId,
    /// The id of a webhook.
    WebhookId,
    /// The id of a private link: the secret part of its URL.
    PrivateLinkId,
}
