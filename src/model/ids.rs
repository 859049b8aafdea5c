//! Ids as types of their own, so that the compiler refuses an id of another kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::patch::Patch;

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Methods take the number or the id, which are comparable; in JSON it is a number.
        ///
        /// ```
        #[doc = concat!("use calcom::model::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id: ", stringify!($name), " = \"7\".parse()?;")]
        #[doc = concat!("assert_eq!((id, i64::from(id)), (", stringify!($name), "::from(7), 7));")]
        /// assert!(id == 7 && id.to_string() == "7");
        /// # Ok::<(), std::num::ParseIntError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        number_ids!(@from $name: i32, u32, i64);

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = std::num::ParseIntError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl PartialEq<i64> for $name {
            fn eq(&self, other: &i64) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<$name> for i64 {
            fn eq(&self, other: &$name) -> bool {
                *self == other.0
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
    (@from $name:ident: $($number:ty),+) => {$(
        impl From<$number> for $name {
            fn from(id: $number) -> Self {
                Self(id.into())
            }
        }

        impl From<$number> for Patch<$name> {
            fn from(id: $number) -> Self {
                Self::Set(id.into())
            }
        }
    )+};
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Methods take the text or the id, which are comparable. `Debug` shows its first four characters.
        ///
        /// ```
        #[doc = concat!("use calcom::model::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id = ", stringify!($name), "::from(\"kgiKeoVgk6NpALrVxDhWeY\");")]
        /// assert!(id == "kgiKeoVgk6NpALrVxDhWeY" && id.as_str() == String::from(id.clone()));
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

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(id: &str) -> Result<Self, Self::Err> {
                Ok(id.into())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == **other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<$name> for str {
            fn eq(&self, other: &$name) -> bool {
                *self == *other.0
            }
        }

        impl PartialEq<$name> for &str {
            fn eq(&self, other: &$name) -> bool {
                **self == *other.0
            }
        }

        impl PartialEq<$name> for String {
            fn eq(&self, other: &$name) -> bool {
                *self == other.0
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
                if crate::reveal::is_revealed() {
                    return f.debug_tuple(stringify!($name)).field(&self.0).finish();
                }
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
