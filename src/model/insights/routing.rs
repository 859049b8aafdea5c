//! Figures of routing forms.

use jiff::Timestamp;

use crate::model::{
    BookingUid, EventTypeId, RoutingFormId, RoutingFormResponseId, TeamId, UserId,
    one_form::{null_as_default, one_form},
};

one_form! {
    /// The numbers of responses of routing forms that led to a booking, and that did not.
    ///
    /// ```
    /// use calcom::model::RoutingStats;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let stats: RoutingStats = serde_json::from_str(r#"{"total": 9, "totalWithBooking": 6, "totalWithoutBooking": 3}"#)?;
    /// assert_eq!((stats.total, stats.with_booking, stats.without_booking), (9, 6, 3));
    /// # Ok(()) }
    /// ```
    pub struct RoutingStats {
        /// The number of responses.
        #[serde(default, deserialize_with = "null_as_default")]
        pub total: u64,
        /// The number of those that led to a booking.
        #[serde(default, rename = "totalWithBooking", deserialize_with = "null_as_default")]
        pub with_booking: u64,
        /// The number of those that led to none.
        #[serde(default, rename = "totalWithoutBooking", deserialize_with = "null_as_default")]
        pub without_booking: u64,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingFormsByStatus,
    shows: { total, with_booking, without_booking },
}

one_form! {
    /// A response of a routing form, with the booking that it led to.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{InsightsScope, RoutingInsightsQuery};
    ///
    /// let (first, last) = (jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 31));
    /// let of_team = RoutingInsightsQuery::new(InsightsScope::Team(4.into()), first, last);
    /// for response in &client.insights().routing_responses(&of_team).await? {
    ///     println!("{:?} led to {:?}", response.form_name, response.booking_uid);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct RoutingInsightsResponse {
        /// The id of the response.
        #[serde(default)]
        pub id: Option<RoutingFormResponseId>,
        /// The form.
        #[serde(default)]
        pub form_id: Option<RoutingFormId>,
        /// The name of the form.
        #[serde(default)]
        pub form_name: Option<String>,
        /// The team that owns the form.
        #[serde(default)]
        pub form_team_id: Option<TeamId>,
        /// The booking; `None` if the response led to none.
        #[serde(default)]
        pub booking_uid: Option<BookingUid>,
        /// The status of the booking, as the service writes it.
        #[serde(default)]
        pub booking_status: Option<String>,
        /// The host of the booking.
        #[serde(default)]
        pub booking_user_id: Option<UserId>,
        /// The event type of the booking.
        #[serde(default)]
        pub event_type_id: Option<EventTypeId>,
        /// The time at which the response was stored.
        #[serde(default)]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub created_at: Option<Timestamp>,
        /// The answers.
        #[serde(default, deserialize_with = "null_as_default")]
        pub fields: Vec<RoutingAnswer>,
    }
    nested: [fields as "fields"],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingFormResponse,
    shows: { id, form_id, form_team_id, booking_uid, booking_status, event_type_id, created_at },
}

one_form! {
    /// The answer to one field of a routing form. One of the values is set.
    ///
    /// ```
    /// use calcom::model::RoutingAnswer;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let answer: RoutingAnswer = serde_json::from_str(r#"{"fieldId": "f1", "valueString": "Sales", "valueNumber": null}"#)?;
    /// assert_eq!((answer.text.as_deref(), answer.number), (Some("Sales"), None));
    /// # Ok(()) }
    /// ```
    pub struct RoutingAnswer {
        /// The field.
        #[serde(default)]
        pub field_id: Option<String>,
        /// A text.
        #[serde(default, rename = "valueString")]
        pub text: Option<String>,
        /// A number.
        #[serde(default, rename = "valueNumber")]
        pub number: Option<f64>,
        /// The chosen options.
        #[serde(default, rename = "valueStringArray")]
        pub texts: Option<Vec<String>>,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingResponseField,
    shows: { field_id },
}

one_form! {
    /// A field of routing forms, which is a column of their responses.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for field in &client.insights().routing_fields(calcom::model::InsightsScope::Organization, None).await? {
    ///     println!("{:?}: {} options", field.label, field.options.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub struct RoutingInsightsField {
        /// The id of the field.
        #[serde(default)]
        pub id: Option<String>,
        /// The question.
        #[serde(default)]
        pub label: Option<String>,
        /// The kind of the field: `text`, `select`.
        #[serde(rename = "type", default)]
        pub kind: Option<String>,
        /// The options of a field that has such.
        #[serde(default, deserialize_with = "null_as_default")]
        pub options: Vec<RoutingInsightsOption>,
    }
    nested: [options as "options"],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingFormField,
    shows: { id, label, kind, options },
}

