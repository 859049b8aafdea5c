//! Spans and events of calls on the console, metrics as Prometheus reads them, and an interceptor that sends a trace context.

use std::time::Duration;

use calcom::{
    Result,
    intercept::{AttemptResult, Interceptor, OutgoingAttempt},
};
use calcom_fake::{FakeCalcom, Fault};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::fmt::format::FmtSpan;

/// Sends a W3C trace context with each attempt. A program with OpenTelemetry takes both ids from its current span.
struct TraceContext;

impl Interceptor for TraceContext {
    fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
        let (trace, span) = (fastrand::u128(1..), fastrand::u64(1..));
        attempt.header("traceparent", format!("00-{trace:032x}-{span:016x}-01"));
    }

    fn after_attempt(&self, result: &AttemptResult<'_>) {
        if result.duration > Duration::from_secs(2) {
            tracing::warn!(operation = result.operation.id, request_id = result.request_id, "slow");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // A line for the end of each span, and one for each event.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_span_events(FmtSpan::CLOSE)
        .without_time()
        .with_ansi(false)
        .init();
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    metrics::set_global_recorder(recorder).expect("the first recorder");

    let fake = FakeCalcom::start().await;
    let client = fake.client_builder().interceptor(TraceContext).build()?;

    // The first attempt fails, and the second succeeds; the third call is answered by the cache; the last one fails.
    fake.fault(Fault::status(503).on("get_me"));
    client.me().get().await?;
    client.me().get().await?;
    client.bookings().get("unknown").await.unwrap_err();

    // A server answers the whole text at `/metrics`.
    let text = metrics.render();
    println!("\n{}", text.lines().filter(|line| !line.contains("quantile=")).collect::<Vec<_>>().join("\n"));
    let sent = fake.requests();
    let traced = sent.iter().filter(|request| request.header("traceparent").is_some()).count();
    println!("{traced} of {} requests had a trace context.", sent.len());
    Ok(())
}
