//! Settings and credentials: from code, from the environment, from serde; what is wrong with them is named.

use std::time::Duration;

use calcom::{
    AccessToken, ApiKey, Client, Config, Credentials, Error, PlatformCredentials,
    config::{CacheConfig, Timeouts},
};
use serde_json::json;

use crate::support::{
    classes::{call, success},
    kind,
    socket::{Received, Service},
};
use calcom::operation::Resend;

fn config(vars: &[(&str, &str)]) -> Result<Config, Error> {
    Config::from_vars(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

fn credentials(vars: &[(&str, &str)]) -> Result<Credentials, Error> {
    Credentials::from_vars(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

/// What arrives when a client set up so reads the webhooks.
async fn sent(client: impl FnOnce(&Service) -> Client) -> Received {
    let service = Service::answering([success(Resend::Safe)]).await;
    call(&client(&service), Resend::Safe).await.unwrap();
    service.requests().remove(0)
}

#[test]
fn the_defaults_are_the_references() {
    let config = Config::default();
    let json = serde_json::to_value(&config).unwrap();
    assert_eq!(json["api_url"], "https://api.cal.com/v2");
    assert_eq!((&json["service"], json.get("api_version")), (&json!("by-address"), None));
    assert_eq!((&json["timeout"]["connect"], &json["timeout"]["request"]), (&json!(10), &json!(30)));
    assert_eq!(json["retry"], json!({"times": 3, "delay": 100}));
    assert_eq!(json["max_response_bytes"], 8 * 1024 * 1024);
    assert_eq!(config.timeout.total, Duration::from_secs(60));
    assert_eq!(json["rate_limit"]["max_wait"], 300);
    assert!(!config.allow_http);
}

#[test]
fn settings_come_back_from_json_as_they_were_and_what_is_left_out_is_the_default() {
    // The reference's keys, as its configuration file has them.
    let reference = json!({
        "api_url": "https://cal.example.org/v2",
        "api_version": "2024-08-13",
        "timeout": {"connect": 5, "request": 12.5},
        "retry": {"times": 4, "delay": 250},
    });
    let config: Config = serde_json::from_value(reference).unwrap();
    assert_eq!(config.timeout.connect, Duration::from_secs(5));
    assert_eq!(config.timeout.request, Duration::from_millis(12_500));
    assert_eq!(config.timeout.total, Duration::from_secs(60));
    assert_eq!((config.retry.times, config.retry.delay), (4, Duration::from_millis(250)));
    let again: Config = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    assert_eq!(serde_json::from_str::<Config>("{}").unwrap(), Config::default());
}

#[test]
fn the_longest_times_come_back_as_they_were_and_are_no_error() {
    let longest = Duration::MAX;
    let timeouts = Timeouts::default().connect(longest).request(longest).total(longest).idle(longest);
    let mut config = Config::default().timeout(timeouts).cache(CacheConfig::default().ttl("slots", longest));
    config.retry.delay = longest;
    config.circuit_breaker.timeout = longest;
    config.rate_limit.max_wait = longest;
    let again: Config = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    Client::builder().config(config).credentials(Credentials::Anonymous).build().unwrap();
}

#[test]
fn a_setting_that_serde_cannot_read_is_named() {
    let cases = [
        (json!({"timeout": {"connect": "ten"}}), "timeout.connect"),
        (json!({"timeout": {"request": -1}}), "timeout.request"),
        (json!({"timeout": {"total": 1e300}}), "timeout.total"),
        (json!({"retry": {"times": 2.5}}), "retry.times"),
        (json!({"retry": {"times": -1}}), "retry.times"),
        (json!({"retry": {"delay": null}}), "retry.delay"),
        (json!({"retry": 3}), "retry"),
        (json!({"api_url": 5}), "api_url"),
        (json!({"allow_http": "yes"}), "allow_http"),
        (json!({"max_response_bytes": -1}), "max_response_bytes"),
        (json!({"api_key": "cal_live_planted"}), "api_key"),
        (json!({"timeout": {"conect": 1}}), "conect"),
    ];
    for (json, name) in cases {
        let error = serde_json::from_value::<Config>(json.clone()).unwrap_err().to_string();
        assert!(error.contains(name), "{json}: {error}");
        assert!(!error.contains("planted"), "{json}: {error}");
        let error = serde_json::from_str::<Config>(&json.to_string()).unwrap_err().to_string();
        assert!(error.contains(name), "{json}: {error}");
    }
}

#[test]
fn the_environment_names_every_setting() {
    let read = config(&[
        ("CALCOM_API_URL", " https://cal.example.org "),
        ("CALCOM_API_VERSION", "2026-02-25 "),
        ("CALCOM_TIMEOUT_CONNECT", "1.5"),
        ("CALCOM_TIMEOUT_REQUEST", " 7 "),
        ("CALCOM_TIMEOUT_TOTAL", "20"),
        ("CALCOM_RETRY_TIMES", "5"),
        ("CALCOM_RETRY_DELAY", "250"),
        ("CALCOM_ALLOW_HTTP", "true"),
        ("CALCOM_MAX_RESPONSE_BYTES", "1000"),
        ("CALCOM_RATE_LIMIT_MAX_WAIT", "90"),
        ("CALCOM_V2_DEBUG", "true"),
        ("CALCOM_V2_LOG_REQUESTS", "1"),
        ("CALCOM_V2_LOG_RESPONSES", "on"),
    ])
    .unwrap();
    let mut expected = Config::default();
    expected.api_url = "https://cal.example.org".to_owned();
    expected.api_version = Some("2026-02-25".to_owned());
    expected.timeout.connect = Duration::from_millis(1500);
    expected.timeout.request = Duration::from_secs(7);
    expected.timeout.total = Duration::from_secs(20);
    expected.retry.times = 5;
    expected.retry.delay = Duration::from_millis(250);
    expected.allow_http = true;
    expected.max_response_bytes = 1000;
    expected.rate_limit.max_wait = Duration::from_secs(90);
    expected.debug.enabled = true;
    expected.debug.log_requests = true;
    expected.debug.log_responses = true;
    assert_eq!(read, expected);
    assert_eq!(config(&[]).unwrap(), Config::default());
    assert_eq!(config(&[("CALCOM_API_URL", ""), ("CALCOM_RETRY_TIMES", "  ")]).unwrap(), Config::default());
}

#[test]
fn a_variable_that_cannot_be_read_is_named_and_not_repeated() {
    let cases = [
        ("CALCOM_TIMEOUT_CONNECT", "ten"),
        ("CALCOM_TIMEOUT_REQUEST", "-1"),
        ("CALCOM_TIMEOUT_TOTAL", "NaN"),
        ("CALCOM_TIMEOUT_TOTAL", "inf"),
        ("CALCOM_TIMEOUT_TOTAL", "1e300"),
        ("CALCOM_RETRY_TIMES", "2.5"),
        ("CALCOM_RETRY_DELAY", "100ms"),
        ("CALCOM_ALLOW_HTTP", "maybe"),
        ("CALCOM_MAX_RESPONSE_BYTES", "8 MiB"),
    ];
    for (name, value) in cases {
        let error = config(&[(name, value)]).unwrap_err();
        assert_eq!(kind(&error), "Configuration");
        assert!(error.to_string().contains(name), "{error}");
        assert!(!error.to_string().contains(value), "{error}");
    }
}

#[test]
fn a_setting_that_cannot_work_is_named() {
    let cases = [
        (json!({"timeout": {"connect": 0}}), "timeout.connect"),
        (json!({"timeout": {"request": 0}}), "timeout.request"),
        (json!({"timeout": {"total": 0}}), "timeout.total"),
        (json!({"retry": {"times": 0}}), "retry.times"),
        (json!({"max_response_bytes": 0}), "max_response_bytes"),
        (json!({"rate_limit": {"max_wait": 0}}), "rate_limit.max_wait"),
        (json!({"api_version": ""}), "api_version"),
        (json!({"api_version": "2024\n08"}), "api_version"),
        (json!({"api_version": "zwanzig\u{fc}"}), "api_version"),
        (json!({"api_url": ""}), "api_url"),
        (json!({"api_url": "api.cal.com"}), "api_url"),
        (json!({"api_url": "https://"}), "api_url"),
        (json!({"api_url": "ftp://api.cal.com"}), "api_url"),
        (json!({"api_url": "https://user:planted@api.cal.com"}), "api_url"),
        (json!({"api_url": "https://planted@api.cal.com"}), "api_url"),
        (json!({"api_url": "https://api.cal.com/v2?apiKey=planted"}), "api_url"),
        (json!({"api_url": "https://api.cal.com/v2#planted"}), "api_url"),
    ];
    for (json, name) in cases {
        let config: Config = serde_json::from_value(json.clone()).unwrap();
        assert!(!format!("{config:?}").contains("planted"), "{config:?}");
        let error = Client::builder().config(config).credentials(Credentials::Anonymous).build().unwrap_err();
        assert_eq!(kind(&error), "Configuration", "{json}");
        assert!(error.to_string().contains(name), "{json}: {error}");
        assert!(!format!("{error:?}{error}").contains("planted"), "{json}: {error:?}");
    }
}

#[test]
fn http_is_for_this_machine_only_unless_it_is_asked_for() {
    let builds = |url: &str, allow: bool| {
        let config: Config = serde_json::from_value(json!({"api_url": url, "allow_http": allow})).unwrap();
        Client::builder().config(config).credentials(Credentials::Anonymous).build().is_ok()
    };
    for here in
        ["http://127.0.0.1:3000", "http://127.8.9.1", "http://[::1]:1", "http://localhost", "http://LOCALHOST/v2"]
    {
        assert!(builds(here, false), "{here}");
    }
    let elsewhere = [
        "http://api.cal.com/v2",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0",
        "http://192.168.0.1",
        "http://[::]",
        "http://[2001:db8::1]",
    ];
    for url in elsewhere {
        assert!(!builds(url, false), "{url}");
        assert!(builds(url, true), "{url}");
        assert!(builds(&url.replace("http:", "https:"), false), "{url}");
    }
    assert!(!builds("ftp://127.0.0.1", true));
}

#[tokio::test(start_paused = true)]
async fn a_base_url_may_be_written_in_any_way() {
    let at = async |written: &dyn Fn(String) -> String| {
        let builder = |url| Client::builder().api_url(url).credentials(Credentials::Anonymous);
        sent(|service| builder(written(service.url())).build().unwrap()).await
    };
    for (form, expected) in [
        ("", "GET /v2/webhooks"),
        ("/", "GET /v2/webhooks"),
        ("/v2", "GET /v2/webhooks"),
        ("/v2/", "GET /v2/webhooks"),
        ("//v2//", "GET /v2/webhooks"),
        ("/proxy", "GET /proxy/v2/webhooks"),
        ("/proxy/", "GET /proxy/v2/webhooks"),
        ("/proxy/v2", "GET /proxy/v2/webhooks"),
        ("/proxy/v2/", "GET /proxy/v2/webhooks"),
        ("/a/../b/v2", "GET /b/v2/webhooks"),
        ("/v20", "GET /v20/v2/webhooks"),
    ] {
        let request = at(&|base| base + form).await;
        assert_eq!(request.line, expected, "{form}");
    }
    let padded = at(&|base| format!("  {base}/v2\n")).await;
    assert_eq!(padded.line, "GET /v2/webhooks");
}

#[tokio::test(start_paused = true)]
async fn each_credential_has_its_own_headers() {
    let with = async |credentials: Credentials| {
        sent(|service| Client::builder().api_url(service.url()).credentials(credentials).build().unwrap()).await
    };
    let named = |request: &Received| {
        ["authorization", "x-cal-client-id", "x-cal-secret-key"].map(|name| request.header(name).map(str::to_owned))
    };
    let bearer = |text: &str| [Some(format!("Bearer {text}")), None, None];
    assert_eq!(named(&with(ApiKey::new(" cal_live_1\n").into()).await), bearer("cal_live_1"));
    assert_eq!(named(&with(AccessToken::new("a.b.c").into()).await), bearer("a.b.c"));
    let client = PlatformCredentials::new(" id-1 ", "secret-1\n");
    assert_eq!(named(&with(client.into()).await), [None, Some("id-1".to_owned()), Some("secret-1".to_owned())]);
    assert_eq!(named(&with(Credentials::Anonymous).await), [None, None, None]);
}

#[test]
fn a_client_without_credentials_is_made_only_if_the_caller_says_so() {
    let error = Client::builder().build().unwrap_err();
    assert_eq!(kind(&error), "Configuration");
    for named in ["credentials", "ApiKey", "AccessToken", "PlatformCredentials", "Credentials::Anonymous"] {
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    assert!(Client::builder().credentials(Credentials::Anonymous).build().is_ok());
    assert!(Client::new(Credentials::Anonymous).is_ok());
}

#[tokio::test(start_paused = true)]
async fn another_tenant_shares_the_connections_and_not_the_credential() {
    use crate::support::socket::Step;
    let one = || [Step::Request, Step::Write(success(Resend::Safe))];
    let service = Service::start([[one(), one(), one()].concat()]).await;
    let first = service.client();
    let second = first.with_credentials(PlatformCredentials::new("id-2", "secret-2")).unwrap();
    for client in [&first, &second, &first] {
        call(client, Resend::Safe).await.unwrap();
    }
    let requests = service.requests();
    let seen: Vec<_> = requests.iter().map(|it| (it.header("authorization"), it.header("x-cal-client-id"))).collect();
    let key = Some("Bearer cal_live_socket");
    assert_eq!(seen, [(key, None), (None, Some("id-2")), (key, None)]);
    assert_eq!(service.connections(), 1);
}

#[test]
fn a_credential_that_cannot_be_sent_is_refused_and_not_shown() {
    let unusable: [Credentials; 8] = [
        ApiKey::new("").into(),
        ApiKey::new(" \n").into(),
        ApiKey::new("planted\nx").into(),
        ApiKey::new("planted\u{fc}").into(),
        AccessToken::new("").into(),
        PlatformCredentials::new("", "planted").into(),
        PlatformCredentials::new("planted", "").into(),
        PlatformCredentials::new("planted", "planted\0").into(),
    ];
    for credentials in unusable {
        let built = Client::builder().credentials(credentials.clone()).build();
        let error = built.map(drop).unwrap_err();
        assert_eq!(kind(&error), "Configuration");
        assert!(!format!("{error} {error:?} {credentials:?}").contains("planted"), "{error:?} {credentials:?}");
    }
}

#[test]
fn the_environment_names_one_credential() {
    let shown = |vars: &[(&str, &str)]| credentials(vars).map(|found| format!("{found:?}")).unwrap();
    assert_eq!(shown(&[("CALCOM_API_KEY", "cal_1")]), "ApiKey(ApiKey([redacted]))");
    assert_eq!(shown(&[("CALCOM_ACCESS_TOKEN", "t")]), "AccessToken(AccessToken([redacted]))");
    assert_eq!(
        shown(&[("CALCOM_CLIENT_ID", "i"), ("CALCOM_CLIENT_SECRET", "s")]),
        "Platform(PlatformCredentials { id: [redacted], secret: [redacted] })"
    );
    assert_eq!(
        shown(&[("CALCOM_API_KEY", " "), ("CALCOM_ACCESS_TOKEN", "t")]),
        "AccessToken(AccessToken([redacted]))",
        "a blank variable counts as not set"
    );
    let wrong: [(&[(&str, &str)], &str); 7] = [
        (&[], "CALCOM_API_KEY is not set"),
        (&[("CALCOM_API_KEY", "")], "CALCOM_API_KEY is empty"),
        (&[("CALCOM_API_KEY", " \n"), ("CALCOM_ACCESS_TOKEN", "")], "CALCOM_API_KEY is empty"),
        (&[("CALCOM_CLIENT_ID", "i")], "CALCOM_CLIENT_SECRET is not"),
        (&[("CALCOM_CLIENT_SECRET", "s")], "CALCOM_CLIENT_ID is not"),
        (&[("CALCOM_API_KEY", "k"), ("CALCOM_ACCESS_TOKEN", "t")], "more than one"),
        (&[("CALCOM_API_KEY", "k"), ("CALCOM_CLIENT_ID", "i"), ("CALCOM_CLIENT_SECRET", "s")], "more than one"),
    ];
    for (vars, text) in wrong {
        let error = credentials(vars).unwrap_err();
        assert!(kind(&error) == "Configuration" && error.to_string().contains(text), "{error}");
    }
}

/// The environment of a process cannot be changed safely from inside: the test starts itself once more in another one.
#[test]
#[cfg(unix)]
fn the_environment_is_the_processs_own() {
    use std::os::unix::ffi::OsStrExt;

    const CHILD: &str = "CALCOM_TEST_CHILD";
    if let Ok(expected) = std::env::var(CHILD) {
        let found = Client::from_env().map_or_else(|error| error.to_string(), |client| format!("{client:?}"));
        assert!(found.contains(&expected), "{found}");
        return;
    }
    let strange = std::ffi::OsStr::from_bytes(b"cal_\xff");
    let cases: [(&str, &std::ffi::OsStr, &str); 5] = [
        ("CALCOM_API_KEY", "cal_planted".as_ref(), "ApiKey([redacted])"),
        ("CALCOM_API_KEY", " ".as_ref(), "CALCOM_API_KEY is empty"),
        ("CALCOM_API_URL", "https://cal.example.org/v2".as_ref(), r#"api_url: "https://cal.example.org""#),
        ("CALCOM_RETRY_TIMES", "many".as_ref(), "CALCOM_RETRY_TIMES must be a whole number"),
        // Not Unicode is not the same as not set.
        ("CALCOM_API_KEY", strange, "the API key has a character that cannot stand in a header"),
    ];
    for (name, value, expected) in cases {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let known = ["API_KEY", "ACCESS_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "API_URL", "RETRY_TIMES"];
        for name in known {
            child.env_remove(format!("CALCOM_{name}"));
        }
        child.env("CALCOM_API_KEY", "cal_planted");
        child.args(["--exact", "configuration::the_environment_is_the_processs_own"]);
        let output = child.env(name, value).env(CHILD, expected).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{name}: {said}");
    }
}

#[test]
fn an_address_that_is_no_url_is_answered_with_the_form_of_one() {
    let error = Client::builder().api_url("api.cal.com").credentials("cal_test").build().unwrap_err();
    let expected = "configuration: api_url is not a URL such as https://api.cal.com: relative URL without a base";
    assert_eq!(error.to_string(), expected);
    #[cfg(feature = "redis")]
    {
        let error = Client::builder().redis("planted-host").unwrap_err().to_string();
        assert!(error.ends_with(": it has the form redis://host:6379/, or rediss:// for TLS"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }
}
