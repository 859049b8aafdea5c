//! What V1's `PATCH` and `DELETE` of a booking become: calls of V2, one for each thing that happens.

use super::{NoForm, location};
use crate::{
    raw::types,
    v1::{
        Converted, Why,
        loss::Losses,
        types::{CancelBooking, PatchBooking},
    },
};

/// One call of V2, out of those that a `PATCH` becomes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Step {
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
    /// `POST /v2/bookings/{uid}/reschedule`: always the last, because it gives the booking another uid.
    Reschedule(types::RescheduleBooking),
}

impl Step {
    /// A word for it.
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

/// V1's reason where none is given; V2 wants one of the host.
const NO_REASON: &str = "Not Provided";

/// What `PATCH /bookings/{id}` becomes, in the order in which to call. Empty where V2 can do nothing of it.
///
/// # Errors
///
/// Where a part has no form in V2 at all.
pub fn patch(patch: &PatchBooking) -> Result<Converted<Vec<Step>>, NoForm> {
    let (mut losses, mut steps) = (Losses::default(), Vec::new());
    const ROW: &str = "V2 changes no booking but by what happens to it";
    for (name, told) in [
        ("title", patch.title.is_some()),
        ("description", !patch.description.is_keep()),
        ("eventTypeId", patch.event_type_id.is_some()),
        ("createdAt", patch.created_at.is_some()),
    ] {
        if told {
            losses.add(name, Why::NotExpressible(ROW));
        }
    }
    let over = match patch.status.as_deref() {
        Some("CANCELLED") => Some(Step::Cancel(reasoned(NO_REASON))),
        Some("REJECTED") => Some(Step::Decline),
        Some("ACCEPTED") => {
            steps.push(Step::Confirm);
            None
        }
        Some(_) => {
            losses.add("status", Why::NotExpressible("V2 brings no booking into this status"));
            None
        }
        None => None,
    };
    if patch.cancelled_by.is_some() {
        losses.add("cancelledBy", Why::Dropped("V2 takes it from the key"));
    }
    if let Some(over) = over {
        const OVER: &str = "the booking is over";
        for (name, told) in [
            ("startTime", patch.start_time.is_some()),
            ("endTime", patch.end_time.is_some()),
            ("location", patch.location.is_some()),
            ("userId", patch.user_id.is_some()),
            ("rescheduledBy", patch.rescheduled_by.is_some()),
        ] {
            if told {
                losses.add(name, Why::Dropped(OVER));
            }
        }
        return Ok(Converted::new(vec![over], losses));
    }
    if let Some(place) = &patch.location {
        match location::new_place(place).map(|place| serde_json::from_value(serde_json::json!({"location": place}))) {
            Ok(Ok(body)) => steps.push(Step::Relocate(Box::new(body))),
            Ok(Err(error)) => return Err(NoForm(error.to_string())),
            Err(why) => losses.add("location", why),
        }
    }
    steps.extend(patch.user_id.map(Step::Reassign));
    match patch.start_time {
        Some(start) => {
            let mut body = types::RescheduleBooking::new(start.timestamp());
            body.rescheduled_by.clone_from(&patch.rescheduled_by);
            steps.push(Step::Reschedule(body));
            if patch.end_time.is_some() {
                losses.add("endTime", Why::Dropped("V2 keeps the length of a booking that is moved"));
            }
        }
        None => {
            for (name, told) in
                [("endTime", patch.end_time.is_some()), ("rescheduledBy", patch.rescheduled_by.is_some())]
            {
                if told {
                    losses.add(name, Why::NotExpressible("V2 moves bookings by their start"));
                }
            }
        }
    }
    Ok(Converted::new(steps, losses))
}

fn reasoned(reason: &str) -> types::CancelBooking {
    let mut body = types::CancelBooking::new();
    body.cancellation_reason = Some(reason.to_owned());
    body
}

/// What `DELETE /bookings/{id}` becomes.
#[must_use]
pub fn cancel(cancel: &CancelBooking) -> Converted<types::CancelBooking> {
    let mut losses = Losses::default();
    let reason = cancel.cancellation_reason.as_deref().filter(|reason| !reason.is_empty());
    let mut body = reasoned(reason.unwrap_or(NO_REASON));
    if cancel.all_remaining_bookings == Some(true) || cancel.cancel_subsequent_bookings == Some(true) {
        match cancel.seat_reference_uid {
            None => body.cancel_subsequent_bookings = Some(true),
            Some(_) => losses.add("allRemainingBookings", Why::Dropped("V2 cancels the seat of one booking")),
        }
    }
    body.seat_uid.clone_from(&cancel.seat_reference_uid);
    if cancel.cancelled_by.is_some() {
        losses.add("cancelledBy", Why::Dropped("V2 takes it from the key"));
    }
    Converted::new(body, losses)
}
