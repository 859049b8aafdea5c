//! The requests of `/bookings`.

use serde_json::{Map, Value};

use super::{Time, create_booking::check_create_booking, webhook::check_paging};
use crate::v1::schema::{FieldType, IssuePath, Issues, JsonObject, no_further_checks, request};

request! {
    /// The query of `GET /bookings`.
    ///
    /// The response is one page if both `page` and `take` are present, else all bookings.
    ///
    /// ```
    /// use calcom::v1::types::BookingsQuery;
    ///
    /// let query = BookingsQuery { status: Some("upcoming".to_owned()), ..Default::default() };
    /// # let _ = query;
    /// ```
    #[derive(Default)]
    BookingsQuery, unknown fields: Ignore;
    required {}
    optional {
        /// Filter: bookings with one of these attendees.
        attendee_email "attendeeEmail": Vec<String>,
        /// Filter: bookings that one of these users hosts.
        user_id "userId": Vec<i64>,
        /// Filter: bookings that start at this time or later.
        date_from "dateFrom": Time,
        /// Filter: bookings that end at this time or earlier.
        date_to "dateTo": Time,
        /// Filter: `upcoming`.
        status "status": String,
        /// `createdAt` or `updatedAt`.
        sort_by "sortBy": String,
        /// `asc` or `desc`.
        order "order": String,
        /// The page. The first page is 1.
        page "page": i64,
        /// The page size.
        take "take": i64,
        /// `team`. V2 has no such option.
        expand "expand": Vec<String>,
    }
    nullable {}
    check check_bookings_query;
}

/// Validates values of enums and the paging.
fn check_bookings_query(object: &JsonObject, issues: &mut Issues) {
    let allowed: [(&str, &[&str]); 3] =
        [("status", &["upcoming"]), ("sortBy", &["createdAt", "updatedAt"]), ("order", &["asc", "desc"])];
    for (name, values) in allowed {
        if let Some(Value::String(text)) = object.get(name)
            && !values.contains(&text.as_str())
        {
            let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
            let expected = values.join(" | ");
            let message = format!("Invalid enum value. Expected {expected}, received '{text}'");
            issues.add("invalid_enum_value", &IssuePath::default().child(name), message);
        }
    }
    check_paging(object, issues);
}

request! {
    /// The body of `POST /bookings`.
    ///
    /// The attendee and the answers to the booking form are in `responses`. The older form has them as fields of the
    /// body. A request with both is rejected.
    ///
    /// ```
    /// use calcom::v1::types::{CreateBooking, Time};
    ///
    /// let start = Time::parse("2030-01-15T10:00:00Z").expect("a time");
    /// let mut booking = CreateBooking::new(1, start, "Erika Muster", "erika@example.com");
    /// booking.time_zone = Some("Europe/Berlin".to_owned());
    /// ```
    #[derive(Default)]
    CreateBooking, unknown fields: Ignore;
    required {}
    optional {
        /// The event type.
        event_type_id "eventTypeId": i64,
        /// The slug of the event type, if there is no `eventTypeId`. `user` then names its owner.
        event_type_slug "eventTypeSlug": String,
        /// The organization of that user.
        org_slug "orgSlug": String,
        /// The user names of the owners of the event type.
        user "user": UserNames,
        /// The start. Required.
        start "start": Time,
        /// The end. Without it the length of the event type applies.
        end "end": Time,
        /// The IANA name of the attendee's time zone. Required.
        time_zone "timeZone": String,
        /// The language of the attendee's mails. Required.
        language "language": String,
        /// Free JSON to store with the booking. Required.
        metadata "metadata": Map<String, Value>,
        /// The attendee (`name`, `email`), and the answers to the booking form, by slug.
        responses "responses": Map<String, Value>,
        /// The uid of a booking to reschedule. No booking is created then.
        reschedule_uid "rescheduleUid": String,
        /// The e-mail address of the person who reschedules.
        rescheduled_by "rescheduledBy": String,
        /// The seat to reschedule.
        seat_reference_uid "seatReferenceUid": String,
        /// The name of the series. V1 took a request for each occurrence, all with this name.
        recurring_event_id "recurringEventId": String,
        /// The number of occurrences of the series.
        recurring_count "recurringCount": i64,
        /// The starts of all occurrences.
        all_recurring_dates "allRecurringDates": Vec<Value>,
        /// The older form: the name of the attendee.
        name "name": String,
        /// The older form: the e-mail address.
        email "email": String,
        /// The older form: the e-mail addresses of the guests.
        guests "guests": Vec<String>,
        /// The older form: notes for the host.
        notes "notes": String,
        /// The older form: the location in V1's form (`integrations:zoom`, `inPerson`, a URL).
        location "location": String,
        /// The older form: the reason of a reschedule.
        reschedule_reason "rescheduleReason": String,
        /// The older form: answers, `[{label, value}]`.
        custom_inputs "customInputs": Vec<Map<String, Value>>,
        /// The number of the response to the routing form.
        routing_form_response_id "routingFormResponseId": i64,
        /// Whether the owner of the contact gets no preference.
        skip_contact_owner "skipContactOwner": bool,
        /// Whether the booking uses a private link. V2 cannot book by a private link.
        has_hashed_booking_link "hasHashedBookingLink": bool,
        /// The private link. V2 cannot book by a private link.
        hashed_link "hashedLink": Value,
        /// Whether to send no mails. V2 always sends them.
        no_email "noEmail": bool,
        /// The title, which V1 did not validate. V2 generates it.
        title "title": Value,
        /// The description, which V1 did not validate. V2 generates it.
        description "description": Value,
        /// The status, which V1 did not validate. V2 decides it.
        status "status": Value,
        /// Whether the request is a dry run. V2 has no dry run: the client rejects the request.
        is_dry_run "_isDryRun": bool,
    }
    nullable {}
    nullish {
        /// The older form: a phone number for reminders.
        sms_reminder_number "smsReminderNumber": String,
        /// The team members that a routing form selected.
        routed_team_member_ids "routedTeamMemberIds": Vec<i64>,
        /// The e-mail address of the member who owns the contact.
        team_member_email "teamMemberEmail": String,
        /// The CRM app that has the owner.
        crm_app_slug "crmAppSlug": String,
        /// The type of the CRM record that names the owner.
        crm_owner_record_type "crmOwnerRecordType": String,
    }
    check check_create_booking;
}

