//! Verified resources, conferencing apps, limits, credits, booking forms and the verification of attendees.

use calcom::{
    Error, Patch,
    model::{
        AvailableCredits, BookingLimits, ChargeCredits, CreateBooking, CreditPurpose, InsightsQuery, InsightsScope,
        TeamBookingLimits, TeamId, UpdateBookingLimits, UserId, VerifiedResourceId,
    },
    raw::types,
};
use serde_json::{Value, json};

use super::{Service, failure, success};

#[tokio::test]
async fn addresses_and_numbers_are_verified_for_the_caller_a_team_or_a_team_of_an_organization() {
    let email = json!({"id": 3, "userId": 31, "email": "desk@example.org"});
    let service = Service::self_hosted([success(json!([email])), success(email.clone())]).await;
    let own = service.client.verified_resources();
    let found = own.emails().await.unwrap();
    assert_eq!((found[0].id, found[0].user_id, found[0].team_id), (VerifiedResourceId(3), Some(UserId(31)), None));
    assert_eq!(found[0].to_wire_json(), email);
    assert!(!format!("{found:?}").contains("desk"));
    assert_eq!(own.email(3).await.unwrap().unwrap().email, "desk@example.org");
    own.request_email("desk@example.org").await.unwrap();
    own.verify_email("desk@example.org", "123456").await.unwrap();
    let of_team = service.client.team(4).verified_resources();
    of_team.verify_email("desk@example.org", "123456").await.unwrap();
    service.client.organization(5).team(4).verified_resources().request_email("desk@example.org").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/verified-resources/emails?take=250",
            "GET /v2/verified-resources/emails/3",
            r#"POST /v2/verified-resources/emails/verification-code/request {"email":"desk@example.org"}"#,
            r#"POST /v2/verified-resources/emails/verification-code/verify {"code":"123456","email":"desk@example.org"}"#,
            r#"POST /v2/teams/4/verified-resources/emails/verification-code/verify {"code":"123456","email":"desk@example.org"}"#,
            r#"POST /v2/organizations/5/teams/4/verified-resources/emails/verification-code/request {"email":"desk@example.org"}"#,
        ]
    );

    let phone = json!({"id": 6, "userId": 31, "teamId": 4, "phoneNumber": "+4930123456"});
    let service = Service::self_hosted([success(phone)]).await;
    let of_team = service.client.team(4).verified_resources();
    of_team.request_phone("+49 30 123456").await.unwrap();
    let verified = of_team.verify_phone("+49 (30) 123456", "0000").await.unwrap();
    assert_eq!((verified.phone_number.as_str(), verified.team_id), ("+4930123456", Some(TeamId(4))));
    service.client.verified_resources().phone(6).await.unwrap();
    let error = of_team.request_phone("030 123456").await.unwrap_err();
    assert_eq!(error.field_errors()[0].to_string(), "phone: must be a phone number in international form");
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/teams/4/verified-resources/phones/verification-code/request {"phone":"+4930123456"}"#,
            r#"POST /v2/teams/4/verified-resources/phones/verification-code/verify {"code":"0000","phone":"+4930123456"}"#,
            "GET /v2/verified-resources/phones/6",
        ]
    );
    let unknown = Service::self_hosted([success(Value::Null)]).await;
    assert_eq!(unknown.client.verified_resources().phone(9).await.unwrap(), None);
}

