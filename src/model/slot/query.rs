//! Queries for slots, in the documented form, and their validation.

use std::num::NonZeroU64;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    error::{FieldError, refused},
    model::{
        BookingUid, EventTypeId,
        zone::{TimeZoneName, check_time_zone},
    },
    redact::debug_shows,
};

/// The query for free slots: an event type, a range of time and options.
///
/// It has the [documented](crate::model#the-documented-interface) fields, and further ones that the service takes. A query
/// names an event type by its id ([`new`](Self::new)), by its slug and user ([`for_user`](Self::for_user)), or by its slug and
/// team ([`for_team`](Self::for_team)). Or it names several users without an event type ([`for_users`](Self::for_users)).
///
/// ```
/// use calcom::model::SlotQuery;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let query = SlotQuery::new(2026361, "2025-01-15T00:00:00Z".parse()?, "2025-01-16T00:00:00Z".parse()?)
///     .time_zone("Europe/Berlin")
///     .duration(30);
/// // let slots = client.slots().list(&query).await?;
/// # let _ = query;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct SlotQuery {
    /// The event type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type_id: Option<EventTypeId>,
    /// The start of the range. An event type with a rolling booking window ignores it: its response begins with the window.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start_time: Timestamp,
    /// The end of the range; midnight in UTC (`2025-01-16T00:00:00Z`) means the end of the day that begins then. If it is
    /// before `startTime`, the response has no slots.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub end_time: Timestamp,
    /// The time zone of the dates in the response, an IANA name; default UTC. The instants are the same in zones that differ
    /// from UTC by whole hours; in others slots begin on the grid of that zone (09:00 in Kathmandu is 03:15 in UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The length in minutes; only for event types that offer several lengths, and for `usernames` (default for these: 30). The
    /// service returns slots of any length, and refuses the booking of one that is not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// The slug of the event type, together with `username` or `teamSlug`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type_slug: Option<String>,
    /// The user name of the owner of the event type with the slug `eventTypeSlug`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The slug of the team that owns the event type with the slug `eventTypeSlug`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_slug: Option<String>,
    /// The slug of the organization of the user or the team; required with `usernames`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_slug: Option<String>,
    /// The names of at least two users: slots are times at which all of them are free.
    #[serde(default, deserialize_with = "crate::model::null_as_none", skip_serializing_if = "Vec::is_empty")]
    pub usernames: Vec<String>,
    /// The booking to reschedule: its own time counts as free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_uid_to_reschedule: Option<BookingUid>,
    /// Whether slots have their end too; default: the start alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<SlotFormat>,
}

/// The detail of slots in a response: the start alone, or start and end.
///
/// ```
/// use calcom::model::{SlotFormat, SlotQuery};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let query = SlotQuery::new(2026361, "2025-01-15T00:00:00Z".parse()?, "2025-01-16T00:00:00Z".parse()?).with_ends();
/// assert_eq!(query.format, Some(SlotFormat::Range));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SlotFormat {
    /// The start alone; [`Slot::end`](super::Slot::end) is `None`.
    Time,
    /// Start and end.
    Range,
}

debug_shows!(SlotQuery { event_type_id, start_time, end_time, time_zone, duration, format });

impl SlotQuery {
    /// A query for slots of an event type between two times.
    pub fn new(event_type: impl Into<EventTypeId>, start: Timestamp, end: Timestamp) -> Self {
        Self { event_type_id: Some(event_type.into()), ..Self::between(start, end) }
    }

    /// A query for slots of a user's event type, by the names in its link: `cal.com/johndoe/30min`.
    pub fn for_user(
        username: impl Into<String>,
        event_type_slug: impl Into<String>,
        start: Timestamp,
        end: Timestamp,
    ) -> Self {
        Self {
            username: Some(username.into()),
            event_type_slug: Some(event_type_slug.into()),
            ..Self::between(start, end)
        }
    }

    /// A query for slots of a team's event type, by the names in its link: `cal.com/team/sales/30min`.
    pub fn for_team(
        team_slug: impl Into<String>,
        event_type_slug: impl Into<String>,
        start: Timestamp,
        end: Timestamp,
    ) -> Self {
        Self {
            team_slug: Some(team_slug.into()),
            event_type_slug: Some(event_type_slug.into()),
            ..Self::between(start, end)
        }
    }

    /// A query for times at which all of these users of an organization are free.
    pub fn for_users(
        usernames: impl IntoIterator<Item = impl Into<String>>,
        organization_slug: impl Into<String>,
        start: Timestamp,
        end: Timestamp,
    ) -> Self {
        Self {
            usernames: usernames.into_iter().map(Into::into).collect(),
            organization_slug: Some(organization_slug.into()),
            ..Self::between(start, end)
        }
    }

    fn between(start: Timestamp, end: Timestamp) -> Self {
        Self {
            event_type_id: None,
            start_time: start,
            end_time: end,
            time_zone: None,
            duration: None,
            event_type_slug: None,
            username: None,
            team_slug: None,
            organization_slug: None,
            usernames: Vec::new(),
            booking_uid_to_reschedule: None,
            format: None,
        }
    }

