//! Webhook subscriptions.

use serde_json::Value;

use super::{
    ConversionError, convert_by_table,
    table::{ConversionDirection, ConversionOutput, FieldMapping, Purpose, group, name, only_v2, renamed, same},
};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason,
        schema::JsonObject,
        types::{CreateWebhook, PatchWebhook, Webhook},
    },
};

const NOT_IN_V1: &str = "V1 does not return it";
const OWNED_BY_CALLER: &str = "V2 makes it the caller's";

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")).read_only("V2 gives it"),
    same(name!("userId")).read_only(OWNED_BY_CALLER),
    same(name!("eventTypeId")).read_only("V2 says it in the path"),
    same(name!("payloadTemplate")),
    renamed(name!("eventTriggers"), name!("triggers")),
    same(name!("appId")).read_only("V2 gives it"),
    same(name!("subscriberUrl")),
    group(name!("active"), name!("active"), active_to_v2, active_to_v1),
    same(name!("secret")).write_only(NOT_IN_V1),
    only_v2(&["teamId", "oAuthClientId", "version", "platform", "time", "timeUnit", "createdAt"], NOT_IN_V1),
];

/// V1 has `active` in requests only. V2 requires it in requests and has it in responses.
fn active_to_v2(webhook: &JsonObject, out: &mut ConversionOutput) {
    match webhook.get("active") {
        Some(active) => out.put("active", active.clone()),
        None if out.is_request() => {}
        None => {
            out.put("active", true);
            out.report_loss("active", LossReason::MadeUp(NOT_IN_V1));
        }
    }
}

fn active_to_v1(webhook: &JsonObject, out: &mut ConversionOutput) {
    if webhook.get("active") == Some(&Value::Bool(false)) {
        out.report_loss("active", LossReason::Dropped(NOT_IN_V1));
    }
}

/// Converts a webhook of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(webhook: &types::Webhook) -> Result<Converted<Webhook>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, webhook)
}

/// Converts a webhook of V1 to V2's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V2 requires is missing.
pub fn to_v2(webhook: &Webhook) -> Result<Converted<types::Webhook>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Read, webhook)
}

/// Converts the body of `POST /webhooks`. The event type is part of V2's path, so the caller chooses the route by it.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn create(webhook: &CreateWebhook) -> Result<Converted<types::CreateWebhook>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Create, webhook)
}

/// Converts the body of `PATCH /webhooks/{id}`.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(webhook: &PatchWebhook) -> Result<Converted<types::UpdateWebhook>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Update, webhook)
}
