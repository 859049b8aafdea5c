//! Requests that create or update an event type, in the form of version 2024-06-14: validation and application.

use serde_json::{Map, Value};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::reply::Reply;
use super::super::super::state::event_type::{ConfirmationPolicy, Recurrence};
use super::super::super::state::{EventType, Seats};

const FREQUENCIES: &[&str] = &["yearly", "monthly", "weekly", "daily", "hourly", "minutely", "secondly"];
const CONFIRMATION_TYPES: &[&str] = &["always", "time"];
const UNITS: &[&str] = &["minutes", "hours"];

/// The properties of the body of a create: those of `CreateEventType` in the document.
pub(crate) const PROPERTIES: [&str; 42] = [
    "afterEventBuffer",
    "allowReschedulingCancelledBookings",
    "allowReschedulingPastBookings",
    "beforeEventBuffer",
    "bookerActiveBookingsLimit",
    "bookerLayouts",
    "bookingFields",
    "bookingLimitsCount",
    "bookingLimitsDuration",
    "bookingRequiresAuthentication",
    "bookingWindow",
    "calVideoSettings",
    "color",
    "confirmationPolicy",
    "customName",
    "description",
    "destinationCalendar",
    "disableCancelling",
    "disableGuests",
    "disableRescheduling",
    "hidden",
    "hideCalendarEventDetails",
    "hideCalendarNotes",
    "hideOrganizerEmail",
    "interfaceLanguage",
    "lengthInMinutes",
    "lengthInMinutesOptions",
    "locations",
    "lockTimeZoneToggleOnBookingPage",
    "minimumBookingNotice",
    "offsetStart",
    "onlyShowFirstAvailableSlot",
    "recurrence",
    "requiresBookerEmailVerification",
    "scheduleId",
    "seats",
    "showOptimizedSlots",
    "slotInterval",
    "slug",
    "successRedirectUrl",
    "title",
    "useDestinationCalendarEmail",
];

/// The integrations that need no connected account.
const BUILT_IN: &str = "cal-video";

/// Validates the body. With `creating`, length, title and slug are required.
pub(crate) fn check(body: &Value, creating: bool) -> Result<(), Reply> {
    check_after(body, creating, |_| {})
}

