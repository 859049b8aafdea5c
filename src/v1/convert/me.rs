//! The user behind the key.

use super::{
    NoForm, by_table,
    table::{Row, Use, Way, name, only_v1, only_v2, renamed, same},
};
use crate::{
    raw::types::Me,
    v1::{Converted, types::User},
};

const UNTOLD: &str = "V2 does not tell it";

pub(super) const TABLE: &[Row] = &[
    same(name!("id")),
    same(name!("username")),
    same(name!("name")),
    same(name!("email")),
    same(name!("bio")),
    renamed(name!("avatar"), name!("avatarUrl")),
    same(name!("timeZone")),
    same(name!("weekStart")),
    same(name!("timeFormat")),
    same(name!("defaultScheduleId")),
    only_v1(
        &[
            "emailVerified",
            "endTime",
            "bufferTime",
            "appTheme",
            "theme",
            "locale",
            "hideBranding",
            "brandColor",
            "darkBrandColor",
            "allowDynamicBooking",
            "createdDate",
            "verified",
            "invitedTo",
            "role",
        ],
        UNTOLD,
    ),
    only_v2(&["organizationId", "organization"], "V1 does not tell it here"),
];

/// V2's user as V1 told it.
///
/// # Errors
///
/// Where V2's lacks what V1 must have.
pub fn to_v1(user: &Me) -> Result<Converted<User>, NoForm> {
    by_table(TABLE, Way::ToV1, Use::Read, user)
}