#[tokio::test]
async fn conferencing_apps_are_connected_through_a_page_and_one_is_the_default() {
    let app =
        json!({"id": 8, "type": "google_video", "userId": 31, "invalid": null, "key": {"access_token": "secret"}});
    let service =
        Service::self_hosted([success(json!([app])), success(app.clone()), success(json!({"appSlug": "zoom"}))]).await;
    let apps = service.client.conferencing();
    let found = apps.list().await.unwrap();
    assert_eq!((found[0].kind.as_deref(), found[0].invalid), (Some("google_video"), false));
    assert!(!format!("{found:?}").contains("secret"));
    apps.connect_google_meet().await.unwrap();
    assert_eq!(apps.default().await.unwrap().unwrap().app_slug.as_deref(), Some("zoom"));
    apps.set_default("zoom").await.unwrap();
    apps.disconnect("zoom").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/conferencing",
            "POST /v2/conferencing/google-meet/connect",
            "GET /v2/conferencing/default",
            "POST /v2/conferencing/zoom/default",
            "DELETE /v2/conferencing/zoom/disconnect",
        ]
    );

    let url = "https://zoom.example.org/oauth?state=signed-secret";
    let service = Service::hosted([success(json!({"url": url})), json!({"status": "success"})]).await;
    let apps = service.client.conferencing();
    let page = apps.connect("zoom", "/done", "/failed").await.unwrap();
    assert_eq!((page.as_str(), format!("{page:?}").contains("signed")), (url, false));
    assert_eq!(apps.default().await.unwrap(), None);
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/conferencing/zoom/oauth/auth-url?onErrorReturnTo=%2Ffailed&returnTo=%2Fdone",
            "GET /v2/conferencing/default",
        ]
    );
}

#[tokio::test]
async fn limits_on_bookings_are_kept_set_and_cleared() {
    let limits = json!({"perDay": 5, "perWeek": null, "perMonth": 60, "perYear": null});
    let service = Service::hosted([success(limits.clone())]).await;
    let me = service.client.me();
    let read = me.booking_limits().await.unwrap();
    assert_eq!((read.per_day, read.per_week, read.per_month), (Some(5), None, Some(60)));
    assert_eq!(read.to_wire_json(), limits);
    me.update_booking_limits(&UpdateBookingLimits::new().per_day(5u32).per_week(Patch::Clear).per_month(60u32))
        .await
        .unwrap();
    let error = me.update_booking_limits(&UpdateBookingLimits::new().per_day(0u32).per_year(0u32)).await.unwrap_err();
    let problems: Vec<_> = error.field_errors().iter().map(ToString::to_string).collect();
    assert_eq!(problems, ["perDay: must be at least 1", "perYear: must be at least 1"]);
    assert_eq!(
        service.calls().await,
        ["GET /v2/me/booking-limits", r#"PATCH /v2/me/booking-limits {"perDay":5,"perMonth":60,"perWeek":null}"#]
    );

    let team =
        json!({"teamId": 4, "teamName": "Sales", "teamLimit": limits, "memberLimit": null, "effectiveLimit": limits});
    let all = json!({"teams": [team], "globalLimit": null, "isOvercommitted": true});
    let service = Service::hosted([success(all.clone()), success(team), Value::Null]).await;
    let me = service.client.me();
    let read = me.team_booking_limits().await.unwrap();
    assert_eq!((read.teams[0].team_id, read.is_overcommitted, read.global_limit.as_ref()), (TeamId(4), true, None));
    assert_eq!(read.teams[0].effective_limit.as_ref().unwrap().per_day, Some(5));
    assert_eq!(read.to_wire_json(), all);
    me.update_team_booking_limits(4, &UpdateBookingLimits::new().per_year(Patch::Clear)).await.unwrap();
    me.clear_team_booking_limits(4).await.unwrap();
    me.clear_booking_limits().await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/me/team-booking-limits",
            r#"PATCH /v2/me/team-booking-limits/4 {"perYear":null}"#,
            "DELETE /v2/me/team-booking-limits/4",
            "DELETE /v2/me/booking-limits",
        ]
    );
    let mut changed: TeamBookingLimits = serde_json::from_value(all).unwrap();
    let none: BookingLimits = serde_json::from_value(json!({"perDay": 1})).unwrap();
    changed.teams[0].member_limit = Some(none);
    assert_eq!(changed.to_wire_json()["teams"][0]["memberLimit"]["perDay"], 1);

    let own = Service::self_hosted([success(limits)]).await;
    assert!(matches!(own.client.me().booking_limits().await, Err(Error::Unsupported(..))));
}

