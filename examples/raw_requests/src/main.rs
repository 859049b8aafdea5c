//! Requests below the facade: the generated methods with the types of the document, a route that the crate has no type for, and
//! what is known of a response beside its value.

use calcom::{Result, observe::ResponseLog, operation::Method, raw::types::BookingListStatus};
use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeUser};
use serde::Deserialize;

/// The part of a response that this program reads.
#[derive(Debug, Deserialize)]
struct Body<T> {
    data: T,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    username: String,
    time_zone: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let fake = FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().expect("a time"))
        .user(FakeUser::new("ada"))
        .event_type(FakeEventType::new("ada", "intro", 30))
        .booking(FakeBooking::new("ada", "intro", "2026-11-24T09:00:00Z".parse().expect("a time")))
        .start()
        .await;
    let client = fake.client();

    // A generated method: optional parameters are setters, and the response has status, headers and the decoded value.
    let list = client.raw().list_bookings().status(BookingListStatus::Upcoming).take(10).await?;
    println!("HTTP {}, {} bookings, {} attempt", list.status(), list.data.len(), list.attempts());

    // The same request with a header of the caller, and a parameter by its name, as for one that the document does not know.
    let list = client.raw().list_bookings().header("x-trace", "example").query("eventTypeIds", &[1]).await?;
    println!("{} bookings of event type 1", list.data.len());

    // A route without types: the caller names path and type. It takes the same retries, limits and errors.
    let me = client.request::<Body<Profile>>(Method::Get, "/v2/me").await?;
    println!("{} in {}", me.data.username, me.data.time_zone);

    // A method of the facade returns the value alone; a log has the rest.
    let log = ResponseLog::default();
    client.with_response_log(&log).me().get().await?;
    for response in log.take() {
        let left = response.rate_limits().first().and_then(|limit| limit.remaining);
        println!("{}: HTTP {}, {left:?} requests left", response.operation(), response.status());
    }
    Ok(())
}
