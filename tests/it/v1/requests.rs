//! The V2 requests of every V1 request: method, path, query, version, body, and the losses.

use calcom::v1::serve::GatewayResponse;
use serde_json::{Value, json};

use super::support::{UID, arrived, ask, service, v1};

/// The V2 requests of a V1 request, and the losses of the request. Losses of the response are left out.
async fn v2_requests(method: &str, path: &str, query: &str, body: Value) -> String {
    let server = service().await;
    let answer: GatewayResponse = ask(&v1(&server), method, path, query, &body).await;
    assert_eq!(answer.status, 200, "{method} {path}?{query} {body}: {}", answer.body);
    let strict = service().await;
    let refused = ask(&v1(&strict).strict(true), method, path, query, &body).await;
    let mut text = format!("{method} {path}{}{query}", if query.is_empty() { "" } else { "?" });
    if !body.is_null() {
        text += &format!(" {body}");
    }
    for line in arrived(&server).await {
        text += &format!("\n  {line}");
    }
    // Strict mode rejects the losses of the request, and then sends nothing.
    if refused.status == 400 {
        refused.losses.iter().for_each(|loss| text += &format!("\n  - {loss}"));
        assert!(sent_nothing_but_reads(&arrived(&strict).await), "{text}");
    }
    text
}

fn sent_nothing_but_reads(lines: &[String]) -> bool {
    lines.iter().all(|line| line.starts_with("GET /v2/event-types/"))
}

fn booking(changes: Value) -> Value {
    let mut body = json!({
        "eventTypeId": 1,
        "start": "2030-01-15T11:00:00+01:00",
        "responses": {"name": "Erika Muster", "email": "erika@example.com"},
        "timeZone": "Europe/Berlin",
        "language": "de",
        "metadata": {},
    });
    let Value::Object(changes) = changes else { panic!("an object") };
    for (name, value) in changes {
        match value {
            Value::Null => _ = body.as_object_mut().unwrap().remove(&name),
            value => body[name] = value,
        }
    }
    body
}

