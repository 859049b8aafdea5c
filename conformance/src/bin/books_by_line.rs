//! Books the appointments of its input, one JSON object a line, with the booking service, and writes what it told of each: the
//! adapter of this crate for `conformance/other-clients`. The server is that of `CALCOM_API_URL` and `CALCOM_API_KEY`.

use std::io::{self, BufRead, Write};

use anyhow::Result;
use calcom::{
    Client, Config, Credentials,
    model::CreateBooking,
    service::{Appointment, BookedAppointment, Outcome, Service},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// One line of the input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    start: String,
    name: String,
    email: String,
    event_type_id: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // The appointments come without a pause, and seven of ten have a fault: limiter and circuit breaker would reject the others.
    let client = Client::builder().config(Config::from_env()?).credentials(Credentials::from_env()?);
    let service = Service::new(client.no_circuit_breaker().no_rate_limit().build()?);
    for line in io::stdin().lock().lines() {
        let wanted: Wanted = serde_json::from_str(&line?)?;
        let start: Timestamp = wanted.start.parse()?;
        let booking = CreateBooking::new(wanted.event_type_id, start, wanted.name, wanted.email).time_zone("UTC");
        let line = told(&service.book(Appointment::new(booking)).await);
        let mut output = io::stdout().lock();
        writeln!(output, "{line}")?;
        output.flush()?;
    }
    service.idle().await;
    Ok(())
}

fn told(outcome: &Outcome<BookedAppointment>) -> Value {
    match outcome {
        Outcome::Done(booked) => json!({"told": "booked", "uid": booked.booking.uid.to_string()}),
        Outcome::NotDone(why) => json!({"told": "failed", "why": why.to_string()}),
        Outcome::Unknown(_) => json!({"told": "unknown"}),
    }
}
