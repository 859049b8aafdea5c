//! Managed users: their tokens as sessions, and the webhooks of their client.

use calcom::{
    Patch,
    facade::{ManagedUserFilter, Platform},
    model::{ClockFormat, CreateManagedUser, CreateWebhook, Trigger, UpdateUser, UserId},
    raw::types::{CreateOAuthClient, CreateOAuthClientPermission, UpdateOAuthClient},
    secrecy::ExposeSecret,
};
use calcom_fake::{FakeCalcom, FakeTeam, FakeUser, Fault, ResetPoint};
use serde_json::json;

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
    let id = made.id().to_owned();
    assert_eq!(owner.platform_clients().list().await.unwrap().len(), 1);
    let mut settings = config();
    settings.service = calcom::Contract::SelfHosted.into();
    settings.api_url = fake.url();
    let client = Client::builder().config(settings).credentials(made).build().unwrap();
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
    let changed = users.update(user, &UpdateUser::new().time_zone("Europe/Berlin")).await.unwrap();
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
async fn a_forced_refresh_is_kept_where_the_session_of_the_user_is() {
    let (fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let created = platform.users().create(&CreateManagedUser::new("eva@example.org", "Eva")).await.unwrap();
    let eva = platform.managed_user(created.id).unwrap();
    fake.clock().advance(Duration::from_secs(3_601));
    // Calls whose token has expired, and a forced refresh meanwhile: one of them waits for the other.
    fake.fault(Fault::delay(Duration::from_millis(300)).on("refresh_managed_user_tokens"));
    fake.fault(Fault::delay(Duration::from_millis(300)).on("force_refresh_managed_user"));
    let users = platform.users();
    let (first, second, forced) = tokio::join!(email(&eva), email(&eva), users.force_refresh(created.id));
    assert_eq!((first.unwrap(), second.unwrap()), (created.email.clone(), created.email.clone()));
    let forced = forced.unwrap();
    assert_eq!(email(&eva).await.unwrap(), created.email);
    // The tokens are those of the session, and are still valid.
    let shown = client.with_credentials(forced.access_token.clone()).unwrap();
    assert_eq!(email(&shown).await.unwrap(), created.email);
    let hour = forced.access_token_expires_at.unwrap().duration_since(fake.clock().now()).as_secs();
    assert!((3_590..=3_600).contains(&hour), "{hour}");
    assert_eq!(fake.requests_of("force_refresh_managed_user").len(), 1);
    assert!(fake.requests_of("refresh_managed_user_tokens").len() <= 1);
    assert!(!format!("{forced:?}").contains("jwt_"), "{forced:?}");
}

#[tokio::test]
async fn a_user_whom_another_program_deletes_has_no_session_and_is_not_asked_for_again_and_again() {
    let (fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let user = platform.users().create(&CreateManagedUser::new("eva@example.org", "Eva")).await.unwrap().id;
    let eva = platform.managed_user(user).unwrap();
    email(&eva).await.unwrap();
    client.platform(&id).users().delete(user).await.unwrap();
    for _ in 0..3 {
        let error = email(&eva).await.unwrap_err();
        assert!(error.is_consent_required() && !error.is_retryable(), "{error:?}");
    }
    assert_eq!(fake.requests_of("force_refresh_managed_user").len(), 1);
}

#[tokio::test]
async fn lost_and_odd_answers_keep_the_session_of_a_managed_user() {
    let (fake, client, id) = platform().await;
    let platform = sessions(&client, &id);
    let user = platform.users().create(&CreateManagedUser::new("eva@example.org", "Eva")).await.unwrap();
    let eva = platform.managed_user(user.id).unwrap();
    let faults = [
        Fault::reset(ResetPoint::AfterEffect),
        Fault::html(200),
        Fault::answer(200, "application/json", r#"{"status":"success","data":{"accessToken":"jwt_planted"}}"#),
        Fault::answer(200, "application/json", r#"{"status":"success","data":[]}"#),
        Fault::status(503),
    ];
    for fault in faults {
        let shown = format!("{fault:?}");
        fake.clock().advance(Duration::from_secs(3_601));
        fake.fault(fault.on("refresh_managed_user_tokens"));
        let error = email(&eva).await.unwrap_err();
        assert!(error.is_retryable() && !error.is_consent_required(), "{shown}: {error:?}");
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        assert_eq!(email(&eva).await.unwrap(), user.email, "{shown}");
    }
}

#[tokio::test]
async fn users_and_clients_are_types_with_ids_and_times_and_show_no_secret() {
    let (fake, client, id) = platform().await;
    let users = client.platform(&id).users();
    let wanted = CreateManagedUser::new("eva@example.org", "Planted Eva")
        .time_zone("Europe/Vienna")
        .week_start(calcom::jiff::civil::Weekday::Monday)
        .time_format(ClockFormat::Hours24)
        .locale("de")
        .bio("planted text")
        .avatar_url("https://example.org/planted.png")
        .metadata("branch", 7);
    let made = users.create(&wanted).await.unwrap();
    let expected = json!({ "email": "eva@example.org", "name": "Planted Eva", "timeZone": "Europe/Vienna",
        "weekStart": "Monday", "timeFormat": 24, "locale": "de", "bio": "planted text",
        "avatarUrl": "https://example.org/planted.png", "metadata": { "branch": 7 } });
    assert_eq!(fake.requests_of("create_managed_user")[0].body, expected);
    assert_eq!(made.time_zone.as_deref(), Some("Europe/Vienna"));
    assert_eq!((made.metadata["branch"].clone(), made.extra("timeFormat")), (json!(7), Some(&json!(24))));
    assert!(made.created_date.is_some() && made.default_schedule_id.is_some() && made.wire().is_some());
    assert!(!format!("{made:?} {wanted:?}").contains("lanted"), "{made:?}");
    let changes = UpdateUser::new().bio(Patch::Clear).locale("fr").metadata(Patch::Clear);
    let changed = users.update(made.id, &changes).await.unwrap();
    let sent = json!({ "bio": null, "locale": "fr", "metadata": null });
    assert_eq!(fake.requests_of("update_managed_user")[0].body, sent);
    assert_eq!((changed.bio, changed.locale.as_deref(), changed.metadata.len()), (None, Some("fr"), 0));
    let before = fake.requests().len();
    for error in [
        users.create(&CreateManagedUser::new("max@example.org", "Max").time_zone("Nowhere")).await.unwrap_err(),
        users.update(made.id, &UpdateUser::new().avatar_url("no url")).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Validation(_)) && error.attempts() == 0, "{error:?}");
    }
    assert_eq!(fake.requests().len(), before);

    let key = calcom::ApiKey::new(fake.api_key());
    let clients = Client::builder().api_url(fake.url()).credentials(key).build().unwrap().platform_clients();
    let known = clients.get(&id).await.unwrap();
    assert_eq!((&*known.id, known.name.as_deref()), (&*id, Some("Desk")));
    assert_eq!(known.redirect_uris, ["https://example.org/back"]);
    let credentials = known.credentials().unwrap();
    let secret = credentials.secret().expose_secret();
    assert!(!secret.is_empty() && !format!("{known:?} {credentials:?}").contains(secret));
    let again = Client::builder().api_url(fake.url()).credentials(credentials).build().unwrap();
    assert_eq!(again.platform(&id).users().list(&ManagedUserFilter::default()).await.unwrap().len(), 1);
    let renamed = UpdateOAuthClient::default().name("Front desk");
    assert_eq!(clients.update(&id, &renamed).await.unwrap().name.as_deref(), Some("Front desk"));
    assert_eq!(clients.delete(&id).await.unwrap().id, id);
    assert!(matches!(clients.get(&id).await.unwrap_err(), Error::NotFound(_)));
}

#[tokio::test]
async fn a_managed_user_needs_a_place_for_its_tokens() {
    let (_fake, client, id) = platform().await;
    let error = client.platform(&id).managed_user(UserId(7)).unwrap_err();
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
