//! `/availability`. V1's response is assembled from several V2 responses. The bookable slots are the successor that the API
//! documentation names.

use super::{V1Client, convert_one, response_data};
use crate::v1::{
    Converted, LossReason, V1Error, V1Result,
    loss::Losses,
    types::{
        Availability, AvailabilityQuery, AvailabilityRow, Booking, BookingsQuery, BusyTime, DateRange, Schedule,
        SlotsBody, SlotsQuery, Time, User, WorkingHours,
    },
};
use jiff::{
    Span, Timestamp,
    civil::{Date, Time as CivilTime},
    tz::TimeZone,
};

/// The bound on the dates of a window for which working hours are computed; later dates have none.
const MAX_DAYS: i64 = 3 * 366;

impl V1Client {
    /// Returns the busy times and the working hours of the caller (V1's `GET /availability`).
    ///
    /// V2 has no such request. The response is assembled from the user, the schedule (of the event type, or the default
    /// schedule), the bookings and the selected calendars. The losses name every field that is derived. Working hours are those
    /// of the first 1,098 dates. [`bookable_slots`](Self::bookable_slots) returns the times that can be booked, and
    /// [`team_availability`](Self::team_availability) those of a team's members.
    ///
    /// # Errors
    ///
    /// 400 if the query is invalid, or names a team, before anything is sent; 404 for another user.
    pub async fn availability(&self, query: &AvailabilityQuery) -> V1Result<Converted<Availability>> {
        self.validate(query)?;
        if query.team_id.is_some() {
            return Err(V1Error::unsupported("the availability of a team is a list: team_availability returns it"));
        }
        check_window(query)?;
        let mut losses = Losses::default();
        for (field, reason) in [BUSY_OF_CALLER].into_iter().chain(DERIVED_FIELDS) {
            losses.add(field, LossReason::MadeUp(reason));
        }
        let user = self.me().await?;
        let is_other_user = query.user_id.is_some_and(|id| id != user.id)
            || query.username.as_ref().is_some_and(|name| Some(name) != user.username.as_ref());
        if is_other_user {
            return Err(V1Error::not_found("version 2 tells the availability of the caller alone"));
        }
        let schedule = self.fetch_schedule(query).await?;
        let mut busy = self.fetch_booked_times(query).await?;
        busy.extend(self.fetch_calendar_busy_times(query, &user, &mut losses).await?);
        let (rows, zone) = match &schedule {
            Some(schedule) => {
                (schedule.availability.as_slice(), schedule.time_zone.clone().unwrap_or(user.time_zone.clone()))
            }
            None => {
                losses.add("workingHours", LossReason::MadeUp("there is no default schedule"));
                ([].as_slice(), user.time_zone.clone())
            }
        };
        Ok(Converted::new(assemble(rows, zone, busy, user.id, query)?, losses))
    }

    /// Lists the times that can be booked within an availability query, for the event type of the query.
    ///
    /// The API documentation names this as the successor of V1's `/availability`.
    ///
    /// # Errors
    ///
    /// As [`slots`](Self::slots); 400 if the query has no event type.
    pub async fn bookable_slots(&self, query: &AvailabilityQuery) -> V1Result<Converted<SlotsBody>> {
        self.validate(query)?;
        let Some(event_type) = query.event_type_id else {
            return Err(V1Error::unsupported("version 2 finds slots of an event type: eventTypeId is missing"));
        };
        self.slots(&SlotsQuery::new(event_type, query.date_from.to_string(), query.date_to.to_string())).await
    }

    async fn fetch_schedule(&self, query: &AvailabilityQuery) -> V1Result<Option<Schedule>> {
        let api = self.v2.raw();
        let schedule_id = match query.event_type_id {
            Some(id) => api.get_event_type(id).await?.data.schedule_id,
            None => None,
        };
        let schedule = match schedule_id {
            Some(id) => response_data(&api.get_schedule(id).await?),
            None => response_data(&api.get_default_schedule().await?),
        };
        // The losses of a schedule do not concern its hours.
        if schedule.is_null() { Ok(None) } else { convert_one(&schedule, &mut Losses::default()).map(Some) }
    }

