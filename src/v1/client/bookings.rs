//! `/bookings`.

use std::collections::HashSet;

use serde_json::Value;

use super::{Client, data, one, several};
use crate::{
    raw::types::{BookingListStatus, SortOrder},
    v1::{
        Converted, Error, Result, Why,
        convert::{self, BookingCall, FromV2, Step},
        loss::Losses,
        shape::Object,
        types::{Booking, BookingsQuery, CancelBooking, Cancelled, CreateBooking, CreatedBooking, PatchBooking, Time},
    },
};

/// The largest page that the service gives.
const PAGE: i64 = 250;

/// A booking by its number, as V1 names it, or by its uid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookingRef {
    /// The number; its uid is looked up ([`ids`](crate::v1::ids)).
    Id(i64),
    /// The uid, which V1's answers have always held.
    Uid(String),
}

impl From<i64> for BookingRef {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for BookingRef {
    fn from(uid: &str) -> Self {
        Self::Uid(uid.to_owned())
    }
}

impl Client {
    /// The caller's bookings (V1's `GET /bookings`): all of them, or a page where the query names one.
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent.
    pub async fn bookings(&self, query: &BookingsQuery) -> Result<Converted<Vec<Booking>>> {
        self.check(query)?;
        let mut losses = Losses::default();
        if query.expand.is_some() {
            losses.add("expand", Why::Dropped("V2 does not tell the team"));
        }
        if query.status.is_some() {
            losses.add("status", Why::NotExpressible("V2's upcoming leaves cancelled and rejected bookings out"));
        }
        if query.user_id.is_some() {
            losses.add("userId", Why::NotExpressible("only what the caller may see is looked through"));
        }
        self.allowed_losses(&losses)?;
        let wanted = query.take.zip(query.page).map(|(take, page)| (take.saturating_mul(page.saturating_sub(1)), take));
        let emails = query.attendee_email.as_deref().unwrap_or_default();
        let found = match (emails, &query.user_id) {
            ([] | [_], None) => self.list(query, emails.first(), wanted).await?,
            // What V2 cannot filter by is put together here, and then cut into pages.
            (emails, users) => {
                let mut all = Vec::new();
                let each: Vec<Option<&String>> =
                    if emails.is_empty() { vec![None] } else { emails.iter().map(Some).collect() };
                for email in each {
                    all.extend(self.list(query, email, None).await?);
                }
                together(all, query, users.as_deref(), wanted)
            }
        };
        for booking in &found {
            self.learn(booking);
        }
        let bookings = several(&Value::Array(found), &mut losses)?;
        Ok(Converted::new(bookings, losses))
    }

    /// V2's bookings, page by page: from the first on, or so many after so many.
    async fn list(
        &self,
        query: &BookingsQuery,
        email: Option<&String>,
        wanted: Option<(i64, i64)>,
    ) -> Result<Vec<Value>> {
        let descending = query.order.as_deref() == Some("desc");
        let order = if descending { SortOrder::Desc } else { SortOrder::Asc };
        let by_update = query.sort_by.as_deref() == Some("updatedAt");
        let status = query.status.as_ref().map(|_| BookingListStatus::Upcoming);
        let (from, to) = (query.date_from.map(Time::timestamp), query.date_to.map(Time::timestamp));
        let (mut skip, mut left) = wanted.unwrap_or((0, i64::MAX));
        let mut all = Vec::new();
        while left > 0 {
            let take = left.min(PAGE);
            let request = self
                .v2
                .raw()
                .list_bookings()
                .older()
                .take(take.unsigned_abs())
                .set(from, |request, time| request.after_start(time))
                .set(to, |request, time| request.before_end(time))
                .set(email, |request, email| request.attendee_email(email))
                .set(status.clone(), |request, status| request.status(status))
                .set(Some(skip).filter(|skip| *skip > 0), |request, skip| request.skip(skip));
            // Only in the order of booking does paging over a growing list leave nothing out.
            let request = if by_update { request.sort_updated_at(order) } else { request.sort_created(order) };
            let answer = request.await?;
            let Value::Array(page) = data(&answer) else { break };
            let came = i64::try_from(page.len()).unwrap_or(i64::MAX);
            all.extend(page);
            if came == 0 || answer.pagination.has_next_page != Some(true) {
                break;
            }
            (left, skip) = (left - came, skip.saturating_add(came));
        }
        Ok(all)
    }

