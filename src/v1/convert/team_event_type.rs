//! Event types of teams. V1 had one route for all event types; V2 has routes of its own for those of teams.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    ConversionError, event_type,
    event_type_parts::{scheduling_to_v1, scheduling_to_v2},
    table::{ConversionDirection, FieldMapping, Purpose, convert_parts, name, nested, only_v1, same, value},
    to_object,
};
use crate::{
    raw::types,
    v1::{
        Converted,
        schema::JsonObject,
        types::{CreateEventType, PatchEventType},
    },
};

/// What the event types of teams have beyond those of users.
const TABLE: &[FieldMapping] = &[
    same(name!("teamId")).read_only("V2 cannot move an event type to another team"),
    value(name!("schedulingType"), name!("schedulingType"), scheduling_to_v2, scheduling_to_v1),
    nested(name!("hosts"), name!("hosts"), event_type::HOST),
    same(name!("assignAllTeamMembers")),
    same(name!("parentId")).read_only(event_type::DERIVED_BY_V2),
    only_v1(name!("children"), event_type::DERIVED_BY_V2),
];

const FIELDS: [&str; 6] = ["teamId", "schedulingType", "hosts", "assignAllTeamMembers", "parentId", "children"];

fn to_v2<T: DeserializeOwned + Serialize>(
    purpose: Purpose,
    event_type: &impl Serialize,
) -> Result<Converted<T>, ConversionError> {
    let (team, own): (JsonObject, JsonObject) =
        to_object(event_type).into_iter().partition(|(name, _)| FIELDS.contains(&name.as_str()));
    let parts = [(event_type::TABLE, &own), (TABLE, &team)];
    convert_parts(&parts, ConversionDirection::ToV2, purpose).map_err(|error| ConversionError(error.to_string()))
}

/// Converts the body of `POST /event-types` with a `teamId`.
///
/// # Errors
///
/// V2 cannot express the request, because it has no `schedulingType` for example.
pub fn create(event_type: &CreateEventType) -> Result<Converted<types::CreateTeamEventType>, ConversionError> {
    // The path names the team.
    let event_type = CreateEventType { team_id: crate::Patch::Keep, ..event_type.clone() };
    to_v2(Purpose::Create, &event_type)
}

/// Converts the body of `PATCH /event-types/{id}`, for an event type of a team.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(event_type: &PatchEventType) -> Result<Converted<types::UpdateTeamEventType>, ConversionError> {
    to_v2(Purpose::Update, event_type)
}
