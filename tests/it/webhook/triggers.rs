//! Each trigger on the published list: its name, its payload, and what an event of it tells.

use calcom::{
    model::BookingStatus::{self, Accepted, Cancelled, Pending, Rejected},
    webhook::{Event, Payload, Trigger},
};

use super::one;

/// The shape of the payload of a trigger.
#[derive(Debug, PartialEq)]
enum Shape {
    /// A whole booking.
    Booking,
    /// Another payload with the shape of a booking.
    LikeBooking,
    /// A payload of its own.
    Own,
    /// An unknown one.
    Open,
}

use Shape::{Booking, LikeBooking, Open, Own};

/// Name, shape, whether it names a booking, its status, and whether it has a link to a video call.
const TABLE: [(&str, Shape, bool, Option<BookingStatus>, bool); 28] = [
    ("BOOKING_CREATED", Booking, true, Some(Accepted), true),
    ("BOOKING_REQUESTED", Booking, true, Some(Pending), true),
    ("BOOKING_RESCHEDULED", Booking, true, Some(Accepted), true),
    ("BOOKING_CANCELLED", Booking, true, Some(Cancelled), true),
    ("BOOKING_REJECTED", Booking, true, Some(Rejected), true),
    ("BOOKING_PAYMENT_INITIATED", Booking, true, Some(Accepted), true),
    ("BOOKING_PAID", Booking, true, Some(Accepted), true),
    ("BOOKING_LOCATION_UPDATED", Booking, true, Some(Accepted), true),
    ("BOOKING_REASSIGNED", Booking, true, Some(Accepted), true),
    ("BOOKING_NO_SHOW_UPDATED", Own, true, None, false),
    ("MEETING_STARTED", LikeBooking, true, Some(Accepted), true),
    ("MEETING_ENDED", LikeBooking, true, Some(Accepted), true),
    ("RECORDING_READY", LikeBooking, true, None, false),
    ("RECORDING_TRANSCRIPTION_GENERATED", LikeBooking, true, None, false),
    ("INSTANT_MEETING", Own, true, None, false),
    ("INSTANT_MEETING_ACCEPTED", LikeBooking, true, Some(Accepted), true),
    ("OOO_CREATED", Own, false, None, false),
    ("FORM_SUBMITTED", Own, false, None, false),
    ("FORM_SUBMITTED_NO_EVENT", Own, false, None, false),
    ("ROUTING_FORM_FALLBACK_HIT", Own, false, None, false),
    ("AFTER_HOSTS_CAL_VIDEO_NO_SHOW", LikeBooking, true, None, false),
    ("AFTER_GUESTS_CAL_VIDEO_NO_SHOW", LikeBooking, true, None, false),
    ("WRONG_ASSIGNMENT_REPORT", LikeBooking, true, Some(Accepted), false),
    ("DELEGATION_CREDENTIAL_ERROR", Own, false, None, false),
    ("DELEGATION_CREDENTIAL_SECRET_ROTATED", Own, false, None, false),
    ("DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED", Own, false, None, false),
    ("DELEGATION_CREDENTIAL_ROTATION_REQUIRED", Own, false, None, false),
    ("CALENDAR_ENTRY_REJECTED", Open, true, Some(Accepted), false),
];

#[test]
fn every_published_trigger_is_known_and_its_event_has_the_content_of_its_body() {
    assert_eq!(Trigger::KNOWN.len(), TABLE.len());
    for (name, shape, names_booking, status, has_call) in &TABLE {
        let trigger = Trigger::from(*name);
        assert!(!matches!(trigger, Trigger::Other(_)), "{name}");
        assert_eq!((trigger.as_str(), Trigger::KNOWN.contains(&trigger)), (*name, true));

        let event = Event::parse(one(name).bytes()).unwrap();
        assert_eq!((event.trigger(), event.payload().trigger()), (&trigger, trigger.clone()));
        let found = match event.payload() {
            Payload::Unknown(_) => Open,
            payload if payload.booking().is_some() => Booking,
            _ if event.booking().is_some() => LikeBooking,
            _ => Own,
        };
        assert_eq!(&found, shape, "{name}");
        assert_eq!(event.booking_uid().is_some(), *names_booking, "{name}");
        assert_eq!(event.status(), status.as_ref(), "{name}");
        assert_eq!(event.video_call_url().is_some(), *has_call, "{name}: {:?}", event.video_call_url());
        if let Some(booking) = event.booking() {
            assert_eq!(booking.uid.as_deref(), event.booking_uid(), "{name}");
            assert!(booking.booking_id.is_some() || *shape != Booking, "{name}");
        }
    }
}

#[test]
fn the_rotation_of_a_secret_is_understood() {
    let failed = Event::parse(one("DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED").bytes()).unwrap();
    let Payload::DelegationCredentialSecretRotationFailed(rotation) = failed.payload() else { panic!("{failed:?}") };
    let credential = rotation.credential.as_ref().unwrap();
    assert_eq!(credential.id.as_deref(), Some("5b0e8f3a-7c1d-4e2f-9a6b-3d4c5e6f7a8b"));
    assert_eq!(credential.workspace_platform.as_deref(), Some("office365"));
    assert_eq!((credential.organization_id, credential.domain.as_deref()), (Some(3), Some("clinic.example.com")));
    assert_eq!(credential.secret_expires_at, Some(super::time("2026-12-20T00:00:00Z")));
    assert_eq!(rotation.error.as_ref().unwrap().code.as_deref(), Some("SECRET_PROMOTION_FAILED"));
    for name in ["DELEGATION_CREDENTIAL_SECRET_ROTATED", "DELEGATION_CREDENTIAL_ROTATION_REQUIRED"] {
        let event = Event::parse(one(name).bytes()).unwrap();
        let (Payload::DelegationCredentialSecretRotated(rotation)
        | Payload::DelegationCredentialRotationRequired(rotation)) = event.payload()
        else {
            panic!("{event:?}")
        };
        assert_eq!((rotation.credential.as_ref(), rotation.error.as_ref()), (Some(credential), None));
    }
}

#[test]
fn the_fallback_of_a_form_is_understood() {
    let event = Event::parse(one("ROUTING_FORM_FALLBACK_HIT").bytes()).unwrap();
    let Payload::RoutingFormFallbackHit(form) = event.payload() else { panic!("{event:?}") };
    let action = form.fallback_action.as_ref().unwrap();
    assert_eq!((form.response_id, action.event_type_id), (Some(18), Some(14)));
    assert_eq!(
        (action.kind.as_deref(), action.value.as_deref()),
        (Some("eventTypeRedirectUrl"), Some("team/first-visit"))
    );
    assert_eq!(form.responses.text("a1b2c3d4"), Some("Left knee"));

    // Its payload is documented nowhere, so that any other is kept too.
    for body in [
        r#"{"triggerEvent":"ROUTING_FORM_FALLBACK_HIT","payload":["one"]}"#,
        r#"{"triggerEvent":"CALENDAR_ENTRY_REJECTED","payload":["one"]}"#,
    ] {
        let event = Event::parse(body).unwrap();
        let Payload::Unknown(unknown) = event.payload() else { panic!("{event:?}") };
        assert_eq!((unknown.trigger.as_str(), &unknown.json[0]), (event.trigger().as_str(), &"one".into()));
    }
    let flat = Event::parse(r#"{"triggerEvent":"CALENDAR_ENTRY_REJECTED","entry":7}"#).unwrap();
    assert_eq!(flat.extras()["entry"], 7);
}