one_form! {
    /// An option of a field of routing forms.
    ///
    /// ```
    /// use calcom::model::RoutingInsightsOption;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let option: RoutingInsightsOption = serde_json::from_str(r#"{"id": null, "label": "Sales"}"#)?;
    /// assert_eq!(option.label.as_deref(), Some("Sales"));
    /// # Ok(()) }
    /// ```
    pub struct RoutingInsightsOption {
        /// The id of the option.
        #[serde(default)]
        pub id: Option<String>,
        /// The text of the option.
        #[serde(default)]
        pub label: Option<String>,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingFormFieldOption,
    shows: { id, label },
}

one_form! {
    /// How often routing forms led to each member.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{InsightsPeriod, InsightsScope, RoutingInsightsQuery};
    ///
    /// let (first, last) = (jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 31));
    /// let of_team = RoutingInsightsQuery::new(InsightsScope::Team(4.into()), first, last);
    /// for member in client.insights().routed_members(&of_team, InsightsPeriod::Week).await?.members {
    ///     println!("{:?}: {} bookings", member.user_id, member.total_bookings);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct RoutedMembers {
        /// The members, with their totals.
        #[serde(default, rename = "users", with = "in_data")]
        #[cfg_attr(feature = "schemars", schemars(with = "serde_json::Value"))]
        pub members: Vec<RoutedMember>,
        /// The counts by member and span.
        #[serde(default, rename = "periodStats", with = "in_data")]
        #[cfg_attr(feature = "schemars", schemars(with = "serde_json::Value"))]
        pub counts: Vec<RoutedMemberCount>,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingRoutedToPerPeriod,
    shows: { members, counts },
}

one_form! {
    /// A member whom routing forms led to.
    ///
    /// ```
    /// use calcom::model::RoutedMember;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let member: RoutedMember = serde_json::from_str(r#"{"id": 7, "name": "Jo", "totalBookings": 12}"#)?;
    /// assert_eq!((member.user_id, member.total_bookings), (Some(7.into()), 12));
    /// # Ok(()) }
    /// ```
    pub struct RoutedMember {
        /// The member.
        #[serde(default, rename = "id")]
        pub user_id: Option<UserId>,
        /// The name.
        #[serde(default)]
        pub name: Option<String>,
        /// The number of bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub total_bookings: u64,
        /// How the number compares with those of the others, in the words of the service.
        #[serde(default)]
        pub performance: Option<String>,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingRoutedToUser,
    shows: { user_id, total_bookings, performance },
}

one_form! {
    /// How often routing forms led to a member in a day, a week or a month.
    ///
    /// ```
    /// use calcom::model::RoutedMemberCount;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"userId": 7, "period_start": "2027-03-01T00:00:00.000Z", "total": 3}"#;
    /// let count: RoutedMemberCount = serde_json::from_str(json)?;
    /// assert_eq!((count.user_id, count.total), (Some(7.into()), 3));
    /// # Ok(()) }
    /// ```
    pub struct RoutedMemberCount {
        /// The member.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The beginning of the span.
        #[serde(default, rename = "period_start")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub start: Option<Timestamp>,
        /// The number of bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub total: u64,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::InsightsRoutingRoutedToPeriodStat,
    shows: { user_id, start, total },
}

/// A list in `data` of an object, in serde attributes. A missing list is an empty one.
mod in_data {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::SerializeMap};

    #[derive(Deserialize)]
    struct InData<T> {
        data: Option<Vec<T>>,
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
        Ok(Option::<InData<T>>::deserialize(from)?.and_then(|list| list.data).unwrap_or_default())
    }

    pub(super) fn serialize<S: Serializer, T: Serialize>(items: &[T], to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(1))?;
        object.serialize_entry("data", items)?;
        object.end()
    }
}
