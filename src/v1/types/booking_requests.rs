//! The requests of `/bookings`.

use serde_json::{Map, Value};

use super::{Time, webhook::pages};
use crate::v1::shape::{Issues, Kind, Object, Path, nothing_further, request};

request! {
    /// The query of `GET /bookings`.
    ///
    /// Without both `page` and `take` V1 gave everything, and so is everything fetched.
    #[derive(Default)]
    BookingsQuery, unknown fields are Ignored;
    required {}
    optional {
        /// Only with one of these attendees.
        attendee_email "attendeeEmail": Vec<String>,
        /// Only hosted by one of these users.
        user_id "userId": Vec<i64>,
        /// Starts at this time or later.
        date_from "dateFrom": Time,
        /// Ends at this time or earlier.
        date_to "dateTo": Time,
        /// Only `upcoming` ones.
        status "status": String,
        /// `createdAt` or `updatedAt`.
        sort_by "sortBy": String,
        /// `asc` or `desc`.
        order "order": String,
        /// Which page, from 1.
        page "page": i64,
        /// How many on a page.
        take "take": i64,
        /// `team`; V2 has no such thing.
        expand "expand": Vec<String>,
    }
    nullable {}
    check bookings_query;
}

/// The values that V1 knew.
fn bookings_query(object: &Object, issues: &mut Issues) {
    let known: [(&str, &[&str]); 3] =
        [("status", &["upcoming"]), ("sortBy", &["createdAt", "updatedAt"]), ("order", &["asc", "desc"])];
    for (name, values) in known {
        if let Some(Value::String(text)) = object.get(name)
            && !values.contains(&text.as_str())
        {
            let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
            let expected = values.join(" | ");
            let message = format!("Invalid enum value. Expected {expected}, received '{text}'");
            issues.add("invalid_enum_value", &Path::default().key(name), message);
        }
    }
    pages(object, issues);
}

request! {
    /// The body of `POST /bookings`.
    ///
    /// Who books and the answers to the booking form stand in `responses`, or, in the older form, at the top; never both.
    #[derive(Default)]
    CreateBooking, unknown fields are Ignored;
    required {}
    optional {
        /// What is booked.
        event_type_id "eventTypeId": i64,
        /// What is booked, of the one user in `user`: where there is no `eventTypeId`.
        event_type_slug "eventTypeSlug": String,
        /// The organization of that user.
        org_slug "orgSlug": String,
        /// The users whose the event type is.
        user "user": Users,
        /// When it starts. Required.
        start "start": Time,
        /// When it ends; the length of the event type decides where there is none.
        end "end": Time,
        /// The IANA name of the booker's zone. Required.
        time_zone "timeZone": String,
        /// The language of the booker's mails. Required.
        language "language": String,
        /// What to store on the booking. Required.
        metadata "metadata": Map<String, Value>,
        /// Who books (`name`, `email`), and the answers to the booking form, by slug.
        responses "responses": Map<String, Value>,
        /// Moves this booking in the place of making one.
        reschedule_uid "rescheduleUid": String,
        /// The e-mail address of who moves it.
        rescheduled_by "rescheduledBy": String,
        /// The seat to move.
        seat_reference_uid "seatReferenceUid": String,
        /// Names a series: V1 made every occurrence by a request of its own.
        recurring_event_id "recurringEventId": String,
        /// How many occurrences the series has.
        recurring_count "recurringCount": i64,
        /// When all of them start.
        all_recurring_dates "allRecurringDates": Vec<Value>,
        /// The older form: who books.
        name "name": String,
        /// The older form: the e-mail address.
        email "email": String,
        /// The older form: who comes along.
        guests "guests": Vec<String>,
        /// The older form: notes for the host.
        notes "notes": String,
        /// The older form: where, as V1 named it (`integrations:zoom`, `inPerson`, a URL).
        location "location": String,
        /// The older form: a phone number for reminders.
        sms_reminder_number "smsReminderNumber": String,
        /// The older form: why it is moved.
        reschedule_reason "rescheduleReason": String,
        /// The older form: answers, `[{label, value}]`.
        custom_inputs "customInputs": Vec<Map<String, Value>>,
        /// The team member whom a routing form chose.
        routed_team_member_ids "routedTeamMemberIds": Vec<i64>,
        /// The response to that form.
        routing_form_response_id "routingFormResponseId": i64,
        /// Whether the owner of the contact is not preferred.
        skip_contact_owner "skipContactOwner": bool,
        /// The member who owns the contact.
        team_member_email "teamMemberEmail": String,
        /// The app that knows that.
        crm_app_slug "crmAppSlug": String,
        /// As what.
        crm_owner_record_type "crmOwnerRecordType": String,
        /// A private link; V2 cannot book by one.
        has_hashed_booking_link "hasHashedBookingLink": bool,
        /// A private link; V2 cannot book by one.
        hashed_link "hashedLink": Value,
        /// Without mails; V2 always sends them.
        no_email "noEmail": bool,
        /// A title; V2 makes it.
        title "title": String,
        /// A description; V2 makes it.
        description "description": String,
        /// A status; V2 decides it.
        status "status": String,
        /// Whether nothing shall be booked; V2 has no such thing, and so nothing is sent.
        is_dry_run "_isDryRun": bool,
    }
    nullable {}
    check create_booking;
}

/// One user name, or several.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Users {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Kind for Users {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        match value {
            Value::String(_) => {}
            Value::Array(_) => Vec::<String>::check(value, at, issues),
            value => issues.type_of("string", value, at),
        }
    }
}

