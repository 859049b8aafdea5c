//! The fixtures of the recorded server, and test data for a booking.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::builder::{FakeBuilder, FakeEventType, FakeUser};

/// A body for booking an event type, in the [documented form](calcom::model#the-documented-interface)
/// (`generateTestBookingData`).
///
/// Replace `start` and `eventTypeId`; they are tomorrow at 10:00 UTC and 1.
pub fn booking_data() -> Value {
    let tomorrow = Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
    json!({
        "start": tomorrow.strftime("%Y-%m-%dT10:00:00Z").to_string(),
        "eventTypeId": 1,
        "responses": {
            "name": "Test Patient",
            "email": "patient@example.org",
            "phone": "+4930123456",
            "notes": "A test booking",
            "guests": [],
        },
        "metadata": { "source": "test" },
        "timeZone": "Europe/Berlin",
        "language": "de",
    })
}

/// The start of the recordings.
pub fn starts_at() -> Timestamp {
    Timestamp::from_second(1_795_399_800).unwrap_or_default()
}

/// Users `johndoe` and `janeroe` with event types 1 to 9, as at the start of the recordings.
pub(crate) fn recorded() -> FakeBuilder {
    let john = FakeUser::new("johndoe")
        .name("John Doe")
        .email("john.doe@example.com")
        .time_zone("Europe/Berlin")
        .week_start("Monday")
        .time_format(24)
        .api_key("cal_live_redacted");
    let jane = FakeUser::new("janeroe")
        .name("Jane Roe")
        .email("jane.roe@example.com")
        .time_zone("America/New_York")
        .api_key("cal_live_redacted_second_user");
    let room = json!([{ "type": "link", "link": "https://meet.example.com/johndoe", "public": true }]);
    let of_john = |slug: &str, title: &str, minutes: i64| {
        FakeEventType::new("johndoe", slug, minutes).title(title).with("locations", room.clone())
    };
    FakeBuilder::default()
        .community()
        .at(starts_at())
        .user(john)
        .user(jane)
        .event_type(of_john("30min", "30 Minutes", 30))
        .event_type(of_john("needs-confirmation", "Needs confirmation", 45).requires_confirmation())
        .event_type(of_john("group-class", "Group class", 60).seats(3))
        .event_type(of_john("weekly-sync", "Weekly sync", 30).weekly(4))
        .event_type(of_john("variable", "Variable", 30).lengths(&[15, 30, 60]))
        .event_type(
            FakeEventType::new("johndoe", "minimal", 15).title("Minimal").with("minimumBookingNotice", 120.into()),
        )
        .event_type(full())
        .event_type(
            of_john("range", "Range", 30)
                .with("minimumBookingNotice", 120.into())
                .with("bookingWindow", json!({ "type": "range", "value": ["2026-12-01", "2026-12-20"] })),
        )
        .event_type(FakeEventType::new("janeroe", "30min", 30).title("Jane 30").with("locations", room))
}

/// The event type of the recordings in which each property is set.
fn full() -> FakeEventType {
    let field = |kind: &str, slug: &str, label: &str, required: bool, placeholder: &str| json!({ "type": kind, "slug": slug, "label": label, "required": required, "placeholder": placeholder });
    let choice = |kind: &str, slug: &str, label: &str, options: &[&str]| json!({ "type": kind, "slug": slug, "label": label, "required": false, "options": options });
    let size = json!({ "type": "select", "slug": "size", "label": "Size", "required": false, "placeholder": "pick",
        "options": ["S", "M", "L"] });
    let agree = json!({ "type": "boolean", "slug": "agree", "label": "Agree", "required": false });
    FakeEventType::new("johndoe", "full", 60)
        .title("Full")
        .with("description", "Everything set".into())
        .with(
            "locations",
            json!([
                { "type": "address", "address": "1 Main St, Berlin", "public": true },
                { "type": "phone", "phone": "+4930123456", "public": true },
                { "type": "attendeePhone" },
                { "type": "attendeeAddress" },
                { "type": "attendeeDefined" },
            ]),
        )
        .with(
            "bookingFields",
            Value::Array(vec![
                field("text", "topic", "Topic", true, "What about?"),
                size,
                choice("multiselect", "days", "Days", &["a", "b"]),
                field("number", "count", "Count", false, "0"),
                agree,
                choice("radio", "color", "Color", &["red", "blue"]),
                choice("checkbox", "cb", "CB", &["x", "y"]),
                field("textarea", "note", "Note", false, "n"),
                field("url", "site", "Site", false, "https://"),
                field("multiemail", "cc", "cc", false, "a@b"),
                field("phone", "mobile", "Mobile", false, "+49"),
                field("address", "addr", "Addr", false, "street"),
            ]),
        )
        .with("slotInterval", 30.into())
        .with("minimumBookingNotice", 60.into())
        .with("beforeEventBuffer", 10.into())
        .with("afterEventBuffer", 5.into())
        .with("bookingLimitsCount", json!({ "day": 5, "week": 20 }))
        .with("bookingLimitsDuration", json!({ "day": 300 }))
        .with("bookingWindow", json!({ "type": "businessDays", "value": 30, "rolling": true }))
        .with("bookerLayouts", json!({ "defaultLayout": "month", "enabledLayouts": ["month", "week", "column"] }))
        .with(
            "confirmationPolicy",
            json!({ "type": "time", "noticeThreshold": { "unit": "hours", "count": 2 },
                "blockUnconfirmedBookingsInBooker": true }),
        )
        .with("color", json!({ "lightThemeHex": "#292929", "darkThemeHex": "#fafafa" }))
        .with("customName", "{Event type title} between {Organiser} and {Scheduler}".into())
        .with("successRedirectUrl", "https://example.com/done".into())
        .with("hideCalendarNotes", true.into())
        .with("lockTimeZoneToggleOnBookingPage", true.into())
}
