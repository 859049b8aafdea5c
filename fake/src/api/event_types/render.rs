//! An event type in the form of version 2024-06-14.

use serde_json::{Map, Value, json};

use super::super::super::state::{EventType, State, User};

/// Whether a response holds one event type or a list. A list omits the booking field `title`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventTypeShape {
    Single,
    List,
}

/// Properties that are shown only if the owner has set them.
const SHOWN_WHEN_SET: [&str; 5] =
    ["bookingLimitsCount", "bookingLimitsDuration", "bookerLayouts", "color", "customName"];

/// Properties that are always shown, with their defaults.
fn defaults() -> [(&'static str, Value); 19] {
    let off = || json!({ "disabled": true });
    let on = || json!({ "disabled": false });
    [
        ("price", json!(0)),
        ("currency", json!("usd")),
        ("lockTimeZoneToggleOnBookingPage", json!(false)),
        ("forwardParamsSuccessRedirect", json!(true)),
        ("successRedirectUrl", Value::Null),
        ("isInstantEvent", json!(false)),
        ("requiresBookerEmailVerification", json!(false)),
        ("hideCalendarNotes", json!(false)),
        ("useDestinationCalendarEmail", json!(false)),
        ("hideCalendarEventDetails", json!(false)),
        ("hideOrganizerEmail", json!(false)),
        ("calVideoSettings", json!({ "sendTranscriptionEmails": true })),
        ("bookingRequiresAuthentication", json!(false)),
        ("bookerActiveBookingsLimit", off()),
        ("disableCancelling", on()),
        ("disableRescheduling", on()),
        ("interfaceLanguage", Value::Null),
        ("allowReschedulingPastBookings", json!(false)),
        ("allowReschedulingCancelledBookings", json!(false)),
    ]
}

pub(crate) fn event_type(state: &State, event: &EventType, kind: EventTypeShape) -> Value {
    let off = || json!({ "disabled": true });
    let owner = state.user(event.owner);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    put("id", event.id.into());
    put("ownerId", event.owner.into());
    put("lengthInMinutes", event.length.into());
    if !event.length_options.is_empty() {
        put("lengthInMinutesOptions", event.length_options.clone().into());
    }
    put("title", event.title.clone().into());
    put("slug", event.slug.clone().into());
    put("description", event.description.clone().unwrap_or_default().into());
    put("locations", event.locations.clone().into());
    put("bookingFields", booking_fields(event, kind));
    put("recurrence", event.recurrence.as_ref().map_or(Value::Null, |r| {
        json!({ "disabled": false, "interval": r.interval, "occurrences": r.occurrences, "frequency": r.frequency })
    }));
    put("disableGuests", event.disable_guests.into());
    put("slotInterval", event.slot_interval.into());
    put("minimumBookingNotice", event.notice.into());
    put("beforeEventBuffer", event.buffer_before.into());
    put("afterEventBuffer", event.buffer_after.into());
    put(
        "metadata",
        match event.length_options.as_slice() {
            [] => json!({}),
            options => json!({ "multipleDuration": options }),
        },
    );
    put("users", Value::Array(owner.map(user).into_iter().collect()));
    put("scheduleId", event.schedule.into());
    put("onlyShowFirstAvailableSlot", event.only_first_slot.into());
    put("offsetStart", event.offset_start.into());
    put("bookingWindow", event.window.clone().unwrap_or_else(off));
    put("confirmationPolicy", confirmation(event).unwrap_or_else(off));
    put(
        "seats",
        event.seats.map_or_else(off, |seats| {
            json!({
                "disabled": false,
                "seatsPerTimeSlot": seats.per_slot,
                "showAttendeeInfo": seats.show_attendees,
                "showAvailabilityCount": seats.show_count,
            })
        }),
    );
    put("hidden", event.hidden.into());
    put("bookingUrl", booking_url(state, event).into());
    put("showOptimizedSlots", event.rest.get("showOptimizedSlots").cloned().unwrap_or(json!(false)));
    for (name, value) in defaults() {
        put(name, event.rest.get(name).cloned().unwrap_or(value));
    }
    for name in SHOWN_WHEN_SET {
        if let Some(value) = event.rest.get(name).filter(|value| !is_off(value)) {
            put(name, value.clone());
        }
    }
    Value::Object(shown)
}

fn is_off(value: &Value) -> bool {
    value.is_null() || value.get("disabled") == Some(&Value::Bool(true))
}

pub(crate) fn booking_url(state: &State, event: &EventType) -> String {
    let username = state.user(event.owner).map(|user| user.username.as_str()).unwrap_or_default();
    format!("{}/{username}/{}", state.booker_url, event.slug)
}

fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "username": user.username,
        "avatarUrl": user.avatar_url,
        "brandColor": null,
        "darkBrandColor": null,
        "weekStart": user.week_start,
        "metadata": user.settings,
    })
}

fn confirmation(event: &EventType) -> Option<Value> {
    let policy = event.confirmation.as_ref()?;
    let mut shown = json!({ "type": "always", "blockUnconfirmedBookingsInBooker": policy.blocks_slot });
    if let Some((count, unit)) = &policy.under_notice {
        shown["type"] = json!("time");
        shown["noticeThreshold"] = json!({ "count": count, "unit": unit });
    }
    Some(shown)
}

/// Whether a system field has to be answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SystemField {
    Required,
    Optional,
    /// Required, and not shown to the attendee.
    Hidden,
}

/// The system fields and the owner's fields.
fn booking_fields(event: &EventType, kind: EventTypeShape) -> Value {
    let own = |slug: &str| event.fields.iter().find(|field| slug_of(field) == slug);
    let system = |kind: &str, slug: &str, need: SystemField| {
        let mut field = json!({
            "isDefault": true, "type": kind, "slug": slug, "required": need != SystemField::Optional,
            "hidden": need == SystemField::Hidden,
        });
        if kind != "radioInput" {
            field["disableOnPrefill"] = json!(false);
        }
        merge(&mut field, own(slug));
        field
    };
    let mut name = json!({ "isDefault": true, "type": "name", "slug": "name", "required": true, "label": "your_name",
        "disableOnPrefill": false });
    merge(&mut name, own("name"));
    if let Some(name) = name.as_object_mut() {
        name.retain(|_, value| !value.is_null());
    }
    let mut fields = vec![
        name,
        system("email", "email", SystemField::Required),
        system("radioInput", "location", SystemField::Optional),
    ];
    fields.extend(event.fields.iter().filter(|field| !is_system(slug_of(field))).map(|field| {
        let mut shown = json!({ "isDefault": false, "disableOnPrefill": false, "hidden": false });
        merge(&mut shown, Some(field));
        shown
    }));
    if kind == EventTypeShape::Single {
        fields.push(system("text", "title", SystemField::Hidden));
    }
    fields.push(system("textarea", "notes", SystemField::Optional));
    fields.push(system("multiemail", "guests", SystemField::Optional));
    fields.push(system("textarea", "rescheduleReason", SystemField::Optional));
    Value::Array(fields)
}

fn merge(into: &mut Value, from: Option<&Value>) {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.and_then(Value::as_object)) {
        into.extend(from.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

/// The slug of a field. Name and e-mail address need none.
pub(crate) fn slug_of(field: &Value) -> &str {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    text("slug").or_else(|| text("type")).unwrap_or_default()
}

/// Whether this is the slug of a system field.
pub(crate) fn is_system(slug: &str) -> bool {
    matches!(
        slug,
        "name" | "email" | "location" | "title" | "notes" | "guests" | "rescheduleReason" | "attendeePhoneNumber"
    )
}
