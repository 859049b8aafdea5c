//! Subscriptions.

use serde_json::Value;

use super::{
    NoForm, by_table,
    table::{Out, Row, Use, Way, name, only_v2, renamed, same, several},
};
use crate::{
    raw::types,
    v1::{
        Converted, Why,
        shape::Object,
        types::{CreateWebhook, PatchWebhook, Webhook},
    },
};

const NOT_TOLD: &str = "V1 does not tell it";
const CALLERS: &str = "V2 makes it the caller's";

pub(super) const TABLE: &[Row] = &[
    same(name!("id")).read_only("V2 gives it"),
    same(name!("userId")).read_only(CALLERS),
    same(name!("eventTypeId")).read_only("V2 says it in the path"),
    same(name!("payloadTemplate")),
    renamed(name!("eventTriggers"), name!("triggers")),
    same(name!("appId")).read_only("V2 gives it"),
    same(name!("subscriberUrl")),
    several(name!("active"), name!("active"), active_to_v2, active_to_v1),
    same(name!("secret")).write_only(NOT_TOLD),
    only_v2(&["teamId", "oAuthClientId", "version", "platform", "time", "timeUnit", "createdAt"], NOT_TOLD),
];

/// V1 takes it in requests and tells it in no answer; V2 always wants and tells it.
fn active_to_v2(webhook: &Object, out: &mut Out) {
    match webhook.get("active") {
        Some(active) => out.put("active", active.clone()),
        None if out.is_request() => {}
        None => {
            out.put("active", true);
            out.lose("active", Why::MadeUp(NOT_TOLD));
        }
    }
}

fn active_to_v1(webhook: &Object, out: &mut Out) {
    if webhook.get("active") == Some(&Value::Bool(false)) {
        out.lose("active", Why::Dropped(NOT_TOLD));
    }
}

/// V2's webhook as V1 told it.
///
/// # Errors
///
/// Where V2's lacks what V1 must have.
pub fn to_v1(webhook: &types::Webhook) -> Result<Converted<Webhook>, NoForm> {
    by_table(TABLE, Way::ToV1, Use::Read, webhook)
}

/// V1's webhook as V2 tells it.
///
/// # Errors
///
/// Where V1's lacks what V2 must have.
pub fn to_v2(webhook: &Webhook) -> Result<Converted<types::Webhook>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Read, webhook)
}

/// What `POST /webhooks` becomes: the body of V2's, for the caller or for the event type that it names.
///
/// # Errors
///
/// Where V2 takes no such webhook.
pub fn create(webhook: &CreateWebhook) -> Result<Converted<types::CreateWebhook>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Make, webhook)
}

/// What `PATCH /webhooks/{id}` becomes.
///
/// # Errors
///
/// Where V2 takes no such change.
pub fn patch(webhook: &PatchWebhook) -> Result<Converted<types::UpdateWebhook>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Change, webhook)
}
