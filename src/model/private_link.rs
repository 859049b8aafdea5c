//! Links that book an event type until a date or a number of times.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    EventTypeId, PrivateLinkId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

documented! {
    /// A link that books an event type, hidden or not, until a date or a number of times.
    ///
    /// Whoever knows it can book.
    #[serde(rename_all = "camelCase")]
    pub struct PrivateLink {
        /// The id of the link, and the secret part of its URL.
        pub link_id: PrivateLinkId,
        /// What it books.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_type_id: Option<EventTypeId>,
        /// Whether it books no more.
        #[serde(default)]
        pub is_expired: bool,
        /// The page where it books.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub booking_url: Option<String>,
        /// Until when it books; missing where it is limited by uses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub expires_at: Option<Timestamp>,
        /// How many times it books; missing where it is limited by a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_usage_count: Option<i64>,
        /// How many times it has booked; missing where it is limited by a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub usage_count: Option<i64>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("private-links", crate::model::wire::read_wire::<Self>),
}

reads_wire!("private-links", PrivateLink => crate::generated::types::PrivateLink);
debug_shows!(PrivateLink { event_type_id, is_expired, expires_at, max_usage_count, usage_count });

/// What limits a private link: `{"expiresAt": "2026-12-31T23:59:59Z"}` or `{"maxUsageCount": 5}`, never both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum PrivateLinkLimit {
    /// It books until then. A time in the past is accepted, and gives a link that has expired.
    #[serde(rename = "expiresAt")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    Until(Timestamp),
    /// It books so many times, once at least.
    #[serde(rename = "maxUsageCount")]
    Uses(u32),
}

#[cfg(feature = "private-links")]
mod wire {
    use std::num::NonZeroU64;

    use super::*;
    use crate::{
        Error, Result,
        generated::types,
        model::{Extra, FromWire},
    };

    impl FromWire for PrivateLink {
        type Wire = types::PrivateLink;

        fn from_wire(today: types::PrivateLink, extra: Extra) -> Self {
            Self {
                link_id: today.link_id.into(),
                event_type_id: today.event_type_id.map(EventTypeId),
                is_expired: today.is_expired.unwrap_or_default(),
                booking_url: today.booking_url,
                expires_at: today.expires_at,
                max_usage_count: today.max_usage_count,
                usage_count: today.usage_count,
                extra,
            }
        }
    }

    impl PrivateLinkLimit {
        /// `expiresAt` and `maxUsageCount`, of which one is there.
        pub(crate) fn to_wire(self) -> Result<(Option<Timestamp>, Option<NonZeroU64>)> {
            match self {
                Self::Until(time) => Ok((Some(time), None)),
                Self::Uses(count) => match NonZeroU64::new(count.into()) {
                    None => Err(Error::invalid("maxUsageCount", "must be at least 1")),
                    uses => Ok((None, uses)),
                },
            }
        }
    }
}
