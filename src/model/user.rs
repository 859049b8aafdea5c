//! The user that a credential belongs to.

#[cfg(any(feature = "me", feature = "platform"))]
mod update;

use jiff::Timestamp;

use super::{
    OrganizationId, UserId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

#[cfg(any(feature = "me", feature = "platform"))]
pub use self::update::{ClockFormat, UpdateUser};

documented! {
    /// A user, in the [documented form](crate::model#the-two-forms-of-json).
    ///
    /// The service does not send `createdDate` in its current versions; it is read if a response has it.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let user = client.me().get().await?;
    /// println!("{:?} is in {}", user.username, user.time_zone);
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct User {
        /// The id of the user.
        pub id: UserId,
        /// The e-mail address.
        pub email: String,
        /// The name in links to the user's booking page.
        pub username: Option<String>,
        /// The time zone, an IANA name.
        pub time_zone: String,
        /// The first day of the user's week: `Monday`.
        pub week_start: String,
        /// The time at which the user was created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub created_date: Option<Timestamp>,
        /// The organization that the user belongs to.
        pub organization_id: Option<OrganizationId>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("me", crate::model::wire::read_wire::<Self>),
}

reads_wire!("me", User => crate::generated::types::Me);
debug_shows!(User { id, time_zone, week_start, organization_id });

#[cfg(feature = "me")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, RawValueRef},
    };

    impl FromWire for User {
        type Wire = types::MeParts;

        fn from_wire(me: types::MeParts, extra: RawValueRef) -> Self {
            Self {
                id: UserId(me.id),
                email: me.email,
                username: me.username,
                time_zone: me.time_zone,
                week_start: me.week_start,
                created_date: me.created_date.and_then(|text| text.parse().ok()),
                organization_id: me.organization_id.map(OrganizationId),
                extra,
            }
        }
    }
}
