//! A service, or a gateway, that repeats credentials where no text is expected; and personal data in `Debug` of what callers and
//! authors of stores hold.

use std::time::Duration;

use calcom::{
    AccessToken, ApiKey, Client, Credentials, Error, ErrorCode,
    intercept::{AttemptResult, Interceptor},
    observe::ResponseLog,
    state::{Lease, LeaseDecision},
};
use serde_json::json;

use crate::support::{
    log::Log,
    recorded_body,
    socket::{Service, answer, json as response},
};

const KEY: &str = "cal_live_planted0123456789";
const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvd25lciI6InBsYW50ZWQifQ.c2lnbmVk";

/// What an interceptor sees as the request id.
struct Seen(std::sync::Arc<std::sync::Mutex<Vec<Option<String>>>>);

impl Interceptor for Seen {
    fn after_attempt(&self, result: &AttemptResult<'_>) {
        self.0.lock().unwrap().push(result.request_id.map(str::to_owned));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_id_or_a_limits_name_that_is_a_credential_is_not_shown() {
    let credentials: [(Credentials, &str); 2] = [(ApiKey::new(KEY).into(), KEY), (AccessToken::new(JWT).into(), JWT)];
    for (credentials, secret) in credentials {
        let name = format!("x-ratelimit-limit-{secret}").to_ascii_lowercase();
        let headers = [("x-request-id", secret), (&*name, "5"), ("x-ratelimit-remaining-default", "7")];
        let me = response(200, &headers, recorded_body("me/get-2024-06-14").to_string());
        let service = Service::answering([answer(404, &headers, "{}"), me, answer(429, &headers, "{}")]).await;
        let seen = std::sync::Arc::default();
        let config = json!({"api_url": service.url(), "retry": {"times": 1},
            "debug": {"enabled": true, "log_requests": true, "log_responses": true}});
        let client = Client::builder()
            .config(serde_json::from_value(config).unwrap())
            .credentials(credentials)
            .interceptor(Seen(std::sync::Arc::clone(&seen)))
            .build()
            .unwrap();
        let (log, responses) = (Log::start(), ResponseLog::default());
        let mut shown = String::new();
        let error = client.raw().get_me().await.unwrap_err();
        shown += &format!("{error} {error:?} {:?} {:?}", error.request_id(), error.rate_limits());
        shown += &format!("{:?}", client.last_request_debug());
        client.with_response_log(&responses).raw().get_me().await.unwrap();
        shown += &format!("{responses:?} {:?} {:?}", client.quota().await, client.last_request_debug());
        shown += &format!("{:?}", responses.last().unwrap().rate_limits());
        let error = client.bypass_cache().raw().get_me().await.unwrap_err();
        assert!(matches!(error, Error::RateLimit(_)));
        shown += &format!("{error} {error:?} {:?}", client.quota().await);
        shown += &log.text();
        for part in [secret, &secret.to_ascii_lowercase()] {
            assert!(!shown.contains(part), "{shown}");
        }
        assert_eq!(*seen.lock().unwrap(), [None, None, None]);
        assert!(error.rate_limits().iter().any(|limit| limit.name == "default"), "{error:?}");
    }
}

#[test]
fn what_stores_and_filters_hold_is_hidden_in_debug() {
    let lease = Lease::new(7, Some(r#"{"uid": "planteduid7kgiKeoVgk6N"}"#.to_owned()), Some(Duration::from_secs(1)));
    for text in [format!("{lease:?}"), format!("{:?}", LeaseDecision::Granted(lease))] {
        assert!(!text.contains("planted") && text.contains('7'), "{text}");
    }
    let filter = calcom::facade::ManagedUserFilter::default().email("planted@example.org");
    assert!(!format!("{filter:?} {filter:#?}").contains("planted"), "{filter:?}");
}

#[test]
fn an_error_code_is_equal_to_its_text() {
    assert_eq!(ErrorCode::Other("CONFLICT".to_owned()), ErrorCode::Conflict);
    assert_ne!(ErrorCode::Other("CONFLICTS".to_owned()), ErrorCode::Conflict);
}

#[cfg(feature = "v1-compat")]
#[test]
fn values_of_v1_hide_names_uids_and_links_in_debug() {
    use calcom::v1::{BookingIdOrUid, convert, types};

    let created = json!({"id": 7, "uid": "planted-uid", "title": "planted", "startTime": "2030-01-15T10:00:00Z",
        "endTime": "2030-01-15T10:30:00Z", "status": "ACCEPTED", "createdAt": "2030-01-01T10:00:00Z", "attendees": [{"email": "planted@example.org", "name": "planted", "timeZone": "UTC"}],
        "references": [{"meetingPassword": "planted"}], "seatReferenceUid": "planted", "videoCallUrl": "https://planted",
        "paymentRequired": false, "luckyUsers": [], "isDryRun": false});
    let created: types::CreatedBooking = serde_json::from_value(created).unwrap();
    let cancelled = json!({"success": true, "message": "Booking successfully cancelled.", "onlyRemovedAttendee": false,
        "bookingId": 7, "bookingUid": "planted-uid"});
    let cancelled: types::CancellationBody = serde_json::from_value(cancelled).unwrap();
    let mut query = types::SlotsQuery::new(1, "2030-01-15", "2030-01-16");
    query.username_list = Some(vec!["planted".to_owned()]);
    let request = convert::slots_query(&query);
    let event_type = json!({"title": "planted", "slug": "30min", "team": {"name": "planted"}});
    let event_type: types::BookingEventType = serde_json::from_value(event_type).unwrap();
    let shown = [
        format!("{created:?} {created:#?}"),
        format!("{cancelled:?}"),
        format!("{request:?}"),
        format!("{event_type:?}"),
        format!("{:?}", types::UserNames::Several(vec!["planted".to_owned()])),
        format!("{:?}", BookingIdOrUid::from("planteduid7kgiKeoVgk6N")).replace("(plan..)", ""),
    ];
    for text in shown {
        assert!(!text.contains("plan"), "{text}");
    }
}