    /// One booking (V1's `GET /bookings/{id}`).
    ///
    /// # Errors
    ///
    /// 404 for an unknown one, and for a number whose uid is not found.
    pub async fn booking(&self, booking: impl Into<BookingRef>) -> Result<Converted<Booking>> {
        let uid = self.uid(booking.into()).await?;
        let answer = self.v2.raw().get_booking(&uid).await?;
        let mut losses = Losses::default();
        let booking = self.first(data(&answer), &mut losses)?;
        Ok(Converted::new(booking, losses))
    }

    /// Books, or moves the booking that `rescheduleUid` names (V1's `POST /bookings`).
    ///
    /// With a `recurringEventId` the whole series is booked by the first request; the requests for its other occurrences are
    /// answered from what was booked then.
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent, and in strict mode for what V2 cannot take; 409 where
    /// the slot is taken; 400 where nobody is free. See [`Error::may_have_been_applied`].
    pub async fn create_booking(&self, booking: &CreateBooking) -> Result<Converted<CreatedBooking>> {
        self.check(booking)?;
        if booking.is_dry_run == Some(true) {
            return Err(Error::unsupported("version 2 has no dry run, and so nothing was sent"));
        }
        match (&booking.recurring_event_id, &booking.reschedule_uid) {
            (Some(series), None) => self.occurrence(series, booking).await,
            _ => {
                let booked = self.book(booking).await?;
                booked.into_iter().next().ok_or_else(|| crate::Error::empty("the answer holds no booking").into())
            }
        }
    }

    /// What is booked by one request: one booking, or all of a series.
    pub(super) async fn book(&self, booking: &CreateBooking) -> Result<Vec<Converted<CreatedBooking>>> {
        let mut losses = Losses::default();
        let lengths = match booking.end {
            Some(_) if booking.reschedule_uid.is_none() => {
                // The event type is not asked for a request that strict mode refuses anyway.
                let without_end = CreateBooking { end: None, ..booking.clone() };
                self.allowed(convert::create_booking(&without_end, None), &mut losses)?;
                self.lengths(booking).await
            }
            _ => None,
        };
        match self.allowed(convert::create_booking(booking, lengths.as_deref()), &mut losses)? {
            BookingCall::Create(body) => {
                let answer = self.v2.raw().create_booking(&body).await?;
                match data(&answer) {
                    Value::Array(bookings) => {
                        bookings.into_iter().map(|booking| self.created(booking, losses.clone())).collect()
                    }
                    booking => Ok(vec![self.created(booking, losses)?]),
                }
            }
            BookingCall::Reschedule { uid, body } => {
                let answer = self.v2.raw().reschedule_booking(&uid, &body).await?;
                Ok(vec![self.created(data(&answer), losses)?])
            }
        }
    }

    /// The lengths that the event type offers, where it can be read.
    async fn lengths(&self, booking: &CreateBooking) -> Option<Vec<i64>> {
        let event_type = self.v2.raw().get_event_type(booking.event_type_id?).await.ok()?.into_inner().data;
        let options = event_type.length_in_minutes_options;
        Some(if options.is_empty() { vec![event_type.length_in_minutes] } else { options })
    }

