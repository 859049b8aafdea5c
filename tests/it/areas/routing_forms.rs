use calcom::{
    Error,
    facade::RoutingFormFilter,
    model::{EventTypeId, RoutingFormResponseId, SortOrder, SubmitRoutingForm, TeamId, UserId},
};
use serde_json::{Map, json};

use super::{Service, failure, success};

const FORM: &str = "22222222-2222-4222-8222-222222222222";

fn answers() -> SubmitRoutingForm {
    SubmitRoutingForm::new("2028-02-28T00:00:00Z".parse().unwrap(), "2028-02-29T00:00:00Z".parse().unwrap())
        .answer("name", "Lea Lead")
        .answer("topics", json!(["a", "b"]))
        .time_zone("Europe/Vienna")
        .duration(30)
}

#[tokio::test]
async fn answers_to_a_routing_form_lead_to_an_event_type_a_message_or_a_page() {
    let event_type = json!({
        "routing": {"responseId": 11, "teamMemberIds": [31, 32], "skipContactOwner": false}, "eventTypeId": 16,
        "slots": {"2028-02-28": [{"start": "2028-02-28T08:00:00.000Z"}]},
    });
    let answers_of_service = [
        event_type,
        json!({"routingCustomMessage": "Later"}),
        json!({"routingExternalRedirectUrl": "https://example.org"}),
    ];
    let service = Service::hosted(answers_of_service.map(success)).await;
    let organization = service.client.organization(5);
    let routed = organization.routing_forms().submit(FORM, &answers()).await.unwrap();
    assert_eq!((routed.event_type_id, routed.response_id()), (Some(EventTypeId(16)), Some(RoutingFormResponseId(11))));
    assert_eq!(routed.team_member_ids(), [UserId(31), UserId(32)]);
    assert_eq!(routed.slots().unwrap().into_iter().count(), 1);
    let message = organization.routing_forms().for_team(4).submit(FORM, &answers()).await.unwrap();
    assert_eq!((message.routing_custom_message.as_deref(), message.slots()), (Some("Later"), None));
    let page = organization.team(4).submit_routing_form(FORM, &answers()).await.unwrap();
    assert_eq!(
        (page.routing_external_redirect_url.as_deref(), page.response_id()),
        (Some("https://example.org"), None)
    );
    service.client.team(4).submit_routing_form(FORM, &answers()).await.unwrap();
    let sent = |at: &str, version: &str| {
        format!(
            r#"POST /v2/{at}/routing-forms/{FORM}/responses?duration=30&end=2028-02-29T00%3A00%3A00Z&start=2028-02-28T00%3A00%3A00Z&timeZone=Europe%2FVienna{version} {{"name":"Lea Lead","topics":["a","b"]}}"#
        )
    };
    assert_eq!(
        service.calls().await,
        [
            sent("organizations/5", ""),
            sent("organizations/5/teams/4", ""),
            sent("organizations/5/teams/4", ""),
            sent("teams/4", ""),
        ]
    );
    assert!(!format!("{:?}", answers()).contains("Lea"));

    let missing = failure(400, "BadRequestException", "Missing required fields Department");
    let service = Service::self_hosted([missing]).await;
    let refused = service.client.organization(5).routing_forms().submit(FORM, &answers()).await;
    assert!(matches!(refused, Err(Error::Validation(_))));
    assert!(matches!(service.client.team(4).submit_routing_form(FORM, &answers()).await, Err(Error::Unsupported(..))));
    assert_eq!(service.calls().await.len(), 1);
}

#[tokio::test]
async fn routing_forms_and_responses_are_listed_and_a_response_is_changed() {
    let form = json!({"id": FORM, "name": "Contact", "description": null, "disabled": true, "teamId": 4, "userId": 31, "fields": []});
    let service = Service::self_hosted([success(json!([form]))]).await;
    let forms = service.client.organization(5).routing_forms();
    let found = forms.list(&RoutingFormFilter::default()).await.unwrap();
    assert_eq!((found[0].id.as_str(), found[0].disabled, found[0].team_id), (FORM, true, Some(TeamId(4))));
    let filter = RoutingFormFilter::default()
        .after_created_at("2028-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap())
        .sort_created_at(SortOrder::Desc);
    forms.for_team(4).list(&filter).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/5/routing-forms?take=250",
            "GET /v2/organizations/5/teams/4/routing-forms?afterCreatedAt=2028-01-01T00%3A00%3A00Z&sortCreatedAt=desc&take=250",
        ]
    );

    let response = json!({
        "id": 11, "formId": FORM, "formFillerId": "x", "routedToBookingUid": "abc", "createdAt": "2028-02-01T00:00:00Z",
        "response": {"f-name": {"label": "Your name", "value": "Lea Lead"}},
    });
    let service = Service::self_hosted([success(json!([response]))]).await;
    let forms = service.client.organization(5).routing_forms();
    let booked = RoutingFormFilter::default().routed_to_booking_uid("abc");
    let found = forms.responses(FORM, &booked).await.unwrap();
    let sent = format!("GET /v2/organizations/5/routing-forms/{FORM}/responses?routedToBookingUid=abc&take=250");
    assert_eq!(service.calls().await, [sent]);
    assert_eq!(found[0].response["f-name"]["value"], "Lea Lead");
    assert_eq!(found[0].routed_to_booking_uid.as_ref().unwrap().as_str(), "abc");
    assert!(!format!("{found:?}").contains("Lea"), "{found:?}");

    let service = Service::self_hosted([success(response)]).await;
    let forms = service.client.organization(5).routing_forms();
    let answers = || Map::from_iter([("f-name".to_owned(), json!({"value": "Lia"}))]);
    assert_eq!(forms.update_response(FORM, 11, answers()).await.unwrap().id, RoutingFormResponseId(11));
    forms.for_team(4).update_response(FORM, 11, answers()).await.unwrap();
    let sent = r#"{"response":{"f-name":{"value":"Lia"}}}"#;
    assert_eq!(
        service.calls().await,
        [
            format!("PATCH /v2/organizations/5/routing-forms/{FORM}/responses/11 {sent}"),
            format!("PATCH /v2/organizations/5/teams/4/routing-forms/{FORM}/responses/11 {sent}"),
        ]
    );
}

#[tokio::test]
async fn responses_to_a_form_of_a_team_are_read_through_the_team() {
    let service = Service::self_hosted([success(json!([{"id": 5, "formId": "f", "response": {}}]))]).await;
    let forms = service.client.organization(12).routing_forms().for_team(63);
    assert_eq!(forms.responses("f", &RoutingFormFilter::default()).await.unwrap().len(), 1);
    assert_eq!(service.calls().await, ["GET /v2/organizations/12/teams/63/routing-forms/f/responses?take=250"]);
}