/// The older form's fields, in V1's order.
const LEGACY: [&str; 8] =
    ["email", "name", "guests", "notes", "location", "smsReminderNumber", "rescheduleReason", "customInputs"];

fn create_booking(object: &Object, issues: &mut Issues) {
    let root = Path::default();
    let here = |name: &str| object.contains_key(name);
    // A booking can also be named by slug and owner: V1 took it where the page's address said so.
    let named = here("eventTypeId") || (here("eventTypeSlug") && here("user"));
    if !named {
        issues.add("invalid_type", &root.key("eventTypeId"), "Required");
    }
    for name in ["start", "timeZone", "language", "metadata"] {
        if !here(name) {
            issues.add("invalid_type", &root.key(name), "Required");
        }
    }
    let Some(responses) = object.get("responses") else {
        if !LEGACY.iter().any(|name| here(name)) {
            return issues.add("invalid_type", &root.key("responses"), "Required");
        }
        for name in ["name", "email"] {
            if !here(name) {
                issues.add("invalid_type", &root.key(name), "Required");
            }
        }
        return;
    };
    let mixed: Vec<&str> = LEGACY.into_iter().filter(|name| here(name)).collect();
    if !mixed.is_empty() {
        let message = format!("Legacy Props: {}. They can't be used with `responses`", mixed.join(","));
        issues.add("custom", &root, message);
    }
    if let Value::Object(responses) = responses {
        check_responses(responses, &root.key("responses"), here("rescheduleUid"), issues);
    }
}

/// The fields of every booking form. Of a booking that is moved, who booked it is known.
fn check_responses(responses: &Object, at: &Path, moved: bool, issues: &mut Issues) {
    for (name, value) in responses {
        let at = at.key(name);
        match (name.as_str(), value) {
            ("name", Value::Object(parts)) => {
                for part in ["firstName", "lastName"] {
                    if let Some(value) = parts.get(part) {
                        String::check(value, &at.key(part), issues);
                    }
                }
            }
            ("location", Value::Object(place)) => {
                for part in ["value", "optionValue"] {
                    if let Some(value) = place.get(part) {
                        String::check(value, &at.key(part), issues);
                    }
                }
            }
            ("guests", value) => Vec::<String>::check(value, &at, issues),
            (
                "name"
                | "email"
                | "location"
                | "notes"
                | "title"
                | "rescheduleReason"
                | "attendeePhoneNumber"
                | "smsReminderNumber",
                value,
            ) => String::check(value, &at, issues),
            _ => {}
        }
    }
    let has = |name: &str| responses.get(name).is_some_and(|value| !value.is_null() && value != "");
    let mut missing = |name: &str| issues.add("custom", at, format!("{{{name}}}error_required_field"));
    if moved {
        return;
    }
    if !has("name") {
        missing("name");
    }
    if !has("email") && !has("attendeePhoneNumber") && !has("smsReminderNumber") {
        missing("email");
    }
}

impl CreateBooking {
    /// A booking of this event type, at this time, for this person.
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
    /// The body of `PATCH /bookings/{id}`. V1 wrote it into the database; V2 does it by other calls, which send mails.
    #[derive(Default)]
    PatchBooking, unknown fields are Refused;
    required {}
    optional {
        /// A new start. The booking gets a new uid and a new number.
        start_time "startTime": Time,
        /// A new end; V2 keeps the length.
        end_time "endTime": Time,
        /// `CANCELLED`, `ACCEPTED` or `REJECTED`.
        status "status": String,
        /// Where, as V1 named it (`integrations:zoom`, a URL, a phone number, an address).
        location "location": String,
        /// A title; V2 cannot change it.
        title "title": String,
        /// The number of another host; V2 knows it for round-robin event types alone.
        user_id "userId": i64,
        /// Another event type; V2 cannot change it.
        event_type_id "eventTypeId": i64,
        /// The e-mail address of who cancels; V2 takes it from the key.
        cancelled_by "cancelledBy": String,
        /// The e-mail address of who moves it.
        rescheduled_by "rescheduledBy": String,
        /// When it was made; V2 cannot change it.
        created_at "createdAt": Time,
    }
    nullable {
        /// A description; V2 cannot change it.
        description "description": String,
    }
    check patch_booking;
}

fn patch_booking(object: &Object, issues: &mut Issues) {
    const STATUSES: [&str; 5] = ["CANCELLED", "ACCEPTED", "REJECTED", "PENDING", "AWAITING_HOST"];
    if let Some(Value::String(status)) = object.get("status")
        && !STATUSES.contains(&status.as_str())
    {
        let message = format!(
            "Invalid enum value. Expected 'CANCELLED' | 'ACCEPTED' | 'REJECTED' | 'PENDING' | 'AWAITING_HOST', received '{status}'"
        );
        issues.add("invalid_enum_value", &Path::default().key("status"), message);
    }
}

request! {
    /// The query of `DELETE /bookings/{id}` and `DELETE /bookings/{id}/cancel`.
    #[derive(Default)]
    CancelBooking, unknown fields are Ignored;
    required {}
    optional {
        /// All later occurrences of the series as well.
        all_remaining_bookings "allRemainingBookings": bool,
        /// The same, by its newer name.
        cancel_subsequent_bookings "cancelSubsequentBookings": bool,
        /// Why; `Not Provided` where nothing is said.
        cancellation_reason "cancellationReason": String,
        /// Only this seat.
        seat_reference_uid "seatReferenceUid": String,
        /// The e-mail address of who cancels; V2 takes it from the key.
        cancelled_by "cancelledBy": String,
    }
    nullable {}
    check nothing_further;
}