    fn created(&self, mut booking: Value, mut losses: Losses) -> Result<Converted<CreatedBooking>> {
        self.learn(&booking);
        let seat = booking.as_object_mut().and_then(|booking| booking.remove("seatUid"));
        let seat = seat.and_then(|seat| seat.as_str().map(str::to_owned));
        let converted = Booking::from_v2(booking.as_object().unwrap_or(&Object::new()))
            .map_err(|error| crate::Error::empty(&error.to_string()))?;
        let created = convert::created_booking_to_v1(converted, seat).into(&mut losses);
        Ok(Converted::new(created, losses))
    }

    /// Changes a booking (V1's `PATCH /bookings/{id}`), by as many calls of V2 as it takes.
    ///
    /// V1 wrote into the database; V2 confirms, declines, cancels, moves. The people concerned get mails. A booking that is
    /// moved has another number and another uid afterwards; its old number goes on to lead to it.
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, for a change of which V2 can do nothing, and in strict mode for one of which it
    /// cannot do all: before anything is sent. Where a later call fails, [`Error::done`] names those that were made.
    pub async fn patch_booking(
        &self,
        booking: impl Into<BookingRef>,
        changes: &PatchBooking,
    ) -> Result<Converted<Booking>> {
        self.check(changes)?;
        let booking = booking.into();
        let mut losses = Losses::default();
        let steps = self.allowed(convert::patch_booking(changes), &mut losses)?;
        if steps.is_empty() && !losses.list().is_empty() {
            let names: Vec<&str> = losses.list().iter().map(|loss| loss.field.as_str()).collect();
            return Err(Error::unsupported(format!("version 2 cannot change this of a booking: {}", names.join(", "))));
        }
        if steps.is_empty() {
            return self.booking(booking).await;
        }
        let uid = self.uid(booking.clone()).await?;
        let (mut done, mut last) = (Vec::new(), Value::Null);
        for step in &steps {
            last = self.step(&uid, step).await.map_err(|error| error.after(&done))?;
            done.push(step.name());
        }
        // A new host is all that V2 tells of a reassignment.
        if matches!(steps.last(), Some(Step::Reassign(_))) {
            last = data(&self.v2.raw().get_booking(&uid).await.map_err(|error| Error::from(error).after(&done))?);
        }
        let changed: Booking = self.first(last, &mut losses)?;
        if matches!(steps.last(), Some(Step::Reschedule(_))) {
            const ANOTHER: Why = Why::NotExpressible("V2 gives a booking that is moved another one");
            losses.add("id", ANOTHER);
            losses.add("uid", ANOTHER);
            if let BookingRef::Id(old) = booking {
                self.ids.learn(&self.v2, old, &changed.uid);
            }
        }
        Ok(Converted::new(changed, losses))
    }

    async fn step(&self, uid: &str, step: &Step) -> Result<Value> {
        let api = self.v2.raw();
        Ok(match step {
            Step::Confirm => data(&api.confirm_booking(uid).await?),
            Step::Decline => data(&api.decline_booking(uid, &crate::raw::types::DeclineBooking::new()).await?),
            Step::Cancel(body) => data(&api.cancel_booking(uid, body).await?),
            Step::Relocate(body) => data(&api.update_booking_location(uid, body).await?),
            Step::Reassign(user) => {
                data(&api.reassign_booking_to_user(uid, *user, &crate::raw::types::ReassignBooking::new()).await?)
            }
            Step::Reschedule(body) => data(&api.reschedule_booking(uid, body).await?),
        })
    }

