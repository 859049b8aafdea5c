//! `/bookings`.

use std::collections::HashSet;

use serde_json::Value;

use super::{V1Client, booking_id::BookingIdOrUid, convert_list, convert_one, response_data};
use crate::{
    raw::types::{BookingListStatus, SortOrder},
    v1::{
        Converted, LossReason, V1Error, V1Result,
        convert::{self, BookingRequest, FromV2, PatchStep},
        loss::Losses,
        schema::JsonObject,
        types::{
            Booking, BookingsQuery, CancelBooking, CancellationBody, CreateBooking, CreatedBooking, PatchBooking, Time,
        },
    },
};

/// The largest page size of the service.
const PAGE_SIZE: i64 = 250;

impl V1Client {
    /// Lists the caller's bookings (V1's `GET /bookings`): one page if the query names `page` and `take`, else all.
    ///
    /// # Errors
    ///
    /// 400 if the query is invalid, before anything is sent.
    pub async fn bookings(&self, query: &BookingsQuery) -> V1Result<Converted<Vec<Booking>>> {
        self.validate(query)?;
        let mut losses = Losses::default();
        if query.expand.is_some() {
            losses.add("expand", LossReason::Dropped("V2 does not tell the team"));
        }
        if query.status.is_some() {
            losses
                .add("status", LossReason::NotExpressible("V2's upcoming leaves cancelled and rejected bookings out"));
        }
        if query.user_id.is_some() {
            losses.add("userId", LossReason::NotExpressible("only what the caller may see is looked through"));
        }
        self.reject_losses(&losses)?;
        let window = query.take.zip(query.page).map(|(take, page)| (take.saturating_mul(page.saturating_sub(1)), take));
        let emails = query.attendee_email.as_deref().unwrap_or_default();
        let bookings = match (emails, &query.user_id) {
            ([] | [_], None) => self.fetch_bookings(query, emails.first(), window).await?,
            // V2 does not have these filters: the client merges the lists, filters them, and takes the page.
            (emails, users) => {
                let mut all = Vec::new();
                let each: Vec<Option<&String>> =
                    if emails.is_empty() { vec![None] } else { emails.iter().map(Some).collect() };
                for email in each {
                    all.extend(self.fetch_bookings(query, email, None).await?);
                }
                merge_lists(all, query, users.as_deref(), window)
            }
        };
        for booking in &bookings {
            self.record_uid(booking);
        }
        let bookings = convert_list(&Value::Array(bookings), &mut losses)?;
        Ok(Converted::new(bookings, losses))
    }

    /// Fetches bookings page by page. `window` limits them to `(skip, take)`.
    async fn fetch_bookings(
        &self,
        query: &BookingsQuery,
        email: Option<&String>,
        window: Option<(i64, i64)>,
    ) -> V1Result<Vec<Value>> {
        let descending = query.order.as_deref() == Some("desc");
        let order = if descending { SortOrder::Desc } else { SortOrder::Asc };
        let by_update = query.sort_by.as_deref() == Some("updatedAt");
        let status = query.status.as_ref().map(|_| BookingListStatus::Upcoming);
        let (from, to) = (query.date_from.map(Time::timestamp), query.date_to.map(Time::timestamp));
        let (mut skip, mut left) = window.unwrap_or((0, i64::MAX));
        let (mut all, mut known) = (Vec::new(), HashSet::new());
        while left > 0 {
            let take = left.min(PAGE_SIZE);
            let request = self
                .v2
                .raw()
                .list_bookings()
                .self_hosted_form()
                .take(take.unsigned_abs())
                .set(from, |request, time| request.after_start(time))
                .set(to, |request, time| request.before_end(time))
                .set(email, |request, email| request.attendee_email(email))
                .set(status.clone(), |request, status| request.status(status))
                .set(Some(skip).filter(|skip| *skip > 0), |request, skip| request.skip(skip));
            // While bookings are added, only the order of creation ensures that paging misses none.
            let request = if by_update { request.sort_updated_at(order) } else { request.sort_created(order) };
            let response = request.await?;
            let Value::Array(page) = response_data(&response) else { break };
            let received = i64::try_from(page.len()).unwrap_or(i64::MAX);
            let before = all.len();
            all.extend(page.into_iter().filter(|booking| known.insert(booking["uid"].to_string())));
            // A page without a new booking is the last one, whatever the service says.
            if all.len() == before || response.pagination.has_next_page != Some(true) {
                break;
            }
            (left, skip) = (left - received, skip.saturating_add(received));
        }
        Ok(all)
    }

