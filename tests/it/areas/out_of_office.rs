use calcom::{
    Error, Patch,
    facade::OutOfOfficeFilter,
    model::{
        CreateOutOfOffice, OutOfOfficeEntry, OutOfOfficeId, OutOfOfficeReason, SortOrder, UpdateOutOfOffice, UserId,
    },
};
use jiff::civil::date;
use serde_json::{Value, json};

use super::{Service, failure, success};

fn entry(id: i64) -> Value {
    json!({
        "id": id, "uuid": format!("00000000-0000-4000-8000-{id:012}"), "userId": 31, "toUserId": 32, "reason": "sick",
        "start": "2028-02-28T00:00:00.000Z", "end": "2028-03-01T23:59:59.999Z", "notes": "In bed",
    })
}

#[tokio::test]
async fn absences_of_the_caller_are_whole_days_and_belong_to_the_hosted_service() {
    let service = Service::hosted([success(entry(7))]).await;
    let absences = service.client.out_of_office();
    let sick = CreateOutOfOffice::new(date(2028, 2, 28), date(2028, 3, 1))
        .reason(OutOfOfficeReason::Sick)
        .notes("In bed")
        .to_user_id(32);
    let created = absences.create(&sick).await.unwrap();
    assert_eq!(
        (created.id, created.user_id, created.to_user_id),
        (OutOfOfficeId(7), Some(UserId(31)), Some(UserId(32)))
    );
    assert_eq!((created.first_day(), created.last_day()), (date(2028, 2, 28), date(2028, 3, 1)));
    assert_eq!(created.extra("uuid"), Some(&json!("00000000-0000-4000-8000-000000000007")));
    assert_eq!(created.wire().unwrap().notes.as_deref(), Some("In bed"));

    let later = UpdateOutOfOffice::new().days(date(2028, 3, 1), date(2028, 3, 2)).notes(Patch::Clear);
    absences.update(7, &later).await.unwrap();
    absences.update(created.id, &UpdateOutOfOffice::new().reason("parental").to_user_id(UserId(4))).await.unwrap();
    assert_eq!(absences.delete(7).await.unwrap().id, created.id);
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/me/ooo {"end":"2028-03-01T23:59:59.999Z","notes":"In bed","reason":"sick","start":"2028-02-28T00:00:00Z","toUserId":32}"#,
            r#"PATCH /v2/me/ooo/7 {"end":"2028-03-02T23:59:59.999Z","notes":null,"start":"2028-03-01T00:00:00Z"}"#,
            r#"PATCH /v2/me/ooo/7 {"reason":"parental","toUserId":4}"#,
            "DELETE /v2/me/ooo/7",
        ]
    );

    let own = Service::self_hosted([success(entry(7))]).await;
    assert!(matches!(own.client.out_of_office().create(&sick).await, Err(Error::Unsupported(..))));
    assert!(own.calls().await.is_empty());
}

#[tokio::test]
async fn days_that_are_no_absence_are_named_and_nothing_is_sent() {
    let service = Service::hosted([success(entry(7))]).await;
    let absences = service.client.out_of_office();
    let (early, late) = (date(2028, 2, 28), date(2028, 3, 1));
    let mut half = UpdateOutOfOffice::new();
    half.first_day = Some(early);
    for (error, expected) in [
        (
            absences.create(&CreateOutOfOffice::new(late, early)).await.unwrap_err(),
            "lastDay: must not be before firstDay",
        ),
        (
            absences.update(7, &UpdateOutOfOffice::new().days(late, early)).await.unwrap_err(),
            "lastDay: must not be before firstDay",
        ),
        (absences.update(7, &half).await.unwrap_err(), "lastDay: is changed together with firstDay"),
    ] {
        assert_eq!(error.field_errors()[0].to_string(), expected);
    }
    assert!(service.calls().await.is_empty());
    assert!(absences.create(&CreateOutOfOffice::new(early, early)).await.is_ok());
}

