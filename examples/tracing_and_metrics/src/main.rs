//! Spans of calls for OpenTelemetry with their trace context sent to the service, events on the console, and metrics as
//! Prometheus reads them.

use std::time::Duration;

use calcom::{
    Result,
    intercept::{AttemptResult, Interceptor, OutgoingAttempt},
};
use calcom_fake::{FakeCalcom, Fault};
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::{
    propagation::{Injector, TextMapPropagator},
    trace::TracerProvider as _,
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider},
};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{filter::LevelFilter, prelude::*};

/// Sends the trace context of the current span with each attempt.
struct TraceContext;

/// Writes headers into an attempt.
struct Headers<'a, 'b>(&'a mut OutgoingAttempt<'b>);

impl Injector for Headers<'_, '_> {
    fn set(&mut self, name: &str, value: String) {
        self.0.header(name, value);
    }
}

impl Interceptor for TraceContext {
    fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
        TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut Headers(attempt));
    }

    fn after_attempt(&self, result: &AttemptResult<'_>) {
        if result.duration > Duration::from_secs(2) {
            tracing::warn!(operation = result.operation.id, request_id = result.request_id, "slow");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // A service gives the provider the exporter of `opentelemetry-otlp` instead, as a batch exporter.
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("booking"));
    let console = tracing_subscriber::fmt::layer().without_time().with_ansi(false);
    tracing_subscriber::registry().with(LevelFilter::INFO).with(spans).with(console).init();
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

    println!();
    let spans = exporter.get_finished_spans().expect("the exporter is not shut down");
    for span in &spans {
        println!("span {} ({:?}) of trace {}", span.name, span.span_kind, span.span_context.trace_id());
    }
    // Both attempts of the first call belong to one trace: the service's spans hang below the client's.
    for request in fake.requests() {
        let context = request.header("traceparent").expect("a trace context");
        assert!(spans.iter().any(|span| context.contains(&span.span_context.trace_id().to_string())), "{context}");
        println!("{} {} was sent with {context}", request.method, request.path);
    }

    // A server answers the whole text at `/metrics`.
    let text = metrics.render();
    println!("\n{}", text.lines().filter(|line| !line.contains("quantile=")).collect::<Vec<_>>().join("\n"));
    Ok(())
}
