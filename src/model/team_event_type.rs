//! Event types of teams: how their hosts share the bookings.

#[cfg(all(feature = "event-types", feature = "teams"))]
mod input;

use serde_json::Value;

use super::{EventType, EventTypeId, UserId, one_form::one_form, open_enum::open_enum};

#[cfg(all(feature = "event-types", feature = "teams"))]
pub use self::input::{CreateTeamEventType, NewHost, UpdateTeamEventType};

open_enum! {
    /// How the hosts of an event type share its bookings.
    ///
    /// ```
    /// use calcom::model::SchedulingType;
    ///
    /// assert_eq!(SchedulingType::from("roundRobin"), SchedulingType::RoundRobin);
    /// ```
    pub enum SchedulingType {
        /// All hosts attend every booking: a slot is free if all of them are.
        Collective = "collective",
        /// One host attends: the service chooses one who is free.
        RoundRobin = "roundRobin",
        /// Each host has an own copy of the event type, which the team changes; bookings are made of the copies.
        Managed = "managed",
    }
}

open_enum! {
    /// The priority of a host of a round robin: of the free hosts, one with the highest priority is chosen.
    ///
    /// ```
    /// use calcom::model::HostPriority;
    ///
    /// assert_eq!(HostPriority::High.as_str(), "high");
    /// ```
    pub enum HostPriority {
        /// The lowest.
        Lowest = "lowest",
        /// Low.
        Low = "low",
        /// Between low and high: the default.
        Medium = "medium",
        /// High.
        High = "high",
        /// The highest.
        Highest = "highest",
    }
}

one_form! {
    /// A host of an event type of a team.
    ///
    /// ```no_run
    /// # #[cfg(all(feature = "event-types", feature = "teams"))]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for host in client.team(4).event_types().get(16).await?.hosts() {
    ///     println!("{:?}: {:?}", host.user_id, host.priority);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct EventTypeHost {
        /// The user.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The name of the user.
        #[serde(default)]
        pub name: Option<String>,
        /// The name of the user in links to booking pages.
        #[serde(default)]
        pub username: Option<String>,
        /// Whether the host attends every booking of a round robin; `None` for other scheduling types.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mandatory: Option<bool>,
        /// The priority in a round robin; `None` for other scheduling types.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub priority: Option<HostPriority>,
    }
    nested: [],
    areas: ["event-types"],
    wire: crate::generated::types::EventTypeHost,
    shows: { user_id, mandatory, priority },
}

impl EventType {
    /// How its hosts share the bookings; `None` for an event type of a user, and for the copies of a managed one.
    #[must_use]
    pub fn scheduling_type(&self) -> Option<SchedulingType> {
        self.extra("schedulingType")?.as_str().map(SchedulingType::from)
    }

    /// The hosts of an event type of a team; empty for an event type of a user. Lists can have fewer than there are.
    #[must_use]
    pub fn hosts(&self) -> Vec<EventTypeHost> {
        let hosts = self.extra("hosts").and_then(Value::as_array);
        hosts.into_iter().flatten().filter_map(|host| serde_json::from_value(host.clone()).ok()).collect()
    }

    /// The managed event type that it is a copy of.
    #[must_use]
    pub fn parent_id(&self) -> Option<EventTypeId> {
        self.extra("parentEventTypeId")?.as_i64().map(EventTypeId)
    }
}
