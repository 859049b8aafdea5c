//! The user of the key.

use super::{
    ConversionError, convert_by_table,
    table::{ConversionDirection, FieldMapping, Purpose, name, only_v1, only_v2, renamed, same},
};
use crate::{
    raw::types::Me,
    v1::{Converted, types::User},
};

const NOT_IN_V2: &str = "V2 does not return it";

pub(super) const TABLE: &[FieldMapping] = &[
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
        NOT_IN_V2,
    ),
    only_v2(&["organizationId", "organization"], "V1 does not return it here"),
];

/// Converts a user of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(user: &Me) -> Result<Converted<User>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, user)
}