    /// Returns the accepted bookings that overlap the window. The list request is a day wider at both ends; a booking
    /// that starts earlier or ends later is not found.
    async fn fetch_booked_times(&self, query: &AvailabilityQuery) -> V1Result<Vec<BusyTime>> {
        let widened = BookingsQuery {
            date_from: Some(shift_days(query.date_from, -1)),
            date_to: Some(shift_days(query.date_to, 1)),
            ..BookingsQuery::default()
        };
        let lenient = self.clone().strict(false);
        let bookings = lenient.bookings(&widened).await?.value;
        Ok(bookings.iter().filter_map(|booking| booked_time(booking, query)).collect())
    }

    /// Returns the busy times of the selected calendars, with one request for each calendar.
    async fn fetch_calendar_busy_times(
        &self,
        query: &AvailabilityQuery,
        user: &User,
        losses: &mut Losses,
    ) -> V1Result<Vec<BusyTime>> {
        let api = self.v2.raw();
        let connected = api.list_calendars().await?.into_inner().data.connected_calendars;
        let (from, to) = (query.date_from.to_string(), query.date_to.to_string());
        let mut busy = Vec::new();
        for account in connected {
            for calendar in account.calendars.iter().filter(|calendar| calendar.is_selected == Some(true)) {
                let Some(credential) = calendar.credential_id.or(account.credential_id) else {
                    losses.add("busy", LossReason::NotExpressible("V2 names no connection of a selected calendar"));
                    continue;
                };
                let zone = &user.time_zone;
                let request = api.list_busy_times(&from, &to, credential, &calendar.external_id);
                let spans = request.time_zone(zone).logged_in_users_tz(zone).await?;
                busy.extend(spans.data.iter().map(|span| BusyTime {
                    start: span.start.into(),
                    end: span.end.into(),
                    title: span.title.clone(),
                    source: span.source.clone(),
                }));
            }
        }
        Ok(busy)
    }
}

/// The time, shifted by so many days of 24 hours.
pub(super) fn shift_days(time: Time, days: i64) -> Time {
    time.timestamp().checked_add(Span::new().hours(24 * days)).map_or(time, Time::from)
}

/// Rejects a window that ends before it begins.
pub(super) fn check_window(query: &AvailabilityQuery) -> V1Result<()> {
    if query.date_to < query.date_from { Err(V1Error::unsupported("dateTo lies before dateFrom")) } else { Ok(()) }
}

/// The time that a booking takes, if it is accepted and overlaps the window.
pub(super) fn booked_time(booking: &Booking, query: &AvailabilityQuery) -> Option<BusyTime> {
    let overlaps = booking.status == crate::model::BookingStatus::Accepted
        && booking.start_time < query.date_to
        && booking.end_time > query.date_from;
    overlaps.then(|| BusyTime {
        start: booking.start_time,
        end: booking.end_time,
        source: Some(match booking.event_type_id {
            Some(event_type) => format!("eventType-{event_type}-booking-{}", booking.id),
            None => format!("booking-{}", booking.id),
        }),
        title: Some(booking.title.clone()),
    })
}

/// Assembles an availability from the rows of a schedule, in its zone, and the busy times.
pub(super) fn assemble(
    rows: &[AvailabilityRow],
    zone: String,
    mut busy: Vec<BusyTime>,
    user: i64,
    query: &AvailabilityQuery,
) -> V1Result<Availability> {
    let tz = TimeZone::get(&zone).map_err(|_| V1Error::unsupported("the schedule's zone is not known here"))?;
    busy.sort_by_key(|span| (span.start, span.end));
    let date_ranges = subtract_busy(&working_ranges(rows, &tz, query), &busy);
    Ok(Availability {
        busy,
        date_ranges: date_ranges.clone(),
        ooo_excluded_date_ranges: date_ranges,
        working_hours: working_hours(rows, user),
        date_overrides: override_ranges(rows),
        time_zone: zone,
        current_seats: None,
        dates_out_of_office: None,
    })
}