    /// Cancels a booking (V1's `DELETE /bookings/{id}` and `DELETE /bookings/{id}/cancel`).
    ///
    /// # Errors
    ///
    /// 404 for an unknown one, 400 where it is cancelled already.
    pub async fn cancel_booking(
        &self,
        booking: impl Into<BookingRef>,
        how: &CancelBooking,
    ) -> Result<Converted<Cancelled>> {
        self.check(how)?;
        let booking = booking.into();
        let mut losses = Losses::default();
        let body = self.allowed(Ok(convert::cancel_booking(how)), &mut losses)?;
        let uid = self.uid(booking.clone()).await?;
        let answer = self.v2.raw().cancel_booking(&uid, &body).await?;
        let cancelled = data(&answer);
        let first = if cancelled.is_array() { &cancelled[0] } else { &cancelled };
        let id = match booking {
            BookingRef::Id(id) => id,
            BookingRef::Uid(_) => first["id"].as_i64().unwrap_or_default(),
        };
        let answer = Cancelled {
            success: true,
            message: "Booking successfully cancelled.".to_owned(),
            only_removed_attendee: how.seat_reference_uid.is_some(),
            booking_id: id,
            booking_uid: uid,
        };
        Ok(Converted::new(answer, losses))
    }

    /// The Cal Video recordings of a booking (V1's `GET /bookings/{id}/recordings`), as V2 tells them.
    ///
    /// # Errors
    ///
    /// 404 for an unknown booking, and for one that was not held on Cal Video.
    pub async fn booking_recordings(&self, booking: impl Into<BookingRef>) -> Result<Vec<Value>> {
        let uid = self.uid(booking.into()).await?;
        let answer = data(&self.v2.raw().list_booking_recordings(&uid).await?);
        Ok(answer.as_array().cloned().unwrap_or_default())
    }

    /// The links to the transcripts of a booking (V1's `GET /bookings/{id}/transcripts`), as V2 tells them.
    ///
    /// # Errors
    ///
    /// As [`booking_recordings`](Self::booking_recordings).
    pub async fn booking_transcripts(&self, booking: impl Into<BookingRef>) -> Result<Vec<Value>> {
        let uid = self.uid(booking.into()).await?;
        let answer = data(&self.v2.raw().list_booking_transcripts(&uid).await?);
        Ok(answer.as_array().cloned().unwrap_or_default())
    }

    async fn uid(&self, booking: BookingRef) -> Result<String> {
        match booking {
            BookingRef::Uid(uid) => Ok(uid),
            BookingRef::Id(id) => {
                let found = self.ids.uid(&self.v2, id).await?;
                found.ok_or_else(|| Error::not_found(format!("Booking with id: {id} not found")))
            }
        }
    }

    fn learn(&self, booking: &Value) {
        if let (Some(id), Some(uid)) = (booking["id"].as_i64(), booking["uid"].as_str()) {
            self.ids.learn(&self.v2, id, uid);
        }
    }

    /// The booking of an answer; of a series its first.
    fn first(&self, booking: Value, losses: &mut Losses) -> Result<Booking> {
        let booking = match booking {
            Value::Array(all) => all.into_iter().next().unwrap_or_default(),
            booking => booking,
        };
        self.learn(&booking);
        one(&booking, losses)
    }
}

/// Bookings of several lists: each once, of these hosts alone, in order, and cut to the page.
fn together(
    mut all: Vec<Value>,
    query: &BookingsQuery,
    users: Option<&[i64]>,
    wanted: Option<(i64, i64)>,
) -> Vec<Value> {
    let mut seen = HashSet::new();
    all.retain(|booking| {
        let hosts = booking["hosts"].as_array().into_iter().flatten();
        let mut ids = hosts.filter_map(|host| host["id"].as_i64());
        let hosted = users.is_none_or(|users| ids.any(|id| users.contains(&id)));
        hosted && seen.insert(booking["uid"].as_str().unwrap_or_default().to_owned())
    });
    let field = if query.sort_by.as_deref() == Some("updatedAt") { "updatedAt" } else { "createdAt" };
    // Times of one form are in the order of their texts.
    all.sort_by(|one, other| one[field].as_str().cmp(&other[field].as_str()));
    if query.order.as_deref() == Some("desc") {
        all.reverse();
    }
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    match wanted {
        Some((skip, take)) => all.into_iter().skip(count(skip)).take(count(take)).collect(),
        None => all,
    }
}
