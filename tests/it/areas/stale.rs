//! Writes of the areas make the responses stale that they change.

use std::{future::Future, pin::Pin};

use calcom::{
    Client,
    model::{CreateMembership, UpdateMembership, UpdateOrganizationUser, UpdateTeam},
};
use serde_json::json;

use super::{Service, success};

type Write = fn(Client) -> Pin<Box<dyn Future<Output = ()>>>;

/// A write, whose response is of no interest here.
macro_rules! writes {
    ($($text:literal: |$client:ident| $call:expr;)+) => {
        [$(($text, (|$client: Client| Box::pin(async move { drop($call.await) })) as Write)),+]
    };
}

#[tokio::test]
async fn event_types_of_a_team_are_read_again_after_its_members_or_the_team_changed() {
    for (write, send) in writes! {
        "a member is added": |client| client.team(4).members().add(&CreateMembership::new(7));
        "a member is changed": |client| client.team(4).members().update(9, &UpdateMembership::new());
        "a member is removed": |client| client.team(4).members().remove(9);
        "the team is renamed": |client| client.team(4).update(&UpdateTeam::new("Sales"));
        "the team is deleted": |client| client.team(4).delete();
        "through the organization": |client| client.organization(1).team(4).members().remove(9);
        "an app of the team is disconnected": |client| client.organization(1).team_conferencing(4).disconnect("zoom");
        "a user leaves the organization": |client| client.organization(1).memberships().remove(9);
        "a user is deleted": |client| client.organization(1).user(7).delete();
        "a user is changed": |client| client.organization(1).user(7).update(&UpdateOrganizationUser::new().name("Jo"));
    } {
        let service = Service::self_hosted([success(json!([]))]).await;
        let list = async || service.client.raw().list_team_event_types(4).await.map(drop).unwrap();
        list().await;
        list().await;
        let lists = async || {
            let calls = service.calls().await;
            calls.iter().filter(|call| call.starts_with("GET /v2/teams/4/event-types")).count()
        };
        assert_eq!(lists().await, 1, "{write}");
        send(service.client.clone()).await;
        assert_eq!(service.calls().await.len(), 2, "{write}: {:?}", service.calls().await);
        list().await;
        assert_eq!(lists().await, 2, "{write}");
    }
}

#[tokio::test]
async fn event_types_of_another_team_stay_fresh() {
    let service = Service::self_hosted([success(json!([]))]).await;
    let list = async || service.client.raw().list_team_event_types(4).await.map(drop).unwrap();
    list().await;
    drop(service.client.team(5).members().remove(9).await);
    drop(service.client.team(5).delete().await);
    list().await;
    let calls = service.calls().await;
    assert_eq!(calls.len(), 3, "{calls:?}");
}
