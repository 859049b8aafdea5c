//! The fixtures of a seed, as JSON has them.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SeedService {
    Hosted,
    SelfHosted,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedLimit {
    pub(super) name: String,
    pub(super) limit: u64,
    pub(super) window: SignedDuration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedUser {
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) week_start: Option<String>,
    pub(super) api_key: Option<String>,
    #[serde(default)]
    pub(super) administrator: bool,
    #[serde(default)]
    pub(super) schedules: Vec<SeedSchedule>,
    #[serde(default)]
    pub(super) out_of_office: Vec<SeedAbsence>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedSchedule {
    pub(super) name: String,
    pub(super) time_zone: Option<String>,
    #[serde(default)]
    pub(super) availability: Vec<SeedHours>,
}

/// Hours on days of the week; 0 is Sunday.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedHours {
    pub(super) days: Vec<u8>,
    pub(super) start_time: String,
    pub(super) end_time: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedAbsence {
    pub(super) from: Date,
    pub(super) to: Date,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedTeam {
    pub(super) slug: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) is_organization: bool,
    pub(super) organization: Option<String>,
    #[serde(default)]
    pub(super) members: Vec<SeedMember>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedMember {
    pub(super) username: String,
    #[serde(default)]
    pub(super) role: SeedRole,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SeedRole {
    #[default]
    Member,
    Admin,
    Owner,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedEventType {
    pub(super) user: Option<String>,
    pub(super) team: Option<String>,
    pub(super) slug: String,
    pub(super) length_in_minutes: i64,
    pub(super) scheduling_type: Option<SeedScheduling>,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    /// Further properties of the request that creates an event type.
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SeedScheduling {
    Collective,
    RoundRobin,
    Managed,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedBooking {
    pub(super) user: String,
    pub(super) event_type: String,
    pub(super) start: Timestamp,
    pub(super) uid: Option<String>,
    #[serde(default)]
    pub(super) status: SeedStatus,
    #[serde(default)]
    pub(super) attendees: Vec<SeedAttendee>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SeedStatus {
    #[default]
    Accepted,
    Pending,
    Rejected,
    Cancelled,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedAttendee {
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedWebhook {
    pub(super) user: String,
    pub(super) event_type: Option<String>,
    pub(super) subscriber_url: String,
    pub(super) triggers: Vec<String>,
    pub(super) secret: Option<String>,
}
