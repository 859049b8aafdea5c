//! Event types in groups by their owner: the result of listing them.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{
    EventType, RawValueRef, Shared, TeamId, ToWireJson, documented::documented, from_documented::FromDocumented,
};
use crate::redact::debug_shows;

/// Event types in groups by their owner, in the [documented form](crate::model#the-two-forms-of-json).
///
/// The service sends one flat list, which is sorted into groups: one for each team, and one for each user. The value iterates
/// over all event types; the field over the groups.
///
/// serde writes the documented fields. [`to_wire_json`](super::ToWireJson::to_wire_json) writes everything, also the event types
/// that could not be read.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// # let json = r#"{"eventTypeGroups": [{"teamId": null, "profile": {"name": "John Doe", "image": null}, "eventTypes": []}]}"#;
/// let groups: calcom::model::EventTypeGroups = serde_json::from_str(json)?;
/// for event_type in &groups {
///     println!("{}: {} min", event_type.slug, event_type.length);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventTypeGroups {
    /// The groups, in the order in which the service lists the first event type of each. Cached responses share them.
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<EventTypeGroup>"))]
    pub event_type_groups: Shared<Vec<EventTypeGroup>>,
    /// The event types that could not be read.
    #[cfg(feature = "event-types")]
    #[serde(skip)]
    unread: Vec<crate::pipeline::UnreadItem>,
    /// The undocumented fields beside the groups.
    #[serde(skip)]
    undocumented: Map<String, Value>,
}

documented! {
    /// The event types of one team or user.
    #[serde(rename_all = "camelCase")]
    pub struct EventTypeGroup {
        /// The team; `None` if a user owns the event types.
        pub team_id: Option<TeamId>,
        /// The name and picture of the team or user.
        pub profile: Profile,
        /// The event types.
        pub event_types: Vec<EventType>,
    }
    wire_names: [],
    nested: [profile as "profile", event_types as "eventTypes"],
}

documented! {
    /// The public profile of a team or user: name and picture.
    pub struct Profile {
        /// The name.
        pub name: Option<String>,
        /// The URL of the picture.
        pub image: Option<String>,
    }
    wire_names: [],
    nested: [],
}

debug_shows!(EventTypeGroup { team_id, event_types });
debug_shows!(Profile {});
debug_shows!(EventTypeGroups { event_type_groups });

impl PartialEq for EventTypeGroups {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(feature = "event-types")]
        if self.unread != other.unread {
            return false;
        }
        self.event_type_groups == other.event_type_groups && self.undocumented == other.undocumented
    }
}

impl EventTypeGroups {
    /// Iterates over all event types, group by group.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }

    /// The number of event types in all groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.event_type_groups.iter().map(|group| group.event_types.len()).sum()
    }

    /// The event types of the list that could not be read.
    #[cfg(feature = "event-types")]
    #[must_use]
    pub fn unread(&self) -> &[crate::pipeline::UnreadItem] {
        &self.unread
    }

    /// Whether no group has an event type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps the event types for which `wanted` returns `true`, and removes empty groups. Shared groups are copied only if an
    /// event type is removed.
    #[cfg(feature = "event-types")]
    pub(crate) fn retain(&mut self, wanted: impl Fn(Option<TeamId>, &EventType) -> bool) {
        let all = |group: &EventTypeGroup| group.event_types.iter().all(|it| wanted(group.team_id, it));
        if self.event_type_groups.iter().all(|group| all(group) && !group.event_types.is_empty()) {
            return;
        }
        for group in self.event_type_groups.iter_mut() {
            let team = group.team_id;
            group.event_types.retain(|event_type| wanted(team, event_type));
        }
        self.event_type_groups.retain(|group| !group.event_types.is_empty());
    }
}

/// Reads the documented form, or the list of the wire form if the crate is built with its type.
impl<'de> Deserialize<'de> for EventTypeGroups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        #[cfg(feature = "event-types")]
        if json.is_array() {
            return Self::read_wire(json).map_err(serde::de::Error::custom);
        }
        Self::from_documented(&json, &RawValueRef::default()).map_err(serde::de::Error::custom)
    }
}

impl FromDocumented for EventTypeGroups {
    fn from_documented(json: &Value, _: &RawValueRef) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct DocumentedGroups {
            event_type_groups: Shared<Vec<EventTypeGroup>>,
            #[serde(flatten)]
            undocumented: Map<String, Value>,
        }

        #[cfg_attr(not(feature = "event-types"), allow(unused_mut))]
        let DocumentedGroups { event_type_groups, mut undocumented } = DocumentedGroups::deserialize(json)?;
        Ok(Self {
            event_type_groups,
            #[cfg(feature = "event-types")]
            unread: crate::pipeline::take_unread(&mut undocumented),
            undocumented,
        })
    }
}

/// The event types are written in the form in which they were sent, in documented groups. Those that could not be read are
/// written in a field `unread`.
impl crate::reveal::FullJson for EventTypeGroups {
    fn full_json(&self) -> Value {
        self.to_wire_json()
    }
}

impl ToWireJson for EventTypeGroups {
    fn to_wire_json(&self) -> Value {
        let mut json = self.undocumented.clone();
        #[cfg(feature = "event-types")]
        crate::pipeline::write_unread(&mut json, &self.unread);
        json.insert("eventTypeGroups".to_owned(), self.event_type_groups.to_wire_json());
        Value::Object(json)
    }
}

impl IntoIterator for EventTypeGroups {
    type Item = EventType;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<EventTypeGroup>>;

