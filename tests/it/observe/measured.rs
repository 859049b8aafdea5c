//! The metrics that a recorder receives.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::{ApiKey, Client};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use crate::support::{
    recorded_body, socket,
    socket::{Service, Step, answer},
};

/// The recorded values, in order, by name and labels.
#[derive(Clone, Default)]
struct MetricLog(Arc<Mutex<BTreeMap<String, Vec<f64>>>>, Arc<Mutex<BTreeMap<String, String>>>);

struct LoggedMetric(MetricLog, String);

impl LoggedMetric {
    fn add(&self, value: f64) {
        self.0.0.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for LoggedMetric {
    #[allow(clippy::cast_precision_loss)]
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for LoggedMetric {
    fn increment(&self, _: f64) {}
    fn decrement(&self, _: f64) {}
    fn set(&self, value: f64) {
        self.add(value);
    }
}

impl HistogramFn for LoggedMetric {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl MetricLog {
    fn describe(&self, name: &KeyName, unit: Option<Unit>, text: &str) {
        let unit = unit.map(|unit| unit.as_str()).unwrap_or_default();
        self.1.lock().unwrap().insert(name.as_str().to_owned(), format!("{text} [{unit}]"));
    }

    fn one(&self, key: &Key) -> Arc<LoggedMetric> {
        let mut labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        labels.sort();
        Arc::new(LoggedMetric(self.clone(), format!("{} {}", key.name(), labels.join(" "))))
    }

    fn values(&self, name: &str) -> Vec<f64> {
        self.0.lock().unwrap().get(name).cloned().unwrap_or_default()
    }
}

impl Recorder for MetricLog {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe(&name, unit, &text);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe(&name, unit, &text);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe(&name, unit, &text);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.one(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

fn client(service: &Service) -> Client {
    Client::builder().credentials(ApiKey::new("cal_live_planted")).api_url(service.url()).build().unwrap()
}

fn me() -> Vec<u8> {
    socket::json(200, &[], recorded_body("me/get-2024-06-14").to_string())
}

#[tokio::test(start_paused = true)]
async fn durations_retries_and_lookups_are_counted() {
    let recorded = MetricLog::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let service = Service::answering([answer(503, &[], "{}"), me(), answer(404, &[], "{}")]).await;
    let client = client(&service);
    client.me().get().await.unwrap();
    client.me().get().await.unwrap();
    client.raw().get_booking("planteduid").await.unwrap_err();
    let count = |name: &str| recorded.values(name).len();
    assert_eq!(count("calcom_request_duration_seconds operation=get_me outcome=success"), 1);
    assert_eq!(count("calcom_request_duration_seconds operation=get_me outcome=cached"), 1);
    assert_eq!(count("calcom_request_duration_seconds operation=get_booking outcome=not_found"), 1);
    assert_eq!(recorded.values("calcom_request_retries_total operation=get_me"), [1.0]);
    assert_eq!(recorded.values("calcom_cache_lookups_total operation=get_me result=miss"), [1.0]);
    assert_eq!(recorded.values("calcom_cache_lookups_total operation=get_me result=hit"), [1.0]);
    let all: Vec<String> = recorded.0.lock().unwrap().keys().cloned().collect();
    assert_eq!(all.len(), 6, "{all:?}");
    assert!(!all.join(" ").contains("planted"), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn waits_states_and_calls_given_up_are_counted() {
    let recorded = MetricLog::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let limited = [
        ("x-ratelimit-limit-default", "1"),
        ("x-ratelimit-remaining-default", "0"),
        ("x-ratelimit-reset-default", "10"),
    ];
    let one = |bytes| vec![Step::Request, Step::Write(bytes), Step::Close];
    let answers = [one(answer(404, &limited, "{}")), vec![Step::Request]];
    let failing = std::iter::repeat_n(one(answer(500, &[], "{}")), 5);
    let service = Service::start(answers.into_iter().chain(failing)).await;
    let client = client(&service);
    client.raw().get_booking("a").await.unwrap_err();
    let given_up = tokio::time::timeout(Duration::from_secs(20), client.raw().get_booking("a")).await;
    assert!(given_up.is_err());
    let waits = recorded.values("calcom_permit_wait_seconds operation=get_booking");
    assert!(waits.len() == 1 && (10.0..11.0).contains(&waits[0]), "{waits:?}");
    assert_eq!(recorded.values("calcom_request_duration_seconds operation=get_booking outcome=cancelled").len(), 1);

    let failing = Client::builder().credentials(ApiKey::new("cal_live_other")).api_url(service.url()).max_attempts(1);
    let failing = failing.build().unwrap();
    for _ in 0..5 {
        failing.raw().get_booking("a").await.unwrap_err();
    }
    let open = failing.raw().get_booking("a").await.unwrap_err();
    assert!(open.details().is_circuit_open());
    assert_eq!(recorded.values("calcom_request_duration_seconds operation=get_booking outcome=circuit_open").len(), 1);
    let gauges: Vec<_> = {
        let all = recorded.0.lock().unwrap();
        all.iter().filter(|(name, _)| name.starts_with("calcom_circuit_state ")).map(|(_, it)| it.clone()).collect()
    };
    assert_eq!(gauges, [vec![2.0]]);
}

#[tokio::test(start_paused = true)]
async fn every_metric_is_described_when_a_client_is_built_or_on_request() {
    let service = Service::answering([]).await;
    let log = MetricLog::default();
    metrics::with_local_recorder(&log, || drop(client(&service)));
    let described = log.1.lock().unwrap().clone();
    let names: Vec<_> = described.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "calcom_cache_lookups_total",
            "calcom_circuit_state",
            "calcom_permit_wait_seconds",
            "calcom_request_duration_seconds",
            "calcom_request_retries_total",
        ]
    );
    assert!(described["calcom_request_duration_seconds"].ends_with("[seconds]"), "{described:?}");
    let later = MetricLog::default();
    metrics::with_local_recorder(&later, calcom::observe::describe_metrics);
    assert_eq!(*later.1.lock().unwrap(), described);
}

#[tokio::test(start_paused = true)]
async fn no_label_and_no_description_has_a_value_of_a_request_or_a_response() {
    let recorded = MetricLog::default();
    let _guard = metrics::set_default_local_recorder(&recorded);
    let service = Service::serving_with(|request| {
        let headers = [
            ("x-request-id", "planted-id"),
            ("x-ratelimit-limit-planted", "100"),
            ("x-ratelimit-remaining-planted", "50"),
            ("x-planted", "planted"),
        ];
        let status = if request.line.starts_with("GET /v2/me") { 500 } else { 404 };
        answer(status, &headers, r#"{"status": "error", "error": {"code": "PLANTED", "message": "planted"}}"#)
    })
    .await;
    let builder = service.builder().credentials(ApiKey::new("cal_live_planted")).max_attempts(2);
    let client = builder.http_client(|http| http.user_agent("planted")).build().unwrap();
    for _ in 0..6 {
        client.raw().get_me().header("x-planted", "planted").await.unwrap_err();
    }
    client.raw().get_booking("planteduid").await.unwrap_err();
    client.raw().list_bookings().attendee_email("planted@example.org").await.unwrap_err();
    let (method, body) = (calcom::operation::Method::Post, serde_json::json!({"planted": "planted"}));
    let untyped = client.request::<serde_json::Value>(method, "/v2/planted/planted").query("planted", &"planted");
    untyped.body(&body).version("planted").await.unwrap_err();
    client.with_version("cal_live_planted").raw().get_me().await.unwrap_err();
    let all: Vec<String> = recorded.0.lock().unwrap().keys().cloned().collect();
    let described: Vec<String> = recorded.1.lock().unwrap().values().cloned().collect();
    let text = format!("{all:?} {described:?}").to_ascii_lowercase();
    assert!(all.len() >= 6 && !text.contains("planted"), "{text}");
}