#[tokio::test]
async fn v1_reads_send_the_v2_requests() {
    let mut lines = Vec::new();
    for path in [
        "/v1/me",
        "/v1/event-types",
        "/v1/event-types/1",
        "/v1/schedules",
        "/v1/schedules/1",
        "/v1/webhooks",
        "/v1/webhooks/ec3b48b1-7f42-48e9-8706-720cfe73beea",
        "/v1/bookings/7",
        "/v1/bookings/7/recordings",
        "/v1/bookings/7/transcripts",
    ] {
        lines.push(v2_requests("GET", path, "", Value::Null).await);
    }
    lines.push(v2_requests("GET", "/v1/event-types", "slug=30min", Value::Null).await);
    lines.push(v2_requests("GET", "/v1/webhooks", "page=3&take=20", Value::Null).await);
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn listing_bookings() {
    let mut lines = Vec::new();
    for query in [
        "",
        "page=2&take=10",
        "take=10",
        "dateFrom=2030-01-01&dateTo=2030-02-01T00:00:00%2B01:00",
        "status=upcoming",
        "sortBy=createdAt&order=desc",
        "sortBy=updatedAt",
        "attendeeEmail=a%2Bb@example.org",
        "attendeeEmail=a@example.org&attendeeEmail=b@example.org&page=1&take=5",
        "userId=1&userId=2",
        "expand=team",
    ] {
        lines.push(v2_requests("GET", "/v1/bookings", query, Value::Null).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn slots() {
    let mut lines = Vec::new();
    for query in [
        "eventTypeId=1&startTime=2030-01-15&endTime=2030-01-16",
        "eventTypeId=1&startTime=2030-01-15T00:00:00%2B01:00&endTime=2030-01-16T00:00:00Z&timeZone=Asia/Tokyo&duration=60",
        "usernameList=johndoe&eventTypeSlug=30min&startTime=2030-01-15&endTime=2030-01-16&rescheduleUid=abc",
        "usernameList=johndoe&usernameList=alice&startTime=2030-01-15&endTime=2030-01-16&orgSlug=acme",
        "usernameList=sales&isTeamEvent=true&eventTypeSlug=demo&startTime=2030-01-15&endTime=2030-01-16",
    ] {
        lines.push(v2_requests("GET", "/v1/slots", query, Value::Null).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn booking_and_moving() {
    let mut lines = Vec::new();
    for changes in [
        json!({}),
        json!({"metadata": {"branch": "67", "count": 3, "nested": {}}, "language": "tlh"}),
        json!({"responses": {
            "name": {"firstName": "Erika", "lastName": "Muster"},
            "email": "erika@example.com",
            "attendeePhoneNumber": "+4930123456",
            "guests": ["max@example.com"],
            "location": {"value": "integrations:google:meet", "optionValue": ""},
            "notes": "By the window",
            "topic": "Teeth",
        }}),
        json!({"responses": {
            "name": "Erika", "email": "e@example.com", "location": {"value": "phone", "optionValue": "+4930123456"},
        }}),
        json!({
            "responses": null, "name": "Erika Muster", "email": "erika@example.com", "guests": ["max@example.com"],
            "notes": "By the window", "location": "inPerson", "smsReminderNumber": "+4930123456",
            "customInputs": [{"label": "topic", "value": "Teeth"}],
        }),
        json!({"end": "2030-01-15T11:30:00+01:00"}),
        json!({"end": "2030-01-15T12:00:00+01:00"}),
        json!({"eventTypeId": 6, "end": "2030-01-15T12:00:00+01:00"}),
        json!({"eventTypeId": null, "eventTypeSlug": "30min", "user": ["johndoe"], "orgSlug": "acme"}),
        json!({"recurringEventId": "r1", "recurringCount": 4, "start": "2026-12-01T09:00:00Z",
               "allRecurringDates": ["2026-12-01T09:00:00Z", "2026-12-08T09:00:00Z"]}),
        json!({"routedTeamMemberIds": [3], "routingFormResponseId": 9, "skipContactOwner": true}),
        json!({"noEmail": true, "title": "Mine", "hasHashedBookingLink": true, "hashedLink": "x"}),
        json!({"shoeSize": 44}),
        json!({"rescheduleUid": UID, "rescheduledBy": "erika@example.com",
               "responses": {"name": "Erika", "email": "e@example.com", "rescheduleReason": "ill"}}),
        json!({"rescheduleUid": UID, "seatReferenceUid": "seat-1"}),
    ] {
        lines.push(v2_requests("POST", "/v1/bookings", "", booking(changes)).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn changing_and_cancelling_bookings() {
    let mut lines = Vec::new();
    for body in [
        json!({}),
        json!({"startTime": "2030-01-16 10:00:00"}),
        json!({"startTime": "2030-01-16T10:00:00Z", "endTime": "2030-01-16T10:30:00Z", "rescheduledBy": "e@example.com"}),
        json!({"status": "CANCELLED", "cancelledBy": "e@example.com"}),
        json!({"status": "ACCEPTED"}),
        json!({"userId": 2}),
        json!({"status": "REJECTED", "startTime": "2030-01-16T10:00:00Z"}),
        json!({"location": "https://meet.example.com/room", "title": "Another"}),
        json!({"status": "ACCEPTED", "location": "integrations:zoom", "startTime": "2030-01-16T10:00:00Z"}),
    ] {
        lines.push(v2_requests("PATCH", "/v1/bookings/7", "", body).await);
    }
    lines.push(v2_requests("DELETE", "/v1/bookings/7", "", Value::Null).await);
    let query = "allRemainingBookings=true&cancellationReason=ill&cancelledBy=e@example.com";
    lines.push(v2_requests("DELETE", "/v1/bookings/7/cancel", query, Value::Null).await);
    lines.push(v2_requests("DELETE", "/v1/bookings/7", "seatReferenceUid=seat-1", Value::Null).await);
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn writing_event_types() {
    let mut lines = Vec::new();
    let full = json!({
        "title": "Full", "slug": "full", "length": 30, "description": "All of it", "hidden": false, "eventName": "{x}",
        "scheduleId": 1, "slotInterval": 15, "minimumBookingNotice": 60, "beforeEventBuffer": 5, "afterEventBuffer": 10,
        "disableGuests": true, "hideCalendarNotes": true, "successRedirectUrl": "https://example.com/done",
        "onlyShowFirstAvailableSlot": false, "requiresConfirmation": true,
        "metadata": {"multipleDuration": [15, 30], "requiresConfirmationThreshold": {"time": 2, "unit": "hours"}, "mine": 1},
        "periodType": "ROLLING_WINDOW", "periodDays": 30, "periodCountCalendarDays": true,
        "recurringEvent": {"freq": 2, "interval": 1, "count": 4},
        "bookingLimits": {"PER_DAY": 3}, "durationLimits": {"PER_WEEK": 300},
        "locations": [
            {"type": "inPerson", "address": "1 Main St", "displayLocationPublicly": true},
            {"type": "integrations:daily"}, {"type": "phone"}, {"type": "link", "link": "https://x.example.com"},
        ],
        "bookingFields": [
            {"name": "topic", "type": "text", "label": "Topic", "required": true, "placeholder": "?", "editable": "user"},
            {"name": "notes", "type": "textarea", "required": true, "editable": "system"},
        ],
        "position": 2, "price": 100, "assignAllTeamMembers": true,
    });
    for body in [json!({"title": "Short", "slug": "short", "length": 15}), full] {
        lines.push(v2_requests("POST", "/v1/event-types", "", body).await);
    }
    for body in [
        json!({"length": 45}),
        json!({"periodType": "RANGE", "periodStartDate": "2030-01-01", "periodEndDate": "2030-02-01T10:00:00Z"}),
        json!({"seatsPerTimeSlot": 3, "seatsShowAttendees": true}),
        json!({"seatsPerTimeSlot": null, "recurringEvent": null, "bookingLimits": null, "scheduleId": null}),
        json!({"periodType": "UNLIMITED", "requiresConfirmation": false, "locations": []}),
    ] {
        lines.push(v2_requests("PATCH", "/v1/event-types/1", "", body).await);
    }
    lines.push(v2_requests("DELETE", "/v1/event-types/1", "", Value::Null).await);
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn writing_schedules() {
    let rows = json!([
        {"days": [0, 1, 6], "startTime": "09:00:00", "endTime": "17:30:00"},
        {"days": [2], "startTime": 540, "endTime": 1020},
        {"date": "2030-12-24", "startTime": "1970-01-01T09:00:00.000Z", "endTime": "12:00"},
    ]);
    let lines = [
        v2_requests("POST", "/v1/schedules", "", json!({"name": "Mine", "timeZone": "Europe/Berlin"})).await,
        v2_requests("POST", "/v1/schedules", "", json!({"name": "Mine", "timeZone": "UTC", "availability": rows}))
            .await,
        v2_requests("PATCH", "/v1/schedules/1", "", json!({"name": "Yours"})).await,
        v2_requests("PATCH", "/v1/schedules/1", "", json!({"availability": [], "userId": 2})).await,
        v2_requests("DELETE", "/v1/schedules/1", "", Value::Null).await,
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn writing_webhooks() {
    let made = json!({
        "subscriberUrl": "https://example.com/hook", "eventTriggers": ["BOOKING_CREATED"], "active": true,
        "payloadTemplate": null, "secret": "whsec_test",
    });
    let mut of_event_type = made.clone();
    of_event_type["eventTypeId"] = 3.into();
    let lines = [
        v2_requests("POST", "/v1/webhooks", "", made).await,
        v2_requests("POST", "/v1/webhooks", "", of_event_type).await,
        v2_requests("PATCH", "/v1/webhooks/w", "", json!({"active": false, "eventTriggers": ["BOOKING_CANCELLED"]}))
            .await,
        v2_requests("PATCH", "/v1/webhooks/w", "", json!({"active": false, "eventTypeId": 3})).await,
        v2_requests("DELETE", "/v1/webhooks/w", "", Value::Null).await,
    ];
    insta::assert_snapshot!(lines.join("\n"));
}