    fn into_iter(self) -> Self::IntoIter {
        self.event_type_groups.into_iter().flatten()
    }
}

impl<'a> IntoIterator for &'a EventTypeGroups {
    type Item = &'a EventType;
    type IntoIter = std::iter::Flatten<std::slice::Iter<'a, EventTypeGroup>>;

    fn into_iter(self) -> Self::IntoIter {
        self.event_type_groups.iter().flatten()
    }
}

impl IntoIterator for EventTypeGroup {
    type Item = EventType;
    type IntoIter = std::vec::IntoIter<EventType>;

    fn into_iter(self) -> Self::IntoIter {
        self.event_types.into_iter()
    }
}

impl<'a> IntoIterator for &'a EventTypeGroup {
    type Item = &'a EventType;
    type IntoIter = std::slice::Iter<'a, EventType>;

    fn into_iter(self) -> Self::IntoIter {
        self.event_types.iter()
    }
}

#[cfg(feature = "event-types")]
mod from_wire {
    use std::{borrow::Cow, fmt};

    use bytes::Bytes;
    use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, PathKey, wire::read_wire},
        pipeline::UnreadItem,
    };

    impl EventTypeGroups {
        pub(super) fn read_wire(json: Value) -> Result<Self, serde_json::Error> {
            let extra = RawValueRef::of_value(json);
            read_wire(extra.value().unwrap_or(&Value::Null), &extra)
        }
    }

    /// Collects event types into groups.
    #[derive(Default)]
    struct GroupsByOwner {
        owners: Vec<(Option<i64>, Option<i64>)>,
        groups: Vec<EventTypeGroup>,
    }

    impl GroupsByOwner {
        fn add(&mut self, event_type: types::EventTypeParts, place: RawValueRef) {
            let owner = (event_type.team_id, event_type.owner_id.filter(|_| event_type.team_id.is_none()));
            let group = self.owners.iter().position(|known| *known == owner).unwrap_or_else(|| {
                self.owners.push(owner);
                self.groups.push(EventTypeGroup {
                    team_id: event_type.team_id.map(TeamId),
                    profile: Profile::of_owner(&event_type, &place),
                    event_types: Vec::new(),
                    extra: RawValueRef::default(),
                });
                self.groups.len() - 1
            });
            self.groups[group].event_types.push(EventType::from_wire(event_type, place));
        }

        fn finish(self) -> EventTypeGroups {
            EventTypeGroups { event_type_groups: self.groups.into(), ..EventTypeGroups::default() }
        }
    }

    impl EventTypeGroups {
        /// Reads a response item by item, so that only one event type at a time is in memory in the wire form, which has 60
        /// fields. `None` if a part of the response cannot be read.
        pub(crate) fn read_response(body: &Bytes) -> Option<Self> {
            let places = RawValueRef::of_body(body.clone()).key(PathKey::Data);
            let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
            let groups = json.deserialize_map(ResponseByItem(&places)).ok()?;
            json.end().ok()?;
            Some(groups)
        }
    }

    struct ResponseByItem<'e>(&'e RawValueRef);

    impl<'de> Visitor<'de> for ResponseByItem<'_> {
        type Value = EventTypeGroups;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a response")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<EventTypeGroups, A::Error> {
            let mut groups = None;
            while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
                if name != "data" {
                    fields.next_value::<IgnoredAny>()?;
                } else if groups.replace(fields.next_value_seed(EventTypesByItem(self.0))?).is_some() {
                    return Err(A::Error::duplicate_field("data"));
                }
            }
            groups.ok_or_else(|| A::Error::missing_field("data"))
        }
    }

    struct EventTypesByItem<'e>(&'e RawValueRef);

    impl<'de> DeserializeSeed<'de> for EventTypesByItem<'_> {
        type Value = EventTypeGroups;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<EventTypeGroups, D::Error> {
            deserializer.deserialize_seq(self)
        }
    }

    impl<'de> Visitor<'de> for EventTypesByItem<'_> {
        type Value = EventTypeGroups;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<EventTypeGroups, A::Error> {
            let (mut groups, mut at) = (GroupsByOwner::default(), 0);
            while let Some(event_type) = items.next_element()? {
                groups.add(event_type, self.0.index(at));
                at += 1;
            }
            Ok(groups.finish())
        }
    }

    impl FromWire for EventTypeGroups {
        type Wire = Vec<types::EventTypeParts>;

        fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
            let mut groups = GroupsByOwner::default();
            for (at, event_type) in wire.into_iter().enumerate() {
                groups.add(event_type, extra.index(at));
            }
            groups.finish()
        }

        fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
            self.unread = unread;
            read > 0
        }
    }

    impl Profile {
        /// The profile of the team, or of the owner among the users.
        fn of_owner(event_type: &types::EventTypeParts, place: &RawValueRef) -> Self {
            if let Some(team) = &event_type.team {
                let (name, image) = (team.name.clone(), team.logo_url.clone());
                return Self { name, image, extra: place.key(PathKey::Team) };
            }
            let users = &event_type.users;
            let owner = users.iter().position(|user| user.id.is_some() && user.id == event_type.owner_id).unwrap_or(0);
            match users.get(owner).filter(|_| event_type.team_id.is_none()) {
                Some(user) => Self {
                    name: user.name.clone(),
                    image: user.avatar_url.clone(),
                    extra: place.key(PathKey::Users).index(owner),
                },
                None => Self { name: None, image: None, extra: RawValueRef::default() },
            }
        }
    }
}
