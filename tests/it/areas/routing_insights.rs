//! Figures of routing forms.

use calcom::{
    Error,
    model::{InsightsPeriod, InsightsScope, RoutingFormId, RoutingInsightsQuery, TeamId, UserId},
    raw::types,
};
use jiff::civil::date;
use serde_json::{Value, json};

use super::{Service, success};

fn february(scope: InsightsScope) -> RoutingInsightsQuery {
    RoutingInsightsQuery::new(scope, date(2028, 2, 1), date(2028, 2, 29))
}

#[tokio::test]
async fn responses_that_led_to_bookings_are_counted() {
    let stats = json!({"total": 9, "totalWithBooking": 6, "totalWithoutBooking": null});
    let service = Service::hosted([success(stats.clone())]).await;
    let insights = service.client.insights();
    let found = insights.routing_stats(&february(InsightsScope::Team(TeamId(63)))).await.unwrap();
    assert_eq!((found.total, found.with_booking, found.without_booking), (9, 6, 0));
    assert_eq!(found.to_wire_json(), stats);
    insights.routing_stats(types::RoutingInsightsBase::new("org".into(), "a", "b")).await.unwrap();
    let backwards = RoutingInsightsQuery::new(InsightsScope::User, date(2028, 3, 1), date(2028, 2, 29));
    for error in [
        insights.routing_stats(&backwards).await.err(),
        insights.routing_responses(&backwards).await.err(),
        insights.routed_members(&backwards, InsightsPeriod::Day).await.err(),
        insights.failed_bookings_by_field(&backwards).await.err(),
    ] {
        assert_eq!(error.unwrap().field_errors()[0].to_string(), "last: must not be before the first day");
    }
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/insights/routings/forms-by-status {"endDate":"2028-02-29","scope":"team","selectedTeamId":63,"startDate":"2028-02-01"}"#,
            r#"POST /v2/insights/routings/forms-by-status {"endDate":"b","scope":"org","startDate":"a"}"#,
        ]
    );
    let own = Service::self_hosted([success(stats)]).await;
    let error = own.client.insights().routing_stats(&february(InsightsScope::User)).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(..)), "{error}");
}

#[tokio::test]
async fn responses_are_listed_page_by_page_whatever_their_total_says() {
    let response = |id: u64| {
        json!({
            "id": id, "formId": "f", "formName": "Intake", "bookingUid": null, "createdAt": "2028-02-29T23:59:59.999Z",
            "fields": [{"fieldId": "q", "valueString": null, "valueNumber": 2.5, "valueStringArray": ["a"]}],
        })
    };
    let page = |ids: std::ops::Range<u64>| {
        let mut items: Vec<Value> = ids.map(response).collect();
        items.push(json!({"id": 3, "createdAt": "yesterday"}));
        success(json!({"total": 1, "data": items}))
    };
    let service = Service::hosted([page(0..99), page(99..100), success(json!({"total": 5000, "data": []}))]).await;
    let found = service.client.insights().routing_responses(&february(InsightsScope::Organization)).await.unwrap();
    assert_eq!((found.len(), found.unread().is_empty()), (100, false));
    assert_eq!((found[0].booking_uid.as_ref(), found[0].fields[0].number), (None, Some(2.5)));
    assert_eq!(found[0].fields[0].texts.as_deref(), Some(["a".to_owned()].as_slice()));
    assert_eq!(found[0].created_at.unwrap().to_string(), "2028-02-29T23:59:59.999Z");
    assert!(!format!("{found:?}").contains("Intake"));
    let calls = service.calls().await;
    for (call, offset) in calls.iter().zip([0, 100]) {
        assert_eq!(
            *call,
            format!(
                r#"POST /v2/insights/routings/form-responses {{"endDate":"2028-02-29","limit":100,"offset":{offset},"scope":"org","startDate":"2028-02-01"}}"#
            )
        );
    }
    assert_eq!(calls.len(), 2, "{calls:?}");

    // The same page for ever.
    let service = Service::hosted([page(0..99)]).await;
    let found = service.client.insights().routing_responses(&february(InsightsScope::User)).await.unwrap();
    assert_eq!(found.len(), 99);
    assert!(service.calls().await.len() < 10);
}

#[tokio::test]
async fn fields_columns_and_failures_are_those_of_the_forms_in_the_scope() {
    let fields = json!([{"id": "q", "label": "Branch", "type": "select", "options": [{"id": null, "label": "South"}]}, {"options": null}]);
    let failed = json!({"Branch": [{"South": 3}]});
    let service = Service::hosted([success(fields.clone()), success(fields), success(failed.clone())]).await;
    let insights = service.client.insights();
    let form = RoutingFormId::from("11111111-1111-4111-8111-111111111111");
    let found = insights.routing_fields(InsightsScope::Team(TeamId(63)), Some(&form)).await.unwrap();
    assert_eq!((found[0].options[0].label.as_deref(), found[1].options.len()), (Some("South"), 0));
    let found = insights.routing_columns(InsightsScope::User, None).await.unwrap();
    assert_eq!(found[0].kind.as_deref(), Some("select"));
    let found = insights.failed_bookings_by_field(&february(InsightsScope::User)).await.unwrap();
    assert_eq!(Value::Object(found), failed);
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/insights/routings/form-field-options {"routingFormId":"11111111-1111-4111-8111-111111111111","scope":"team","selectedTeamId":63}"#,
            r#"POST /v2/insights/routings/form-response-headers {"scope":"user"}"#,
            r#"POST /v2/insights/routings/failed-bookings-by-field {"endDate":"2028-02-29","scope":"user","startDate":"2028-02-01"}"#,
        ]
    );
}

#[tokio::test]
async fn members_whom_forms_led_to_are_counted_by_day_week_or_month() {
    let routed = json!({
        "users": {"data": [{"id": 77, "name": "Jo", "email": "jo@example.org", "totalBookings": 4, "performance": "median"}]},
        "periodStats": {"data": [{"userId": 77, "period_start": "2028-02-28T00:00:00.000Z", "total": null}]},
    });
    let answers = [success(routed.clone()), success(json!({"users": null, "periodStats": {}})), success(json!({}))];
    let service = Service::hosted(answers).await;
    let insights = service.client.insights();
    let query = february(InsightsScope::Team(TeamId(63)));
    let found = insights.routed_members(&query, InsightsPeriod::Day).await.unwrap();
    assert_eq!((found.members[0].user_id, found.members[0].total_bookings), (Some(UserId(77)), 4));
    assert_eq!((found.counts[0].total, found.counts[0].start.is_some()), (0, true));
    assert_eq!(found.to_wire_json(), routed);
    assert!(!format!("{found:?}").contains("jo@") && !format!("{found:?}").contains("Jo"), "{found:?}");
    for period in [InsightsPeriod::Week, InsightsPeriod::Month] {
        let found = insights.routed_members(&query, period).await.unwrap();
        assert!(found.members.is_empty() && found.counts.is_empty());
    }
    let calls = service.calls().await;
    for (call, period) in calls.iter().zip(["perDay", "perWeek", "perMonth"]) {
        assert_eq!(
            *call,
            format!(
                r#"POST /v2/insights/routings/routed-to-per-period {{"endDate":"2028-02-29","limit":100,"period":"{period}","scope":"team","selectedTeamId":63,"startDate":"2028-02-01"}}"#
            )
        );
    }
    assert_eq!(calls.len(), 3);
}