/// Validates the body, and before it what `first` checks.
pub(crate) fn check_after(body: &Value, creating: bool, first: impl FnOnce(&mut Checker<'_>)) -> Result<(), Reply> {
    super::part_checks::check(body)?;
    let mut checker = Checker::of(body);
    first(&mut checker);
    let mut field = |name: &str, required: bool, rules: &[ValidationRule]| {
        if required && creating {
            checker.required(name, rules)
        } else {
            checker.optional(name, rules)
        };
    };
    field("lengthInMinutes", true, &[ValidationRule::Min(1), ValidationRule::Int]);
    field(
        "lengthInMinutesOptions",
        false,
        &[
            ValidationRule::EachMin(1),
            ValidationRule::EachInt,
            ValidationRule::ArrayUnique,
            ValidationRule::ArrayNotEmpty,
            ValidationRule::Array,
        ],
    );
    field("title", true, &[ValidationRule::String]);
    field("slug", true, &[ValidationRule::String]);
    field("description", false, &[ValidationRule::String]);
    field("disableGuests", false, &[ValidationRule::Boolean]);
    field("slotInterval", false, &[ValidationRule::Int]);
    field("minimumBookingNotice", false, &[ValidationRule::Min(0), ValidationRule::Int]);
    field("beforeEventBuffer", false, &[ValidationRule::Int]);
    field("afterEventBuffer", false, &[ValidationRule::Int]);
    field("scheduleId", false, &[ValidationRule::Int]);
    field("offsetStart", false, &[ValidationRule::Min(0), ValidationRule::Int]);
    field("onlyShowFirstAvailableSlot", false, &[ValidationRule::Boolean]);
    field("requiresBookerEmailVerification", false, &[ValidationRule::Boolean]);
    field("hideCalendarNotes", false, &[ValidationRule::Boolean]);
    field("lockTimeZoneToggleOnBookingPage", false, &[ValidationRule::Boolean]);
    field("hidden", false, &[ValidationRule::Boolean]);
    field("customName", false, &[ValidationRule::String]);
    field("successRedirectUrl", false, &[ValidationRule::Url]);
    check_nested(&mut checker, body);
    checker.tree()
}

fn check_nested(checker: &mut Checker<'_>, body: &Value) {
    let disabled = |name: &str| body.pointer(&format!("/{name}/disabled")) == Some(&Value::Bool(true));
    if !disabled("recurrence") {
        checker.nested("recurrence", false, |inner| {
            inner
                .required("interval", &[ValidationRule::Min(1), ValidationRule::Int])
                .required("occurrences", &[ValidationRule::Min(1), ValidationRule::Int])
                .required("frequency", &[ValidationRule::Enum(FREQUENCIES)]);
        });
    }
    if !disabled("seats") {
        checker.nested("seats", false, |inner| {
            inner
                .required("seatsPerTimeSlot", &[ValidationRule::Min(1), ValidationRule::Int])
                .required("showAttendeeInfo", &[ValidationRule::Boolean])
                .required("showAvailabilityCount", &[ValidationRule::Boolean]);
        });
    }
    if !disabled("confirmationPolicy") {
        checker.nested("confirmationPolicy", false, |inner| {
            inner.required("type", &[ValidationRule::Enum(CONFIRMATION_TYPES)]);
            inner.required("blockUnconfirmedBookingsInBooker", &[ValidationRule::Boolean]);
            inner.nested("noticeThreshold", false, |threshold| {
                threshold.required("unit", &[ValidationRule::Enum(UNITS)]).required("count", &[ValidationRule::Int]);
            });
        });
    }
}

/// The errors of the service about locations and fields of a valid form.
pub(crate) fn refuse(body: &Map<String, Value>) -> Result<(), Reply> {
    for location in list(body, "locations") {
        if let Some(app) = location.get("integration").and_then(Value::as_str)
            && app != BUILT_IN
        {
            return Err(Reply::exception(400, format!("{app} not connected.")));
        }
    }
    for field in list(body, "bookingFields") {
        let is_email = field.get("type").and_then(Value::as_str) == Some("email");
        let optional = field.get("required") == Some(&Value::Bool(false));
        let hidden = field.get("hidden") == Some(&Value::Bool(true));
        if is_email && (optional || hidden) {
            let message = "checkIsEmailUserAccessible - Email booking field must be required and visible";
            return Err(Reply::exception(400, message));
        }
    }
    if !is_on(body.get("seats")) {
        return Ok(());
    }
    if list(body, "locations").count() > 1 {
        let message = "Seats Validation failed: Seats are enabled but more than one location provided.";
        return Err(Reply::exception(400, message));
    }
    if is_on(body.get("confirmationPolicy")) {
        let message = "Seats Validation failed: Seats are enabled but requiresConfirmation is true.";
        return Err(Reply::exception(400, message));
    }
    Ok(())
}

fn is_on(value: Option<&Value>) -> bool {
    value.is_some_and(|v| v.is_object() && v.get("disabled") != Some(&Value::Bool(true)))
}

fn list<'a>(body: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    body.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Applies the body to the event type.
pub fn apply_create(event: &mut EventType, body: &Map<String, Value>) {
    for (name, value) in body {
        apply(event, name, value);
    }
}

fn apply(event: &mut EventType, name: &str, value: &Value) {
    let text = || value.as_str().map(str::to_owned);
    // The database of the service has numbers of 32 bits.
    let number = || value.as_f64().map(|n| i64::from(n as i32));
    match name {
        "lengthInMinutes" => event.length = number().unwrap_or(event.length),
        "lengthInMinutesOptions" => {
            event.length_options = value.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        }
        "title" => event.title = text().unwrap_or_default(),
        "slug" => event.slug = text().unwrap_or_default(),
        "description" => event.description = text(),
        "locations" => event.locations = value.as_array().cloned().unwrap_or_default(),
        "bookingFields" => event.fields = value.as_array().cloned().unwrap_or_default(),
        "disableGuests" => event.disable_guests = value.as_bool().unwrap_or(false),
        "slotInterval" => event.slot_interval = number(),
        "minimumBookingNotice" => event.notice = number().unwrap_or(event.notice),
        "beforeEventBuffer" => event.buffer_before = number().unwrap_or(0),
        "afterEventBuffer" => event.buffer_after = number().unwrap_or(0),
        "offsetStart" => event.offset_start = number().unwrap_or(0),
        "scheduleId" => event.schedule = number(),
        "onlyShowFirstAvailableSlot" => event.only_first_slot = value.as_bool().unwrap_or(false),
        "hidden" => event.hidden = value.as_bool().unwrap_or(false),
        "bookingWindow" => event.window = Some(value.clone()).filter(|v| is_on(Some(v))),
        "recurrence" => event.recurrence = recurrence(value),
        "seats" => event.seats = seats(value),
        "confirmationPolicy" => event.confirmation = confirmation(value),
        _ => {
            event.rest.insert(name.to_owned(), value.clone());
        }
    }
}

fn recurrence(value: &Value) -> Option<Recurrence> {
    Some(Recurrence {
        interval: value.get("interval")?.as_i64()?,
        occurrences: value.get("occurrences")?.as_i64()?,
        frequency: value.get("frequency")?.as_str()?.to_owned(),
    })
}

fn seats(value: &Value) -> Option<Seats> {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
    Some(Seats {
        per_slot: value.get("seatsPerTimeSlot")?.as_i64()?,
        show_attendees: flag("showAttendeeInfo"),
        show_count: flag("showAvailabilityCount"),
    })
}

fn confirmation(value: &Value) -> Option<ConfirmationPolicy> {
    let kind = value.get("type")?.as_str()?;
    let threshold = value
        .get("noticeThreshold")
        .filter(|_| kind == "time")
        .and_then(|threshold| Some((threshold.get("count")?.as_i64()?, threshold.get("unit")?.as_str()?.to_owned())));
    let blocks_slot = value.get("blockUnconfirmedBookingsInBooker").and_then(Value::as_bool).unwrap_or(false);
    Some(ConfirmationPolicy { under_notice: threshold, blocks_slot })
}