    /// Sets the time zone of the dates in the response, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Sets the length in minutes.
    #[must_use]
    pub fn duration(mut self, minutes: u32) -> Self {
        self.duration = Some(minutes);
        self
    }

    /// Sets the organization of the user or the team, by its slug.
    #[must_use]
    pub fn organization(mut self, slug: impl Into<String>) -> Self {
        self.organization_slug = Some(slug.into());
        self
    }

    /// Sets the booking to reschedule: its own time counts as free.
    #[must_use]
    pub fn to_reschedule(mut self, booking: impl Into<BookingUid>) -> Self {
        self.booking_uid_to_reschedule = Some(booking.into());
        self
    }

    /// Asks for the [end](super::Slot::end) of every slot.
    #[must_use]
    pub fn with_ends(mut self) -> Self {
        self.format = Some(SlotFormat::Range);
        self
    }

    /// Validates the query for `GET /v2/slots`, and converts the fields that have another form in that query.
    pub(crate) fn to_wire(&self) -> Result<ConvertedSlotFields> {
        let mut problems = self.problems();
        if !self.usernames.is_empty() {
            if self.usernames.len() < 2 {
                problems.push(FieldError::new("usernames", "must be at least two"));
            }
            if self.organization_slug.is_none() {
                problems.push(FieldError::new("organizationSlug", "is required with usernames"));
            }
        }
        self.parameters(problems)
    }

    /// The same for `GET /v2/slots/available`, which takes neither teams nor several users.
    pub(crate) fn to_legacy_wire(&self) -> Result<ConvertedSlotFields> {
        let mut problems = self.problems();
        for (field, given) in [("teamSlug", self.team_slug.is_some()), ("usernames", !self.usernames.is_empty())] {
            if given {
                problems.push(FieldError::new(field, "is not offered by the older route"));
            }
        }
        self.parameters(problems)
    }

    fn parameters(&self, problems: Vec<FieldError>) -> Result<ConvertedSlotFields> {
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        Ok(ConvertedSlotFields {
            start: self.start_time.to_string(),
            end: self.end_time.to_string(),
            duration: self.duration.and_then(|minutes| NonZeroU64::new(minutes.into())),
            usernames: (!self.usernames.is_empty()).then(|| self.usernames.join(",")),
        })
    }

    fn problems(&self) -> Vec<FieldError> {
        let mut problems = self.event_type_problems();
        for (field, text) in [
            ("eventTypeSlug", &self.event_type_slug),
            ("username", &self.username),
            ("teamSlug", &self.team_slug),
            ("organizationSlug", &self.organization_slug),
        ] {
            if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
                problems.push(FieldError::new(field, "must not be empty"));
            }
        }
        for (at, name) in self.usernames.iter().enumerate() {
            if name.trim().is_empty() || name.contains(',') {
                problems.push(FieldError::new(format!("usernames[{at}]"), "must be one user name"));
            }
        }
        problems.extend(self.time_zone.as_deref().and_then(|zone| check_time_zone("timeZone", zone)));
        if self.duration == Some(0) {
            problems.push(FieldError::new("duration", "must be at least 1"));
        }
        problems
    }
}

impl SlotQuery {
    /// Problems of the fields that name the event type: the service refuses two ways at once.
    fn event_type_problems(&self) -> Vec<FieldError> {
        let given = |fields: &[(&'static str, bool)]| -> Vec<&'static str> {
            fields.iter().filter(|(_, given)| *given).map(|(field, _)| *field).collect()
        };
        let besides = |first: &str, others: &[&'static str]| -> Vec<FieldError> {
            others.iter().map(|field| FieldError::new(*field, format!("cannot stand beside {first}"))).collect()
        };
        let ways = given(&[
            ("eventTypeId", self.event_type_id.is_some()),
            ("eventTypeSlug", self.event_type_slug.is_some()),
            ("usernames", !self.usernames.is_empty()),
        ]);
        let owners = given(&[("username", self.username.is_some()), ("teamSlug", self.team_slug.is_some())]);
        let mut problems = match ways.split_first() {
            None => vec![FieldError::new("eventTypeId", "is required, unless eventTypeSlug or usernames are given")],
            Some((first, others)) => besides(first, others),
        };
        match (ways.contains(&"eventTypeSlug"), owners.split_first()) {
            (true, None) => problems.push(FieldError::new("eventTypeSlug", "needs username or teamSlug beside it")),
            (true, Some((first, others))) => problems.extend(besides(first, others)),
            (false, _) => {
                problems.extend(owners.iter().map(|field| FieldError::new(*field, "goes with eventTypeSlug only")));
            }
        }
        problems
    }
}

/// The fields of a valid [`SlotQuery`] that have another form on the wire. The facade sends the others as they are.
pub(crate) struct ConvertedSlotFields {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) duration: Option<NonZeroU64>,
    pub(crate) usernames: Option<String>,
}
