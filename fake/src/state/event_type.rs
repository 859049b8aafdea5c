//! Event types. Properties that the fake does not use (layouts, colours) are kept as JSON.

use jiff::Timestamp;

use super::team::TeamEventTypeFields;
use serde_json::{Map, Value};

#[derive(Clone, Debug)]
pub struct EventType {
    pub id: i64,
    /// 0 for an event type of a team.
    pub owner: i64,
    /// For an event type of a team.
    pub team: Option<TeamEventTypeFields>,
    /// The id of the managed event type that this one is a copy of.
    pub parent: Option<i64>,
    pub title: String,
    pub slug: String,
    pub description: Option<String>,
    /// The length in minutes.
    pub length: i64,
    /// The lengths that a booker may choose from. Empty if the length is fixed.
    pub length_options: Vec<i64>,
    /// In the form of version 2024-06-14.
    pub locations: Vec<Value>,
    /// The fields that the owner added or changed, in the form of version 2024-06-14.
    pub fields: Vec<Value>,
    pub schedule: Option<i64>,
    /// In minutes. Default: the length.
    pub slot_interval: Option<i64>,
    /// The minimum notice, in minutes.
    pub notice: i64,
    pub buffer_before: i64,
    pub buffer_after: i64,
    pub offset_start: i64,
    pub recurrence: Option<Recurrence>,
    pub seats: Option<Seats>,
    pub confirmation: Option<ConfirmationPolicy>,
    pub hidden: bool,
    pub disable_guests: bool,
    pub only_first_slot: bool,
    /// `bookingWindow` in the form of version 2024-06-14.
    pub window: Option<Value>,
    /// All other properties of the create or update request, as they were sent.
    pub rest: Map<String, Value>,
    pub links: Vec<PrivateLink>,
    /// Whether the older route created it, which some responses show.
    pub old_style: bool,
    pub position: i64,
    /// Whether the newer route updated it, after which the name field has no variants.
    pub plain_name: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    pub interval: i64,
    pub occurrences: i64,
    /// `weekly`, `monthly`, `yearly`, ...
    pub frequency: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    pub per_slot: i64,
    pub show_attendees: bool,
    pub show_count: bool,
}

/// The bookings that need the confirmation of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfirmationPolicy {
    /// The notice below which it is needed. `None`: always.
    pub under_notice: Option<(i64, String)>,
    pub blocks_slot: bool,
}

/// A private booking link.
#[derive(Clone, Debug)]
pub struct PrivateLink {
    pub id: String,
    pub expires: Option<Timestamp>,
    pub max_usage: Option<i64>,
    pub usage: i64,
}

impl EventType {
    /// A plain event type with the service's defaults.
    pub fn plain(id: i64, owner: i64, slug: &str, title: &str, length: i64) -> Self {
        Self {
            id,
            owner,
            team: None,
            parent: None,
            title: title.to_owned(),
            slug: slug.to_owned(),
            description: None,
            length,
            length_options: Vec::new(),
            locations: Vec::new(),
            fields: Vec::new(),
            schedule: None,
            slot_interval: None,
            notice: 120,
            buffer_before: 0,
            buffer_after: 0,
            offset_start: 0,
            recurrence: None,
            seats: None,
            confirmation: None,
            hidden: false,
            disable_guests: false,
            only_first_slot: false,
            window: None,
            rest: Map::new(),
            links: Vec::new(),
            old_style: false,
            position: 0,
            plain_name: false,
        }
    }

    /// Whether a booking made at `now` for `start` needs the confirmation of the host.
    pub fn needs_confirmation(&self, now: Timestamp, start: Timestamp) -> bool {
        match &self.confirmation {
            None => false,
            Some(ConfirmationPolicy { under_notice: None, .. }) => true,
            Some(ConfirmationPolicy { under_notice: Some((count, unit)), .. }) => {
                let minutes = match unit.as_str() {
                    "days" => count * 24 * 60,
                    "hours" => count * 60,
                    _ => *count,
                };
                start.as_second() - now.as_second() < minutes * 60
            }
        }
    }
}
