//! Memberships of teams.

use super::{
    ConversionError, convert_by_table,
    table::{ConversionDirection, FieldMapping, Purpose, name, only_v1, only_v2, same},
};
use crate::{
    raw::types,
    v1::{
        Converted,
        types::{CreateMembership, Membership, PatchMembership},
    },
};

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")).read_only("V2 gives it"),
    // The path of V2's requests names the team.
    same(name!("teamId")).read_only("a membership stays in its team"),
    same(name!("userId")),
    same(name!("accepted")),
    same(name!("role")),
    same(name!("disableImpersonation")),
    only_v1(&["customRoleId", "createdAt", "updatedAt"], "V2 does not return it"),
    only_v2(name!("user"), "V1 does not return the profile of the user"),
];

/// Converts a membership of V2 to V1's form.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(membership: &types::TeamMembership) -> Result<Converted<Membership>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, membership)
}

/// Converts the body of `POST /memberships`. The path of V2's request names the team.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn create(membership: &CreateMembership) -> Result<Converted<types::CreateTeamMembership>, ConversionError> {
    let mut converted: Converted<types::CreateTeamMembership> =
        convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Create, membership)?;
    converted.losses.retain(|loss| loss.field != "teamId");
    Ok(converted)
}

/// Converts the body of `PATCH /memberships/{userId}_{teamId}`.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(membership: &PatchMembership) -> Result<Converted<types::UpdateTeamMembership>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Update, membership)
}
