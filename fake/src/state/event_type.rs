//! An event type: what can be booked, how long it takes and under which rules. Parts that only travel through the
//! service (layouts, colours, limits) stay the JSON they were.

use jiff::Timestamp;
use serde_json::{Map, Value};

#[derive(Clone, Debug)]
pub struct EventType {
    pub id: i64,
    pub owner: i64,
    pub title: String,
    pub slug: String,
    pub description: Option<String>,
    /// Minutes.
    pub length: i64,
    /// The lengths a booker may choose from; empty when it is fixed.
    pub length_options: Vec<i64>,
    /// In the form of the new routes.
    pub locations: Vec<Value>,
    /// The fields an owner added or changed, in the form of the new routes.
    pub fields: Vec<Value>,
    pub schedule: Option<i64>,
    /// Minutes; nothing: the length.
    pub slot_interval: Option<i64>,
    /// Minutes from now before which nothing can be booked.
    pub notice: i64,
    pub buffer_before: i64,
    pub buffer_after: i64,
    pub offset_start: i64,
    pub recurrence: Option<Recurrence>,
    pub seats: Option<Seats>,
    pub confirmation: Option<Confirmation>,
    pub hidden: bool,
    pub disable_guests: bool,
    pub only_first_slot: bool,
    /// `bookingWindow` in the form of the new routes.
    pub window: Option<Value>,
    /// Every other property that the create or update named, as it was named.
    pub rest: Map<String, Value>,
    pub links: Vec<PrivateLink>,
    /// Made by the old route; some answers show that.
    pub old_style: bool,
    pub position: i64,
    /// An update by the newer route leaves the name field without its variants.
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

/// When a host has to say yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    /// Minutes of notice under which it is needed; nothing: always.
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

    /// Whether a booking of it made at `now` for `start` waits for the host.
    pub fn needs_confirmation(&self, now: Timestamp, start: Timestamp) -> bool {
        match &self.confirmation {
            None => false,
            Some(Confirmation { under_notice: None, .. }) => true,
            Some(Confirmation { under_notice: Some((count, unit)), .. }) => {
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