    /// Reads a booking (V1's `GET /bookings/{id}`).
    ///
    /// # Errors
    ///
    /// 404 if it does not exist, or if the uid of the number is not found.
    pub async fn booking(&self, booking: impl Into<BookingIdOrUid>) -> V1Result<Converted<Booking>> {
        let uid = self.resolve_uid(booking.into()).await?;
        let response = self.v2.raw().get_booking(&uid).await?;
        let mut losses = Losses::default();
        let booking = self.convert_first(response_data(&response), &mut losses)?;
        Ok(Converted::new(booking, losses))
    }

    /// Creates a booking, or reschedules the booking of `rescheduleUid` (V1's `POST /bookings`).
    ///
    /// With a `recurringEventId` the first call books the whole series. The calls for its other occurrences return
    /// bookings of that series and send nothing.
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything; 409 if the
    /// slot is taken; 400 if no host is available. See [`V1Error::may_have_been_applied`].
    pub async fn create_booking(&self, booking: &CreateBooking) -> V1Result<Converted<CreatedBooking>> {
        self.validate(booking)?;
        if booking.is_dry_run == Some(true) {
            return Err(V1Error::unsupported("version 2 has no dry run, and so nothing was sent"));
        }
        match (&booking.recurring_event_id, &booking.reschedule_uid) {
            (Some(series), None) => self.book_occurrence(series, booking).await,
            _ => {
                let booked = self.send_booking(booking).await?;
                booked.into_iter().next().ok_or_else(|| crate::Error::empty("the response contains no booking").into())
            }
        }
    }

    /// Sends one request. Returns one booking, or all bookings of a series.
    pub(super) async fn send_booking(&self, booking: &CreateBooking) -> V1Result<Vec<Converted<CreatedBooking>>> {
        let mut losses = Losses::default();
        let lengths = match booking.end {
            Some(_) if booking.reschedule_uid.is_none() => {
                // Strict mode rejects a request that loses other fields before the event type is read.
                let without_end = CreateBooking { end: None, ..booking.clone() };
                self.accept(convert::create_booking(&without_end, None), &mut losses)?;
                self.fetch_lengths(booking).await
            }
            _ => None,
        };
        match self.accept(convert::create_booking(booking, lengths.as_deref()), &mut losses)? {
            BookingRequest::Create(body) => {
                let response = self.v2.raw().create_booking(&body).await?;
                match response_data(&response) {
                    Value::Array(bookings) => {
                        bookings.into_iter().map(|booking| self.convert_created(booking, losses.clone())).collect()
                    }
                    booking => Ok(vec![self.convert_created(booking, losses)?]),
                }
            }
            BookingRequest::Reschedule { uid, body } => {
                let response = self.v2.raw().reschedule_booking(&uid, &body).await?;
                Ok(vec![self.convert_created(response_data(&response), losses)?])
            }
        }
    }

    /// Returns the lengths that the event type offers, or `None` if it cannot be read.
    async fn fetch_lengths(&self, booking: &CreateBooking) -> Option<Vec<i64>> {
        let event_type = self.v2.raw().get_event_type(booking.event_type_id?).await.ok()?.into_inner().data;
        let options = event_type.length_in_minutes_options;
        Some(if options.is_empty() { vec![event_type.length_in_minutes] } else { options })
    }

    fn convert_created(&self, mut booking: Value, mut losses: Losses) -> V1Result<Converted<CreatedBooking>> {
        self.record_uid(&booking);
        let seat = booking.as_object_mut().and_then(|booking| booking.remove("seatUid"));
        let seat = seat.and_then(|seat| seat.as_str().map(str::to_owned));
        let converted = Booking::from_v2(booking.as_object().unwrap_or(&JsonObject::new()))
            .map_err(|error| crate::Error::empty(&error.to_string()))?;
        let created = convert::created_booking_to_v1(converted, seat).unpack(&mut losses);
        Ok(Converted::new(created, losses))
    }

