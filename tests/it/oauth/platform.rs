//! Managed users: their tokens as sessions, and the webhooks of their client.

use calcom::{
    Client, Error, PlatformCredentials,
    facade::{ManagedUserFilter, Platform},
    model::{CreateWebhook, Trigger},
    raw::types::{CreateManagedUser, CreateOAuthClient, CreateOAuthClientPermission, UpdateManagedUser},
};
use calcom_fake::{FakeCalcom, FakeTeam, FakeUser};

use super::*;

async fn platform() -> (FakeCalcom, Client, String) {
    let organization = FakeTeam::new("platform").organization().owner("ada");
    let builder = FakeCalcom::builder().user(FakeUser::new("ada")).team(organization);
    let fake = builder.rate_limits(Vec::new()).start().await;
    let owner = calcom::ApiKey::new(fake.api_key());
    let owner = Client::builder().api_url(fake.url()).credentials(owner).build().unwrap();
    let all = CreateOAuthClientPermission::from("*");
    let wanted = CreateOAuthClient::new("Desk", ["https://example.org/back"], [all]);
    let made = owner.platform_clients().create(&wanted).await.unwrap();
    let (id, secret) = (made.client_id.unwrap(), made.client_secret.unwrap());
    assert_eq!(owner.platform_clients().list().await.unwrap().len(), 1);
    let mut settings = config();
    settings.service = calcom::Contract::SelfHosted.into();
    settings.api_url = fake.url();
    let client = Client::builder().config(settings).credentials(PlatformCredentials::new(&id, secret)).build().unwrap();
    (fake, client, id)
}

fn sessions(client: &Client, id: &str) -> Platform {
    client.platform(id).sessions(Arc::new(MemoryTokenStore::new()))
}

async fn email(client: &Client) -> Result<String, Error> {
    client.raw().get_me().bypass_cache().await.map(|me| me.data.email.clone())
}

#[tokio::test]
async fn a_managed_user_is_a_client_whose_tokens_are_refreshed() {
    let (fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let user = platform.users().create(&CreateManagedUser::new("eva@example.org", "Eva")).await.unwrap();
    let eva = platform.managed_user(user.id).unwrap();
    let expected = format!("eva+{id}@example.org");
    assert_eq!(email(&eva).await.unwrap(), expected);
    // The tokens of the creation are used.
    assert!(fake.requests_of("force_refresh_managed_user").is_empty());
    fake.clock().advance(Duration::from_secs(3_601));
    let calls: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn({
                let eva = eva.clone();
                async move { email(&eva).await.unwrap() }
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), expected);
    }
    assert_eq!(fake.requests_of("refresh_managed_user_tokens").len(), 1);
    assert!(fake.requests_of("force_refresh_managed_user").is_empty());
    // The first requests were refused with 498.
    assert!(fake.requests_of("get_me").iter().any(|request| request.status == Some(498)));
}

#[tokio::test]
async fn tokens_that_are_lost_are_had_anew_by_the_platform() {
    let (fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let user = platform.users().create(&CreateManagedUser::new("eva@example.org", "Eva")).await.unwrap();
    // Another program on its own store has no tokens, and takes new ones; those of the first are revoked.
    let other = sessions(&client, &id).managed_user(user.id).unwrap();
    email(&other).await.unwrap();
    let eva = platform.managed_user(user.id).unwrap();
    email(&eva).await.unwrap();
    assert_eq!(fake.requests_of("force_refresh_managed_user").len(), 2);
    assert!(fake.requests_of("refresh_managed_user_tokens").len() <= 1);
}

#[tokio::test]
async fn users_are_listed_changed_and_deleted_and_a_deleted_one_has_no_session() {
    let (_fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let users = platform.users();
    for name in ["eva", "max"] {
        users.create(&CreateManagedUser::new(format!("{name}@example.org"), name)).await.unwrap();
    }
    let all = users.list(&ManagedUserFilter::default()).await.unwrap();
    assert_eq!(all.len(), 2);
    let one = users.list(&ManagedUserFilter::default().email("max@example.org")).await.unwrap();
    assert_eq!(one.len(), 1);
    let user = one[0].id;
    let changed = users.update(user, &UpdateManagedUser::default().time_zone("Europe/Berlin")).await.unwrap();
    assert_eq!(changed.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(users.get(user).await.unwrap().id, user);
    let max = platform.managed_user(user).unwrap();
    email(&max).await.unwrap();
    users.delete(user).await.unwrap();
    let error = email(&max).await.unwrap_err();
    assert!(error.is_consent_required(), "{error:?}");
    assert!(users.force_refresh(user).await.is_err());
}

#[tokio::test]
async fn a_managed_user_needs_a_place_for_its_tokens() {
    let (_fake, client, id) = platform().await;
    let error = client.platform(&id).managed_user(7).unwrap_err();
    assert!(error.to_string().contains("Platform::sessions"), "{error}");
}

#[tokio::test]
async fn the_webhooks_of_a_client_are_its_own() {
    let (fake, client, id) = platform().await;
    let webhooks = client.platform(&id).webhooks();
    let made =
        webhooks.create(&CreateWebhook::new("http://127.0.0.1:9/hook", [Trigger::BookingCreated])).await.unwrap();
    assert_eq!(webhooks.get(made.id.clone()).await.unwrap().id, made.id);
    assert_eq!(webhooks.list().await.unwrap().len(), 1);
    webhooks.delete(made.id).await.unwrap();
    assert!(webhooks.list().await.unwrap().is_empty());
    assert_eq!(fake.requests_of("create_oauth_client_webhook").len(), 1);
}
