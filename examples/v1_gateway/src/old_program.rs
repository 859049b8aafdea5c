//! A program for V1: plain HTTP, V1's paths, the key in the query. Only its base URL is new.

use std::error::Error;

use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Sends V1 requests over HTTP/1.1.
struct HttpClient<'a> {
    base: &'a str,
    key: &'a str,
}

impl HttpClient<'_> {
    async fn call(&self, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Result<Value> {
        let base = Url::parse(self.base)?;
        let host = format!("{}:{}", base.host_str().ok_or("no host")?, base.port_or_known_default().ok_or("no port")?);
        let mut url = Url::parse(&format!("{}{path}", self.base))?;
        url.query_pairs_mut().append_pair("apiKey", self.key).extend_pairs(query);
        let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(&host).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
        let status = head.split(' ').nth(1).ok_or("no status")?;
        let body: Value = serde_json::from_str(body)?;
        if status == "200" { Ok(body) } else { Err(format!("{method} {path}: {status} {}", body["message"]).into()) }
    }
}

/// Lists event types and slots, books, reschedules, cancels and lists bookings. Returns a line for each step.
pub(crate) async fn run(base: &str, key: &str, event_type: i64, now: Timestamp) -> Result<Vec<String>> {
    let v1 = HttpClient { base, key };
    let mut lines = Vec::new();

    let types = v1.call("GET", "/event-types", &[], None).await?;
    let types = types["event_types"].as_array().cloned().unwrap_or_default();
    lines.push(format!("{} event type(s), the first of {} minutes", types.len(), types[0]["length"]));

    let day = next_weekday(now + SignedDuration::from_hours(7 * 24))?;
    let (from, to) = (format!("{day}T00:00:00Z"), format!("{day}T23:59:59Z"));
    let id = event_type.to_string();
    let query = [("eventTypeId", id.as_str()), ("startTime", &from), ("endTime", &to)];
    let slots = v1.call("GET", "/slots", &query, None).await?;
    let slots = slots["slots"][day.to_string()].as_array().cloned().unwrap_or_default();
    lines.push(format!("{} slots, the first at {}", slots.len(), slots[0]["time"]));

    let booking = json!({
        "eventTypeId": event_type,
        "start": slots[0]["time"],
        "responses": {"name": "Erika Muster", "email": "erika@example.com"},
        "timeZone": "Europe/Berlin",
        "language": "de",
        "metadata": {},
    });
    let booked = v1.call("POST", "/bookings", &[], Some(booking)).await?;
    lines.push(format!("booked {}, {}", booked["startTime"], booked["status"]));

    let path = format!("/bookings/{}", booked["id"]);
    let moved = v1.call("PATCH", &path, &[], Some(json!({"startTime": slots[2]["time"]}))).await?;
    lines.push(format!("moved to {}", moved["booking"]["startTime"]));

    let query = [("cancellationReason", "well again")];
    let cancelled = v1.call("DELETE", &format!("{path}/cancel"), &query, None).await?;
    lines.push(format!("cancelled: {}", cancelled["message"]));

    let listed = v1.call("GET", "/bookings", &[], None).await?;
    let all = listed["bookings"].as_array().cloned().unwrap_or_default();
    lines.push(format!("{} bookings in the list", all.len()));
    for booking in &all {
        lines.push(format!("  {} {}", booking["startTime"], booking["status"]));
    }
    Ok(lines)
}

/// The day, or the next Monday if it is on a weekend.
fn next_weekday(at: Timestamp) -> Result<jiff::civil::Date> {
    let mut day = at.to_zoned_datetime(TimeZone::UTC).date();
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.tomorrow()?;
    }
    Ok(day)
}