    /// Updates a booking (V1's `PATCH /bookings/{id}`), with one V2 request for each kind of change.
    ///
    /// V1 wrote into the database. V2 confirms, declines, cancels or reschedules, and sends mails to host and attendees.
    /// A rescheduled booking has another number and another uid. The old number leads to the new booking from then on.
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, if V2 can execute none of the changes, or in strict mode
    /// if V2 cannot execute all of them. If a later request fails, [`V1Error::completed_steps`] names the completed
    /// ones.
    pub async fn patch_booking(
        &self,
        booking: impl Into<BookingIdOrUid>,
        changes: &PatchBooking,
    ) -> V1Result<Converted<Booking>> {
        self.validate(changes)?;
        let booking = booking.into();
        let mut losses = Losses::default();
        let steps = self.accept(convert::patch_booking(changes), &mut losses)?;
        if steps.is_empty() && !losses.list().is_empty() {
            let names: Vec<&str> = losses.list().iter().map(|loss| loss.field.as_str()).collect();
            return Err(V1Error::unsupported(format!(
                "version 2 cannot change this of a booking: {}",
                names.join(", ")
            )));
        }
        if steps.is_empty() {
            return self.booking(booking).await;
        }
        let uid = self.resolve_uid(booking.clone()).await?;
        let (mut completed, mut last) = (Vec::new(), Value::Null);
        for step in &steps {
            last = self.run_step(&uid, step).await.map_err(|error| error.with_completed_steps(&completed))?;
            completed.push(step.name());
        }
        // The response to a reassignment contains the new host only.
        if matches!(steps.last(), Some(PatchStep::Reassign(_))) {
            last = response_data(
                &self
                    .v2
                    .raw()
                    .get_booking(&uid)
                    .await
                    .map_err(|error| V1Error::from(error).with_completed_steps(&completed))?,
            );
        }
        let changed: Booking = self.convert_first(last, &mut losses)?;
        if matches!(steps.last(), Some(PatchStep::Reschedule(_))) {
            const REPLACED: LossReason = LossReason::NotExpressible("V2 gives a booking that is moved another one");
            losses.add("id", REPLACED);
            losses.add("uid", REPLACED);
            if let BookingIdOrUid::Id(old) = booking {
                self.uid_resolver.record(&self.v2, old, &changed.uid);
            }
        }
        Ok(Converted::new(changed, losses))
    }

    async fn run_step(&self, uid: &str, step: &PatchStep) -> V1Result<Value> {
        let api = self.v2.raw();
        Ok(match step {
            PatchStep::Confirm => response_data(&api.confirm_booking(uid).await?),
            PatchStep::Decline => {
                response_data(&api.decline_booking(uid, &crate::raw::types::DeclineBooking::new()).await?)
            }
            PatchStep::Cancel(body) => response_data(&api.cancel_booking(uid, body).await?),
            PatchStep::Relocate(body) => response_data(&api.update_booking_location(uid, body).await?),
            PatchStep::Reassign(user) => response_data(
                &api.reassign_booking_to_user(uid, *user, &crate::raw::types::ReassignBooking::new()).await?,
            ),
            PatchStep::Reschedule(body) => response_data(&api.reschedule_booking(uid, body).await?),
        })
    }