/// One user name, or several.
///
/// ```
/// use calcom::v1::types::{CreateBooking, UserNames};
///
/// let user = Some(UserNames::One("johndoe".to_owned()));
/// let booking = CreateBooking { event_type_slug: Some("30min".to_owned()), user, ..Default::default() };
/// # let _ = booking;
/// ```
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum UserNames {
    /// One name.
    One(String),
    /// Several names.
    Several(Vec<String>),
}

/// Shows how many names there are.
impl std::fmt::Debug for UserNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::redact::if_revealed!(UserNames, self, f);
        let count = match self {
            Self::One(_) => 1,
            Self::Several(names) => names.len(),
        };
        write!(f, "UserNames({count})")
    }
}

impl FieldType for UserNames {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        match value {
            Value::String(_) => {}
            Value::Array(_) => Vec::<String>::check(value, at, issues),
            value => issues.wrong_type("string", value, at),
        }
    }
}

impl CreateBooking {
    /// Creates a request to book an event type for one attendee. Time zone `UTC` and language `en` are the defaults.
    pub fn new(event_type_id: i64, start: impl Into<Time>, name: impl Into<String>, email: impl Into<String>) -> Self {
        let responses = [("name".to_owned(), Value::from(name.into())), ("email".to_owned(), email.into().into())];
        Self {
            event_type_id: Some(event_type_id),
            start: Some(start.into()),
            time_zone: Some("UTC".to_owned()),
            language: Some("en".to_owned()),
            metadata: Some(Map::new()),
            responses: Some(responses.into_iter().collect()),
            ..Self::default()
        }
    }
}

request! {
    /// The body of `PATCH /bookings/{id}`. V1 wrote into the database. V2 has a request for each kind of change, which
    /// sends mails.
    ///
    /// ```
    /// use calcom::v1::types::{PatchBooking, Time};
    ///
    /// let later = PatchBooking { start_time: Time::parse("2030-01-16T10:00:00Z"), ..Default::default() };
    /// # let _ = later;
    /// ```
    #[derive(Default)]
    PatchBooking, unknown fields: Reject;
    required {}
    optional {
        /// The new start. The booking gets a new uid and a new number.
        start_time "startTime": Time,
        /// The new end. V2 keeps the length.
        end_time "endTime": Time,
        /// `CANCELLED`, `ACCEPTED` or `REJECTED`.
        status "status": String,
        /// The location in V1's form (`integrations:zoom`, a URL, a phone number, an address).
        location "location": String,
        /// The title. V2 cannot change it.
        title "title": String,
        /// The id of the new host. V2 can change the host of round-robin event types only.
        user_id "userId": i64,
        /// The event type. V2 cannot change it.
        event_type_id "eventTypeId": i64,
        /// The e-mail address of the person who cancels. V2 takes the user of the key.
        cancelled_by "cancelledBy": String,
        /// The e-mail address of the person who reschedules.
        rescheduled_by "rescheduledBy": String,
        /// The time of creation. V2 cannot change it.
        created_at "createdAt": Time,
    }
    nullable {
        /// The description. V2 cannot change it.
        description "description": String,
    }
    check check_patch_booking;
}

fn check_patch_booking(object: &JsonObject, issues: &mut Issues) {
    const STATUSES: [&str; 5] = ["CANCELLED", "ACCEPTED", "REJECTED", "PENDING", "AWAITING_HOST"];
    if let Some(Value::String(status)) = object.get("status")
        && !STATUSES.contains(&status.as_str())
    {
        let message = format!(
            "Invalid enum value. Expected 'CANCELLED' | 'ACCEPTED' | 'REJECTED' | 'PENDING' | 'AWAITING_HOST', received '{status}'"
        );
        issues.add("invalid_enum_value", &IssuePath::default().child("status"), message);
    }
}

request! {
    /// The query of `DELETE /bookings/{id}` and `DELETE /bookings/{id}/cancel`.
    ///
    /// ```
    /// use calcom::v1::types::CancelBooking;
    ///
    /// let request = CancelBooking { cancellation_reason: Some("well again".to_owned()), ..Default::default() };
    /// # let _ = request;
    /// ```
    #[derive(Default)]
    CancelBooking, unknown fields: Ignore;
    required {}
    optional {
        /// Whether to cancel all later occurrences of the series too.
        all_remaining_bookings "allRemainingBookings": bool,
        /// The newer name of `all_remaining_bookings`.
        cancel_subsequent_bookings "cancelSubsequentBookings": bool,
        /// The reason. The default is `Not Provided`.
        cancellation_reason "cancellationReason": String,
        /// The uid of the only seat to cancel.
        seat_reference_uid "seatReferenceUid": String,
        /// The e-mail address of the person who cancels. V2 takes the user of the key.
        cancelled_by "cancelledBy": String,
    }
    nullable {}
    check no_further_checks;
}