const BUSY_OF_CALLER: (&str, &str) = ("busy", "put together from accepted bookings and the selected calendars");

/// The other fields that are derived.
pub(super) const DERIVED_FIELDS: [(&str, &str); 6] = [
    ("workingHours", "read from the schedule, in its zone"),
    ("dateOverrides", "read from the schedule, in its zone"),
    ("dateRanges", "computed from the schedule's hours and what is busy"),
    ("oooExcludedDateRanges", "the same as dateRanges: V2 does not tell days out of office"),
    ("currentSeats", "V2 does not return it"),
    ("datesOutOfOffice", "V2 does not return it"),
];

fn working_hours(rows: &[AvailabilityRow], user: i64) -> Vec<WorkingHours> {
    let weekly = rows.iter().filter(|row| row.date.is_none());
    weekly
        .map(|row| WorkingHours {
            days: row.days.clone(),
            start_time: row.start_time.minutes(),
            end_time: row.end_time.minutes(),
            user_id: Some(user),
        })
        .collect()
}

/// The ranges of the overrides. V1 wrote local times of the schedule's zone as if they were UTC.
fn override_ranges(rows: &[AvailabilityRow]) -> Vec<DateRange> {
    let span = |row: &AvailabilityRow| row_range(row.date?.date(), row, &TimeZone::UTC);
    rows.iter().filter_map(span).collect()
}

/// The working hours of every date of the window, limited to the window.
fn working_ranges(rows: &[AvailabilityRow], tz: &TimeZone, query: &AvailabilityQuery) -> Vec<DateRange> {
    let (from, to) = (query.date_from.timestamp(), query.date_to.timestamp());
    let (mut date, last) = (from.to_zoned_datetime(tz.clone()).date(), to.to_zoned_datetime(tz.clone()).date());
    let mut ranges = Vec::new();
    for _ in 0..MAX_DAYS {
        if date > last {
            break;
        }
        let date_rows: Vec<&AvailabilityRow> =
            rows.iter().filter(|row| row.date.is_some_and(|day| day.date() == date)).collect();
        let weekday = u8::try_from(date.weekday().to_sunday_zero_offset()).unwrap_or_default();
        let day_rows = if date_rows.is_empty() {
            rows.iter().filter(|row| row.date.is_none() && row.days.contains(&weekday)).collect()
        } else {
            date_rows
        };
        let cut = |range: DateRange| DateRange { start: range.start.max(from.into()), end: range.end.min(to.into()) };
        let spans = day_rows.into_iter().filter_map(|row| row_range(date, row, tz)).map(cut);
        ranges.extend(spans.filter(|range| range.start < range.end));
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// The range of a row on a date. A row that ends at 23:59 ends at midnight.
fn row_range(date: Date, row: &AvailabilityRow, tz: &TimeZone) -> Option<DateRange> {
    let at = |date: Date, time: CivilTime| -> Option<Timestamp> {
        Some(date.to_datetime(time).to_zoned_datetime(tz.clone()).ok()?.timestamp())
    };
    let start = at(date, row.start_time.time())?;
    let end = match (row.end_time.time().hour(), row.end_time.time().minute()) {
        (23, 59) => at(date.tomorrow().ok()?, CivilTime::midnight())?,
        _ => at(date, row.end_time.time())?,
    };
    (start < end).then(|| DateRange { start: start.into(), end: end.into() })
}

/// Removes the busy times from the ranges.
fn subtract_busy(ranges: &[DateRange], busy: &[BusyTime]) -> Vec<DateRange> {
    let mut free = Vec::new();
    for range in ranges {
        let mut start = range.start;
        for busy in busy.iter().filter(|busy| busy.end > range.start && busy.start < range.end) {
            if busy.start > start {
                free.push(DateRange { start, end: busy.start });
            }
            start = start.max(busy.end);
        }
        if start < range.end {
            free.push(DateRange { start, end: range.end });
        }
    }
    free
}