    /// Cancels a booking (V1's `DELETE /bookings/{id}` and `DELETE /bookings/{id}/cancel`).
    ///
    /// # Errors
    ///
    /// 404 if it does not exist, 400 if it is cancelled already.
    pub async fn cancel_booking(
        &self,
        booking: impl Into<BookingIdOrUid>,
        request: &CancelBooking,
    ) -> V1Result<Converted<CancellationBody>> {
        self.validate(request)?;
        let booking = booking.into();
        let mut losses = Losses::default();
        let body = self.accept(Ok(convert::cancel_booking(request)), &mut losses)?;
        let uid = self.resolve_uid(booking.clone()).await?;
        let response = self.v2.raw().cancel_booking(&uid, &body).await?;
        let cancelled = response_data(&response);
        let first = if cancelled.is_array() { &cancelled[0] } else { &cancelled };
        let id = match booking {
            BookingIdOrUid::Id(id) => id,
            BookingIdOrUid::Uid(_) => first["id"].as_i64().unwrap_or_default(),
        };
        let response = CancellationBody {
            success: true,
            message: "Booking successfully cancelled.".to_owned(),
            only_removed_attendee: request.seat_reference_uid.is_some(),
            booking_id: id,
            booking_uid: uid,
        };
        Ok(Converted::new(response, losses))
    }

    /// Lists the Cal Video recordings of a booking (V1's `GET /bookings/{id}/recordings`), in V2's form.
    ///
    /// # Errors
    ///
    /// 404 if the booking does not exist, or if it did not take place on Cal Video.
    pub async fn booking_recordings(&self, booking: impl Into<BookingIdOrUid>) -> V1Result<Vec<Value>> {
        let uid = self.resolve_uid(booking.into()).await?;
        let response = response_data(&self.v2.raw().list_booking_recordings(&uid).await?);
        Ok(response.as_array().cloned().unwrap_or_default())
    }

    /// Lists the links to the transcripts of a booking (V1's `GET /bookings/{id}/transcripts`), in V2's form.
    ///
    /// # Errors
    ///
    /// As [`booking_recordings`](Self::booking_recordings).
    pub async fn booking_transcripts(&self, booking: impl Into<BookingIdOrUid>) -> V1Result<Vec<Value>> {
        let uid = self.resolve_uid(booking.into()).await?;
        let response = response_data(&self.v2.raw().list_booking_transcripts(&uid).await?);
        Ok(response.as_array().cloned().unwrap_or_default())
    }

    async fn resolve_uid(&self, booking: BookingIdOrUid) -> V1Result<String> {
        match booking {
            BookingIdOrUid::Uid(uid) => Ok(uid),
            BookingIdOrUid::Id(id) => {
                let uid = self.uid_resolver.resolve(&self.v2, id).await?;
                uid.ok_or_else(|| V1Error::not_found(format!("Booking with id: {id} not found")))
            }
        }
    }

    fn record_uid(&self, booking: &Value) {
        if let (Some(id), Some(uid)) = (booking["id"].as_i64(), booking["uid"].as_str()) {
            self.uid_resolver.record(&self.v2, id, uid);
        }
    }

    /// Converts the booking of a response. Of a series it takes the first booking.
    fn convert_first(&self, booking: Value, losses: &mut Losses) -> V1Result<Booking> {
        let booking = match booking {
            Value::Array(all) => all.into_iter().next().unwrap_or_default(),
            booking => booking,
        };
        self.record_uid(&booking);
        convert_one(&booking, losses)
    }
}

/// Merges lists of bookings: removes duplicates, filters by host, sorts, and takes the page.
fn merge_lists(
    mut all: Vec<Value>,
    query: &BookingsQuery,
    users: Option<&[i64]>,
    window: Option<(i64, i64)>,
) -> Vec<Value> {
    let mut seen = HashSet::new();
    all.retain(|booking| {
        let hosts = booking["hosts"].as_array().into_iter().flatten();
        let mut ids = hosts.filter_map(|host| host["id"].as_i64());
        let has_host = users.is_none_or(|users| ids.any(|id| users.contains(&id)));
        has_host && seen.insert(booking["uid"].as_str().unwrap_or_default().to_owned())
    });
    let field = if query.sort_by.as_deref() == Some("updatedAt") { "updatedAt" } else { "createdAt" };
    // All times have the same form, so their texts sort in order of time.
    all.sort_by(|one, other| one[field].as_str().cmp(&other[field].as_str()));
    if query.order.as_deref() == Some("desc") {
        all.reverse();
    }
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    match window {
        Some((skip, take)) => all.into_iter().skip(count(skip)).take(count(take)).collect(),
        None => all,
    }
}
