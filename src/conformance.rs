//! The parts of the pipeline and the facade that the project's conformance tests look into. Behind the feature
//! `__conformance`, and outside semantic versioning.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Error,
    contract::Contract,
    generated::types,
    model::{Booking, FromWire, PathKey, RawValueRef, Schedule, Slots},
    operation::Operation,
    pipeline::{Scrubber, from_response},
};

/// The error that the pipeline makes of a response.
pub fn error_of(operation: &'static Operation, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    from_response(operation, Contract::SelfHosted, status, headers, body, &Scrubber::default())
}

/// A type that the facade makes of `data` in a response body.
pub trait FromData: Sized {
    /// The one value of the response.
    ///
    /// # Errors
    /// A body that does not hold one.
    fn one(body: Bytes) -> Result<Self, serde_json::Error>;

    /// The values of a list.
    ///
    /// # Errors
    /// A body that does not hold a list of them.
    fn list(body: Bytes) -> Result<Vec<Self>, serde_json::Error>;
}

impl<D: FromWire<Wire: DeserializeOwned>> FromData for D {
    fn one(body: Bytes) -> Result<Self, serde_json::Error> {
        let (wire, extra) = data(body)?;
        Ok(Self::from_wire(wire, extra))
    }

    fn list(body: Bytes) -> Result<Vec<Self>, serde_json::Error> {
        let (wire, extra) = data(body)?;
        Ok(Self::from_wire_list(wire, &extra))
    }
}

/// A booking, or the bookings of a series.
///
/// # Errors
/// A body that holds neither.
pub fn booking_or_series(body: Bytes) -> Result<Vec<Booking>, serde_json::Error> {
    let (wire, extra) = data(body)?;
    Ok(Booking::from_booking_or_series(wire, &extra))
}

/// Slots by their dates; nothing where a date is none.
///
/// # Errors
/// A body that does not hold slots by dates.
pub fn slots(body: Bytes) -> Result<Option<Slots>, serde_json::Error> {
    let (wire, extra): (BTreeMap<_, _>, _) = data(body)?;
    Ok(Slots::parse_wire(wire).ok().map(|slots| Slots::from_wire(slots, extra)))
}

/// A schedule; nothing where a weekday or a time of it is none.
///
/// # Errors
/// A body that does not hold a schedule.
pub fn schedule(body: Bytes) -> Result<Option<Schedule>, serde_json::Error> {
    let (wire, extra) = data(body)?;
    Ok(Schedule::parse_wire(wire, "data").ok().map(|schedule| Schedule::from_wire(schedule, extra)))
}

/// The schedules of a list; nothing where a weekday or a time of one is none.
///
/// # Errors
/// A body that does not hold a list of schedules.
pub fn schedules(body: Bytes) -> Result<Option<Vec<Schedule>>, serde_json::Error> {
    let (wire, extra): (Vec<types::Schedule>, _) = data(body)?;
    let schedules: Result<_, _> = wire.into_iter().map(|schedule| Schedule::parse_wire(schedule, "data")).collect();
    Ok(schedules.ok().map(|schedules| Schedule::from_wire_list(schedules, &extra)))
}

fn data<T: DeserializeOwned>(body: Bytes) -> Result<(T, RawValueRef), serde_json::Error> {
    #[derive(Deserialize)]
    struct DataEnvelope<T> {
        data: T,
    }
    let envelope: DataEnvelope<T> = serde_json::from_slice(&body)?;
    Ok((envelope.data, RawValueRef::of_body(body).key(PathKey::Data)))
}