#[tokio::test]
async fn a_full_page_is_followed_by_the_next_and_a_short_one_ends_the_list() {
    let full: Vec<_> = (0..250).map(entry).collect();
    let mut odd = entry(251);
    odd["start"] = json!("soon");
    let service = Service::hosted([success(full.into()), success(json!([entry(249), entry(250), odd]))]).await;
    let filter = OutOfOfficeFilter::default().sort_start(SortOrder::Desc).sort_end(SortOrder::Asc);
    let absences = service.client.out_of_office().list(&filter).await.unwrap();
    assert_eq!(absences.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), (0..=250).collect::<Vec<_>>());
    assert_eq!(absences.unread().len(), 1);
    assert_eq!(absences.unread()[0].index, Some(2));
    assert!(!absences.unread()[0].error.to_string().contains("soon"));
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/me/ooo?sortEnd=asc&sortStart=desc&take=250",
            "GET /v2/me/ooo?skip=250&sortEnd=asc&sortStart=desc&take=250",
        ]
    );

    let service = Service::hosted([success(json!([entry(1), entry(2)]))]).await;
    let mut stream = service.client.out_of_office().stream(&OutOfOfficeFilter::default());
    let mut seen = Vec::new();
    while let Some(entry) = stream.next().await {
        seen.push(entry.unwrap().id.0);
    }
    assert_eq!((seen, stream.unread().len()), (vec![1, 2], 0));
    assert_eq!(service.calls().await, ["GET /v2/me/ooo?take=250"]);
}

#[tokio::test]
async fn absences_of_an_organization_are_those_of_one_user_or_of_all() {
    let service = Service::self_hosted([success(json!([entry(1)]))]).await;
    let organization = service.client.organization(5);
    let filter = OutOfOfficeFilter::default();
    assert_eq!(organization.out_of_office().list(&filter).await.unwrap()[0].id.0, 1);
    organization.out_of_office().for_email("mia@example.org").list(&filter).await.unwrap();
    organization.user(31).out_of_office().list(&filter.sort_end(SortOrder::Desc)).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/5/ooo?take=250",
            "GET /v2/organizations/5/ooo?email=mia%40example.org&take=250",
            "GET /v2/organizations/5/users/31/ooo?sortEnd=desc&take=250",
        ]
    );
    assert!(!format!("{:?}", organization.out_of_office().for_email("mia@example.org")).contains("mia"));

    let service = Service::self_hosted([success(entry(9))]).await;
    let absences = service.client.organization(5).user(31).out_of_office();
    absences.create(&CreateOutOfOffice::new(date(2028, 2, 28), date(2028, 2, 28))).await.unwrap();
    absences.update(9, &UpdateOutOfOffice::new()).await.unwrap();
    absences.delete(9).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/organizations/5/users/31/ooo {"end":"2028-02-28T23:59:59.999Z","start":"2028-02-28T00:00:00Z"}"#,
            "PATCH /v2/organizations/5/users/31/ooo/9 {}",
            "DELETE /v2/organizations/5/users/31/ooo/9",
        ]
    );
}

#[tokio::test]
async fn a_deleted_absence_and_one_of_another_user_are_permission_errors() {
    let refusal = failure(403, "ForbiddenException", "This OOO entry does not belong to this user.");
    let service = Service::hosted([refusal]).await;
    assert!(matches!(service.client.out_of_office().delete(7).await, Err(Error::Permission(_))));
    assert_eq!(service.calls().await.len(), 1);
}

#[test]
fn an_absence_keeps_every_field_and_shows_no_note() {
    let absence: OutOfOfficeEntry = serde_json::from_value(entry(7)).unwrap();
    assert_eq!(absence.to_wire_json(), entry(7));
    let mut changed = absence.clone();
    changed.notes = None;
    assert_ne!(changed, absence);
    assert_eq!(changed.to_wire_json()["notes"], Value::Null);
    let shown =
        format!("{absence:?} {:?}", CreateOutOfOffice::new(date(2028, 2, 28), date(2028, 2, 28)).notes("In bed"));
    assert!(!shown.contains("bed"), "{shown}");
    let input: CreateOutOfOffice =
        serde_json::from_value(json!({"firstDay": "2028-02-28", "lastDay": "2028-03-01", "toUserId": 4})).unwrap();
    assert!(input == CreateOutOfOffice::new(date(2028, 2, 28), date(2028, 3, 1)).to_user_id(4));
    assert!(serde_json::from_value::<CreateOutOfOffice>(json!({"start": "2028-02-28"})).is_err());
}