#[tokio::test]
async fn a_charge_is_sent_again_only_with_a_reference() {
    let charged = || success(json!({"charged": true, "remainingBalance": {"monthlyRemaining": 10, "additional": 2.5}}));
    let down = || failure(503, "ServiceUnavailable", "down");
    let with = ChargeCredits::new(5, CreditPurpose::PhoneCall).external_ref("call-17");
    let service = Service::hosted([down(), charged()]).await;
    let charge = service.client.credits().charge(&with).await.unwrap();
    assert_eq!((charge.charged, charge.remaining_balance.unwrap().total()), (true, 12.5));
    let sent = r#"POST /v2/credits/charge {"creditFor":"CAL_AI_PHONE_CALL","credits":5,"externalRef":"call-17"}"#;
    assert_eq!(service.calls().await, [sent, sent]);

    let service = Service::hosted([down(), charged()]).await;
    let error = service.client.credits().charge(&ChargeCredits::new(5, "SMS")).await.unwrap_err();
    assert!(error.may_have_been_applied(), "{error}");
    assert_eq!(service.calls().await, [r#"POST /v2/credits/charge {"creditFor":"SMS","credits":5}"#]);

    let service = Service::hosted([charged()]).await;
    for (wrong, field) in
        [(ChargeCredits::new(0, "SMS"), "credits"), (ChargeCredits::new(1, "SMS").external_ref(" "), "externalRef")]
    {
        assert_eq!(service.client.credits().charge(&wrong).await.unwrap_err().field_errors()[0].field, field);
    }
    assert!(service.calls().await.is_empty());
    assert!(!format!("{with:?}").contains("call-17"));
}

#[tokio::test]
async fn the_credits_that_are_left_are_read() {
    let left = json!({"hasCredits": true, "balance": {"monthlyRemaining": 120, "additional": 30}});
    let service = Service::hosted([success(left.clone())]).await;
    let available: AvailableCredits = service.client.credits().available().await.unwrap();
    assert_eq!((available.has_credits, available.balance.total()), (true, 150.0));
    assert_eq!(available.to_wire_json(), left);
    assert_eq!(service.calls().await, ["GET /v2/credits/available"]);
    let own = Service::self_hosted([success(left)]).await;
    assert!(matches!(own.client.credits().available().await, Err(Error::Unsupported(..))));
}

#[tokio::test]
async fn questions_of_a_booking_form_are_listed_added_replaced_changed_and_removed() {
    let form = json!({"bookingFields": [
        {"field": "name", "variant": "fullName", "slug": "name", "required": true},
        {"field": "custom", "type": "text", "slug": "company", "label": "Company", "required": false},
    ]});
    let service = Service::hosted([success(form)]).await;
    let questions = service.client.event_types().booking_fields(7);
    let found = questions.list().await.unwrap();
    assert_eq!((found.len(), found[1].slug.as_str(), found[1].label.as_deref()), (2, "company", Some("Company")));
    let (custom, kind) = (types::HostedInputFieldField::Custom, "phone".parse().unwrap());
    let company = types::HostedInputField::new(custom, kind, "company", "Company");
    questions.add([company.clone()]).await.unwrap();
    questions.replace([company]).await.unwrap();
    let change = types::PatchBookingFieldsBookingField::new().slug("company").hidden(true);
    service.client.team(4).event_types().booking_fields(7).update([change]).await.unwrap();
    service.client.organization(5).team(4).event_types().booking_fields(7).remove("company").await.unwrap();
    let field = r#"{"bookingFields":[{"field":"custom","label":"Company","slug":"company","type":"phone"}]}"#;
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/event-types/7/booking-fields @2026-06-12".to_owned(),
            format!("POST /v2/event-types/7/booking-fields @2026-06-12 {field}"),
            format!("PUT /v2/event-types/7/booking-fields @2026-06-12 {field}"),
            r#"PATCH /v2/teams/4/event-types/7/booking-fields @2026-06-12 {"bookingFields":[{"hidden":true,"slug":"company"}]}"#.to_owned(),
            "DELETE /v2/organizations/5/teams/4/event-types/7/booking-fields/company @2026-06-12".to_owned(),
        ]
    );
}

