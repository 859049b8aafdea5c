//! V1's `PATCH` and `DELETE` of a booking, as V2 requests: one for each kind of change.

use super::{ConversionError, location};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason,
        loss::Losses,
        types::{CancelBooking, PatchBooking},
    },
};

/// One of the V2 requests that execute a `PATCH` of a booking.
///
/// ```
/// use calcom::v1::{convert::{self, PatchStep}, types::PatchBooking};
///
/// # fn main() -> Result<(), convert::ConversionError> {
/// let changes = PatchBooking { status: Some("ACCEPTED".to_owned()), user_id: Some(2), ..Default::default() };
/// let steps = convert::patch_booking(&changes)?;
/// assert!(matches!(steps.value[..], [PatchStep::Confirm, PatchStep::Reassign(2)]));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PatchStep {
    /// `POST /v2/bookings/{uid}/confirm`.
    Confirm,
    /// `POST /v2/bookings/{uid}/decline`.
    Decline,
    /// `POST /v2/bookings/{uid}/cancel`.
    Cancel(types::CancelBooking),
    /// `PATCH /v2/bookings/{uid}/location`.
    Relocate(Box<types::UpdateBookingLocation>),
    /// `POST /v2/bookings/{uid}/reassign/{userId}`.
    Reassign(i64),
    /// `POST /v2/bookings/{uid}/reschedule`. It is the last step, because the booking gets another uid.
    Reschedule(types::RescheduleBooking),
}

impl PatchStep {
    /// The name of the step, for error texts.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Cancel(_) => "cancel",
            Self::Relocate(_) => "location",
            Self::Reassign(_) => "reassign",
            Self::Reschedule(_) => "reschedule",
        }
    }
}

/// V1's reason if the request has none. V2 requires a reason of the host.
const DEFAULT_REASON: &str = "Not Provided";

/// Converts the body of `PATCH /bookings/{id}` to V2 requests, in the order in which to send them. The list is empty if
/// V2 can execute none of the changes.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the location.
pub fn patch(patch: &PatchBooking) -> Result<Converted<Vec<PatchStep>>, ConversionError> {
    let (mut losses, mut steps) = (Losses::default(), Vec::new());
    const NOT_CHANGEABLE: &str = "V2 changes no booking but by what happens to it";
    for (name, is_set) in [
        ("title", patch.title.is_some()),
        ("description", !patch.description.is_keep()),
        ("eventTypeId", patch.event_type_id.is_some()),
        ("createdAt", patch.created_at.is_some()),
    ] {
        if is_set {
            losses.add(name, LossReason::NotExpressible(NOT_CHANGEABLE));
        }
    }
    let terminal = match patch.status.as_deref() {
        Some("CANCELLED") => Some(PatchStep::Cancel(cancel_body(DEFAULT_REASON))),
        Some("REJECTED") => Some(PatchStep::Decline),
        Some("ACCEPTED") => {
            steps.push(PatchStep::Confirm);
            None
        }
        Some(_) => {
            losses.add("status", LossReason::NotExpressible("V2 brings no booking into this status"));
            None
        }
        None => None,
    };
    if patch.cancelled_by.is_some() {
        losses.add("cancelledBy", LossReason::Dropped("V2 takes it from the key"));
    }
    if let Some(terminal) = terminal {
        const TERMINAL: &str = "the booking is over";
        for (name, is_set) in [
            ("startTime", patch.start_time.is_some()),
            ("endTime", patch.end_time.is_some()),
            ("location", patch.location.is_some()),
            ("userId", patch.user_id.is_some()),
            ("rescheduledBy", patch.rescheduled_by.is_some()),
        ] {
            if is_set {
                losses.add(name, LossReason::Dropped(TERMINAL));
            }
        }
        return Ok(Converted::new(vec![terminal], losses));
    }
    if let Some(place) = &patch.location {
        match location::booking_location_to_v2(place)
            .map(|place| serde_json::from_value(serde_json::json!({"location": place})))
        {
            Ok(Ok(body)) => steps.push(PatchStep::Relocate(Box::new(body))),
            Ok(Err(error)) => return Err(ConversionError(error.to_string())),
            Err(reason) => losses.add("location", reason),
        }
    }
    steps.extend(patch.user_id.map(PatchStep::Reassign));
    match patch.start_time {
        Some(start) => {
            let mut body = types::RescheduleBooking::new(start.timestamp());
            body.rescheduled_by.clone_from(&patch.rescheduled_by);
            steps.push(PatchStep::Reschedule(body));
            if patch.end_time.is_some() {
                losses.add("endTime", LossReason::Dropped("V2 keeps the length of a booking that is moved"));
            }
        }
        None => {
            for (name, is_set) in
                [("endTime", patch.end_time.is_some()), ("rescheduledBy", patch.rescheduled_by.is_some())]
            {
                if is_set {
                    losses.add(name, LossReason::NotExpressible("V2 moves bookings by their start"));
                }
            }
        }
    }
    Ok(Converted::new(steps, losses))
}

fn cancel_body(reason: &str) -> types::CancelBooking {
    let mut body = types::CancelBooking::new();
    body.cancellation_reason = Some(reason.to_owned());
    body
}

/// Converts the query of `DELETE /bookings/{id}`.
///
/// [`convert`](crate::v1::convert) has an example.
#[must_use]
pub fn cancel(cancel: &CancelBooking) -> Converted<types::CancelBooking> {
    let mut losses = Losses::default();
    let reason = cancel.cancellation_reason.as_deref().filter(|reason| !reason.is_empty());
    let mut body = cancel_body(reason.unwrap_or(DEFAULT_REASON));
    if cancel.all_remaining_bookings == Some(true) || cancel.cancel_subsequent_bookings == Some(true) {
        match cancel.seat_reference_uid {
            None => body.cancel_subsequent_bookings = Some(true),
            Some(_) => losses.add("allRemainingBookings", LossReason::Dropped("V2 cancels the seat of one booking")),
        }
    }
    body.seat_uid.clone_from(&cancel.seat_reference_uid);
    if cancel.cancelled_by.is_some() {
        losses.add("cancelledBy", LossReason::Dropped("V2 takes it from the key"));
    }
    Converted::new(body, losses)
}
