//! Private links: links to an event type that expire at a time or after a number of bookings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    EventTypeId, PrivateLinkId,
    documented::{documented, reads_wire},
    one_form::null_as_default,
};
use crate::redact::debug_shows;

documented! {
    /// A private link: it lets its visitors book an event type, hidden or not, until a time or for a number of bookings.
    ///
    /// The link needs no credential.
    #[serde(rename_all = "camelCase")]
    pub struct PrivateLink {
        /// The id of the link, and the secret part of its URL.
        pub link_id: PrivateLinkId,
        /// The event type that it books.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_type_id: Option<EventTypeId>,
        /// Whether it has expired.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_expired: bool,
        /// The URL of its booking page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub booking_url: Option<String>,
        /// The time at which the link expires; `None` if a number of bookings limits it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub expires_at: Option<Timestamp>,
        /// The number of bookings after which it expires; missing if it is limited by a time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_usage_count: Option<i64>,
        /// The number of bookings so far; missing if it is limited by a time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub usage_count: Option<i64>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("private-links", crate::model::wire::read_wire::<Self>),
}

reads_wire!("private-links", PrivateLink => crate::generated::types::PrivateLink);
debug_shows!(PrivateLink { event_type_id, is_expired, expires_at, max_usage_count, usage_count });

/// The limit of a private link: `{"expiresAt": "2026-12-31T23:59:59Z"}` or `{"maxUsageCount": 5}`, never both.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::PrivateLinkLimit;
///
/// let link = client.event_types().create_private_link(2026361, PrivateLinkLimit::Uses(1)).await?;
/// println!("{:?} can be booked once", link.booking_url);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum PrivateLinkLimit {
    /// It expires at this time. The service accepts a time in the past, and creates a link that has expired.
    #[serde(rename = "expiresAt")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    Until(Timestamp),
    /// It expires after this number of bookings, at least 1.
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
        model::{FromWire, RawValueRef},
    };

    impl FromWire for PrivateLink {
        type Wire = types::PrivateLink;

        fn from_wire(wire: types::PrivateLink, extra: RawValueRef) -> Self {
            Self {
                link_id: wire.link_id.into(),
                event_type_id: wire.event_type_id.map(EventTypeId),
                is_expired: wire.is_expired.unwrap_or_default(),
                booking_url: wire.booking_url,
                expires_at: wire.expires_at,
                max_usage_count: wire.max_usage_count,
                usage_count: wire.usage_count,
                extra,
            }
        }
    }

    impl PrivateLinkLimit {
        /// Returns `expiresAt` and `maxUsageCount`, one of which is set.
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
