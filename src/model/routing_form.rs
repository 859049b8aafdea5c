//! Routing forms: questions whose answers lead to an event type, a message or another page.

#[cfg(any(feature = "organizations", feature = "teams"))]
mod input;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    BookingUid, EventTypeId, RoutingFormId, RoutingFormResponseId, TeamId, UserId,
    one_form::{null_as_default, one_form},
};

#[cfg(any(feature = "organizations", feature = "teams"))]
pub use self::input::SubmitRoutingForm;

one_form! {
    /// A routing form: questions whose answers lead to an event type, a message or another page.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::facade::RoutingFormFilter;
    ///
    /// for form in &client.organization(1).routing_forms().list(&RoutingFormFilter::default()).await? {
    ///     println!("{:?}: {}, fields {:?}", form.id, form.name, form.extra("fields"));
    /// }
    /// # Ok(()) }
    /// ```
    pub struct RoutingForm {
        /// The id of the form.
        pub id: RoutingFormId,
        /// The name.
        #[serde(default, deserialize_with = "null_as_default")]
        pub name: String,
        /// The description.
        #[serde(default)]
        pub description: Option<String>,
        /// Whether it is switched off. Self-hosted servers answer its submissions all the same.
        #[serde(default, deserialize_with = "null_as_default")]
        pub disabled: bool,
        /// The team that owns it; `None` for the form of a user.
        #[serde(default)]
        pub team_id: Option<TeamId>,
        /// The user who made it.
        #[serde(default)]
        pub user_id: Option<UserId>,
    }
    nested: [],
    areas: ["organizations", "organization-teams"],
    wire: crate::generated::types::RoutingForm,
    shows: { id, disabled, team_id, user_id },
}

one_form! {
    /// A response to a routing form, as it is stored.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::facade::RoutingFormFilter;
    ///
    /// let forms = client.organization(1).routing_forms();
    /// for response in &forms.responses("11111111-1111-4111", &RoutingFormFilter::default()).await? {
    ///     println!("{}: {} answers", response.id, response.response.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub struct RoutingFormResponse {
        /// The id of the response.
        pub id: RoutingFormResponseId,
        /// The form.
        #[serde(default)]
        pub form_id: Option<RoutingFormId>,
        /// The answers by the ids of the fields: `{"label": .., "value": ..}`.
        #[serde(default, deserialize_with = "null_as_default")]
        pub response: Map<String, Value>,
        /// The booking that it led to.
        #[serde(default)]
        pub routed_to_booking_uid: Option<BookingUid>,
        /// The time at which it was stored.
        #[serde(default)]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub created_at: Option<Timestamp>,
    }
    nested: [],
    areas: ["organizations", "organization-teams"],
    wire: crate::generated::types::RoutingFormResponse,
    shows: { id, form_id, created_at },
}

one_form! {
    /// Where the answers to a routing form lead: to an event type with its free slots, to a message, or to another page. One of
    /// the three is set.
    ///
    /// ```
    /// use calcom::model::RoutedForm;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let routed: RoutedForm = serde_json::from_str(r#"{"routingCustomMessage": "We call you back."}"#)?;
    /// assert_eq!(routed.routing_custom_message.as_deref(), Some("We call you back."));
    /// assert_eq!(routed.event_type_id, None);
    /// # Ok(()) }
    /// ```
    pub struct RoutedForm {
        /// The event type.
        #[serde(default)]
        pub event_type_id: Option<EventTypeId>,
        /// The message.
        #[serde(default)]
        pub routing_custom_message: Option<String>,
        /// The address of the other page.
        #[serde(default)]
        pub routing_external_redirect_url: Option<String>,
    }
    nested: [],
    areas: ["organizations", "teams", "organization-teams"],
    wire: crate::generated::types::CreateRoutingForm,
    shows: { event_type_id },
}

impl RoutedForm {
    /// The id of the stored response; `None` if it is queued, or if the answers lead to no event type.
    #[must_use]
    pub fn response_id(&self) -> Option<RoutingFormResponseId> {
        self.extra("routing")?.get("responseId")?.as_i64().map(RoutingFormResponseId)
    }

    /// The members of the team whom the answers lead to; empty for all hosts of the event type.
    #[must_use]
    pub fn team_member_ids(&self) -> Vec<UserId> {
        let members = self.extra("routing").and_then(|routing| routing.get("teamMemberIds")).and_then(Value::as_array);
        members.into_iter().flatten().filter_map(Value::as_i64).map(UserId).collect()
    }

    /// The free slots of the event type; `None` if the answers lead to no event type.
    ///
    /// Cargo feature: `slots`.
    #[cfg(feature = "slots")]
    #[must_use]
    pub fn slots(&self) -> Option<super::Slots> {
        serde_json::from_value(self.extra("slots")?.clone()).ok()
    }
}