#[tokio::test]
async fn attendees_are_asked_to_reschedule_and_verify_their_addresses() {
    let done = json!({"status": "success"});
    let service =
        Service::hosted([done.clone(), done, success(json!({"sent": true})), success(json!({"verified": true}))]).await;
    let bookings = service.client.bookings();
    bookings.request_reschedule("abc", Some("The host is ill")).await.unwrap();
    bookings.request_reschedule("abc", None).await.unwrap();
    assert!(bookings.send_email_code("ada@example.org", Some("jo"), Some("de")).await.unwrap());
    assert!(bookings.verify_email_code("ada@example.org", "123456").await.unwrap());
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/bookings/abc/request-reschedule @2026-02-25 {"rescheduleReason":"The host is ill"}"#,
            "POST /v2/bookings/abc/request-reschedule @2026-02-25 {}",
            r#"POST /v2/bookings/verification/email/send-code {"email":"ada@example.org","language":"de","username":"jo"}"#,
            r#"POST /v2/bookings/verification/email/verify-code {"code":"123456","email":"ada@example.org"}"#,
        ]
    );
}

#[tokio::test]
async fn a_response_that_does_not_say_whether_a_code_is_right_is_no_verification() {
    let answers = [success(json!({})), success(json!({"verified": null})), success(json!({"verified": false}))];
    let service = Service::hosted(answers).await;
    let bookings = service.client.bookings();
    for _ in 0..2 {
        let error = bookings.verify_email_code("ada@example.org", "000000").await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)) && error.to_string().contains("data.verified"), "{error}");
    }
    assert!(!bookings.verify_email_code("ada@example.org", "000000").await.unwrap());
}

#[tokio::test]
async fn a_booking_takes_the_code_of_a_verified_address() {
    let service = Service::hosted([json!({"status": "success"})]).await;
    let start = "2027-03-01T10:00:00Z".parse().unwrap();
    let booking = CreateBooking::new(7, start, "Ada", "ada@example.org").email_verification_code("123456");
    assert!(!format!("{booking:?}").contains("123456"));
    let stored: CreateBooking = serde_json::from_value(serde_json::to_value(&booking).unwrap()).unwrap();
    assert_eq!(stored, booking);
    _ = service.client.bookings().create(&booking).await;
    assert!(service.calls().await[0].contains(r#""emailVerificationCode":"123456""#));
    let raw = calcom::raw::types::CreateBooking::try_from(&booking).unwrap();
    assert_eq!(raw.email_verification_code.as_deref(), Some("123456"));
    let unknown = CreateBooking::new(7, start, " ", "").email_verification_code("a\0b");
    let error = calcom::raw::types::CreateBooking::try_from(&unknown).unwrap_err();
    let fields: Vec<_> = error.field_errors().iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["responses.name", "responses.email", "emailVerificationCode"]);
}

#[tokio::test]
async fn figures_of_bookings_are_those_of_the_caller_a_team_or_the_organization() {
    let stats = json!({
        "created": {"count": 12, "deltaPrevious": -25.0}, "cancelled": {"count": 3, "deltaPrevious": 0}, "empty": false,
        "no_show": {"count": 1, "deltaPrevious": null}, "rating": {"count": 4.5, "deltaPrevious": 2},
    });
    let service = Service::hosted([success(stats.clone())]).await;
    let insights = service.client.insights();
    let of = |scope| InsightsQuery::new(scope, "Europe/Vienna");
    let found = insights.booking_stats(&of(InsightsScope::Team(TeamId(4)))).await.unwrap();
    let created = found.created.as_ref().unwrap();
    assert_eq!((created.count, created.delta_previous), (12.0, Some(-25.0)));
    assert_eq!(found.rating.as_ref().unwrap().count, 4.5);
    assert!(found.completed.is_none());
    assert_eq!(found.to_wire_json(), stats);
    insights.booking_stats(&of(InsightsScope::User)).await.unwrap();
    insights.booking_stats(&of(InsightsScope::Organization)).await.unwrap();
    let error = insights.booking_stats(&InsightsQuery::new(InsightsScope::User, "Mars")).await.unwrap_err();
    assert_eq!(error.field_errors()[0].to_string(), "timeZone: must be an IANA time zone");
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/insights/bookings/kpi-stats {"scope":"team","selectedTeamId":4,"timeZone":"Europe/Vienna"}"#,
            r#"POST /v2/insights/bookings/kpi-stats {"scope":"user","timeZone":"Europe/Vienna"}"#,
            r#"POST /v2/insights/bookings/kpi-stats {"scope":"org","timeZone":"Europe/Vienna"}"#,
        ]
    );
}

