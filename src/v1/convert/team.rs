//! Teams.

use super::{
    ConversionError, convert_by_table,
    table::{ConversionDirection, FieldMapping, Purpose, name, only_v1, only_v2, same},
};
use crate::{
    raw::types,
    v1::{
        Converted,
        types::{CreateTeam, PatchTeam, Team},
    },
};

const ORGANIZATION_ROUTES: &str = "V2 has routes of its own for organizations";

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")).read_only("V2 gives it"),
    same(name!("parentId")).read_only(ORGANIZATION_ROUTES),
    same(name!("isOrganization")).read_only(ORGANIZATION_ROUTES),
    same(name!("timeFormat")).read_only("V2 returns it, but takes it in no request"),
    same(name!("name")),
    same(name!("slug")),
    same(name!("logoUrl")),
    same(name!("calVideoLogo")),
    same(name!("appLogo")),
    same(name!("appIconLogo")),
    same(name!("bio")),
    same(name!("hideBranding")),
    same(name!("isPrivate")),
    same(name!("hideBookATeamMember")),
    same(name!("metadata")),
    same(name!("theme")),
    same(name!("brandColor")),
    same(name!("darkBrandColor")),
    same(name!("bannerUrl")),
    same(name!("timeZone")),
    same(name!("weekStart")),
    only_v1(&["createdAt", "pendingPayment"], "V2 does not return it"),
    same(name!("ownerId")).read_only("V2 makes the caller the owner"),
    only_v2(&["role", "accepted"], "V1 returns memberships on a route of their own"),
];

/// Converts a team of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(team: &types::Team) -> Result<Converted<Team>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, team)
}

/// Converts the body of `POST /teams`. As in V1, the caller is a member at once.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn create(team: &CreateTeam) -> Result<Converted<types::CreateTeam>, ConversionError> {
    let mut converted: Converted<types::CreateTeam> =
        convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Create, team)?;
    converted.value.auto_accept_creator = Some(true);
    Ok(converted)
}

/// Converts the body of `PATCH /teams/{id}`.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(team: &PatchTeam) -> Result<Converted<types::UpdateOrganizationTeam>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Update, team)
}
