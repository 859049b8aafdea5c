//! Event types of the builder.

use serde_json::{Value, json};

use super::super::api::event_types::input::{PROPERTIES, apply_create};
use super::super::api::teams::update_copies;
use super::super::state::{EventType, EventTypeHost, IdKind, SchedulingType, State, TeamEventTypeFields};
use super::super::suggestions::nearest;

/// An event type of the fake.
///
/// ```
/// use calcom_fake::FakeEventType;
///
/// let event_type = FakeEventType::new("johndoe", "intro", 30)
///     .title("First meeting")
///     .with("minimumBookingNotice", 120.into())
///     .requires_confirmation();
/// # let _ = event_type;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeEventType {
    owner: String,
    /// Whether the owner is a team.
    of_team: bool,
    scheduling: SchedulingType,
    hosts: Vec<String>,
    body: Value,
}

impl FakeEventType {
    /// Creates an event type of `minutes` minutes, without notice and without confirmation.
    pub fn new(username: &str, slug: &str, minutes: i64) -> Self {
        let body = json!({ "lengthInMinutes": minutes, "title": slug, "slug": slug, "minimumBookingNotice": 0 });
        let (of_team, scheduling) = (false, SchedulingType::Collective);
        Self { owner: username.to_owned(), of_team, scheduling, hosts: Vec::new(), body }
    }

    /// Creates an event type of a team. All members are its hosts, together, unless hosts are named.
    ///
    /// ```
    /// use calcom_fake::FakeEventType;
    ///
    /// let together = FakeEventType::of_team("sales", "demo", 30).collective(&["ada", "bob"]);
    /// let round_robin = FakeEventType::of_team("sales", "call", 15).round_robin(&["ada", "bob"]);
    /// let for_each = FakeEventType::of_team("sales", "intro", 30).managed(&["ada", "bob"]);
    /// # let _ = (together, round_robin, for_each);
    /// ```
    pub fn of_team(team: &str, slug: &str, minutes: i64) -> Self {
        Self { of_team: true, ..Self::new(team, slug, minutes) }
    }

    /// Names users who all hold each meeting.
    pub fn collective(self, usernames: &[&str]) -> Self {
        self.shared(SchedulingType::Collective, usernames)
    }

    /// Names users of whom one holds each meeting: the one with the fewest bookings.
    pub fn round_robin(self, usernames: &[&str]) -> Self {
        self.shared(SchedulingType::RoundRobin, usernames)
    }

    /// Names users who get a copy of the event type each. The event type itself cannot be booked.
    pub fn managed(self, usernames: &[&str]) -> Self {
        self.shared(SchedulingType::Managed, usernames)
    }

    fn shared(mut self, scheduling: SchedulingType, usernames: &[&str]) -> Self {
        self.scheduling = scheduling;
        self.hosts = usernames.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Sets a property of the request that creates an event type (`cal-api-version: 2024-06-14`).
    ///
    /// # Panics
    /// If no event type has such a property. The message names the nearest ones.
    pub fn with(self, property: &str, value: Value) -> Self {
        match self.try_with(property, value) {
            Ok(event_type) => event_type,
            #[expect(clippy::panic, reason = "an ignored property has no effect on the test")]
            Err(message) => panic!("{message}"),
        }
    }

    /// As [`Self::with`], with the message as an error.
    pub(crate) fn try_with(mut self, property: &str, value: Value) -> Result<Self, String> {
        if !PROPERTIES.contains(&property) {
            let near = nearest(property, PROPERTIES.iter().map(|name| (*name).to_owned()));
            return Err(format!("an event type has no property `{property}`; the nearest are {near}"));
        }
        if let Some(map) = self.body.as_object_mut() {
            map.insert(property.to_owned(), value);
        }
        Ok(self)
    }

    /// Sets the title.
    pub fn title(self, title: &str) -> Self {
        self.with("title", title.into())
    }

    /// Sets the lengths that a booker may choose from, in minutes.
    pub fn lengths(self, minutes: &[i64]) -> Self {
        self.with("lengthInMinutesOptions", minutes.into())
    }

    /// Makes every booking wait for the confirmation of the host.
    pub fn requires_confirmation(self) -> Self {
        self.with("confirmationPolicy", json!({ "type": "always", "blockUnconfirmedBookingsInBooker": false }))
    }

    /// Makes each booking a weekly series of `occurrences` bookings.
    pub fn weekly(self, occurrences: i64) -> Self {
        self.with("recurrence", json!({ "frequency": "weekly", "interval": 1, "occurrences": occurrences }))
    }

    /// Gives each slot `seats` seats. Attendees see each other.
    pub fn seats(self, seats: i64) -> Self {
        let seats = json!({ "seatsPerTimeSlot": seats, "showAttendeeInfo": true, "showAvailabilityCount": true });
        self.with("seats", seats)
    }

    /// Hides the event type from public lists.
    pub fn hidden(self) -> Self {
        self.with("hidden", true.into())
    }

    pub(super) fn insert_into(self, state: &mut State) {
        let team = self.of_team.then(|| state.expect_team(&self.owner));
        let owner = if self.of_team { 0 } else { state.expect_user(&self.owner).id };
        let id = state.ids.number(IdKind::EventType);
        let mut event = EventType::plain(id, owner, "", "", 0);
        if let Some(body) = self.body.as_object() {
            apply_create(&mut event, body);
        }
        if let Some(team) = team {
            let host = |name: &String| EventTypeHost::plain(state.expect_user(name).id);
            let hosts: Vec<EventTypeHost> = self.hosts.iter().map(host).collect();
            let assign_all = hosts.is_empty();
            event.team = Some(TeamEventTypeFields { team, scheduling: self.scheduling, hosts, assign_all });
        }
        state.event_types.push(event);
        update_copies(state, id);
    }
}