#[tokio::test]
async fn trends_durations_and_rankings_are_read_with_the_same_query() {
    let trends = json!([{"Month": "Mar 1", "Created": 3, "No-Show (Host)": 1, "Completed": null}, {"Created": "many"}]);
    let durations = json!([{"Date": "Mar 1", "Average": 42.5, "isToday": true}]);
    let rankings = json!({"mostBookings": [{"userId": 7, "count": 12, "user": {"email": "jo@example.org"}}], "leastBookings": null});
    let answers = [success(trends), success(durations), success(rankings.clone())];
    let service = Service::hosted(answers).await;
    let (insights, query) = (service.client.insights(), InsightsQuery::new(InsightsScope::User, "Europe/Vienna"));
    let found = insights.booking_trends(&query).await.unwrap();
    assert_eq!((found[0].created, found[0].completed, found[0].no_show, found.unread().len()), (3, 0, 1, 1));
    let found = insights.average_durations(&query).await.unwrap();
    assert_eq!((found[0].minutes, found[0].extra("isToday")), (42.5, Some(&json!(true))));
    let found = insights.member_stats(&query).await.unwrap();
    assert_eq!((found.most_bookings[0].count, found.least_bookings.len()), (12, 0));
    assert_eq!(found.to_wire_json(), rankings);
    assert!(!format!("{found:?}").contains("jo@"));
    let calls = service.calls().await;
    for (call, path) in calls.iter().zip(["event-trends", "average-duration", "members"]) {
        assert_eq!(
            *call,
            format!(r#"POST /v2/insights/bookings/{path} {{"scope":"user","timeZone":"Europe/Vienna"}}"#)
        );
    }
    assert_eq!(calls.len(), 3);
}

#[tokio::test]
async fn figures_are_of_the_days_that_were_asked_for() {
    let service = Service::hosted([success(json!({}))]).await;
    let (first, last) = (jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 31));
    let query = InsightsQuery::new(InsightsScope::User, "UTC");
    service.client.insights().booking_stats(&query.clone().created_between(first, last)).await.unwrap();
    service.client.insights().booking_stats(&query.clone().starting_between(last, last)).await.unwrap();
    let filter = |column: &str, first: &str| {
        let data = json!({"endDate": "2027-03-31", "preset": "custom", "startDate": first});
        json!({"columnFilters": [{"id": column, "value": {"data": data, "type": "dr"}}], "scope": "user", "timeZone": "UTC"})
    };
    let calls = service.calls().await;
    assert_eq!(calls[0], format!("POST /v2/insights/bookings/kpi-stats {}", filter("createdAt", "2027-03-01")));
    assert_eq!(calls[1], format!("POST /v2/insights/bookings/kpi-stats {}", filter("startTime", "2027-03-31")));
    let error = service.client.insights().booking_stats(&query.created_between(last, first)).await.unwrap_err();
    assert_eq!(error.field_errors()[0].to_string(), "created: must not end before it begins");
    assert_eq!(service.calls().await.len(), 2);
}
