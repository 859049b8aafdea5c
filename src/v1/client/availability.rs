//! `/availability`: V1's answer, put together from what V2 tells in parts; and the bookable slots, which the documented
//! interface names as its successor.

use super::{Client, data, one};
use crate::v1::{
    Converted, Error, Result, Why,
    loss::Losses,
    types::{
        Availability, AvailabilityQuery, AvailabilityRow, BookingsQuery, Busy, Range, Schedule, SlotsBody, SlotsQuery,
        Time, User, WorkingHours,
    },
};
use jiff::{
    Span, Timestamp,
    civil::{Date, Time as CivilTime},
    tz::TimeZone,
};

/// The longest window; each of its dates is put together one by one.
const LONGEST_DAYS: i64 = 3 * 366;

impl Client {
    /// When the caller is busy, and when at work (V1's `GET /availability`).
    ///
    /// V2 has no such call. The answer is put together from the user, the schedule (that of the event type, or the default
    /// one), the bookings, and the selected calendars; the losses name every part that was derived.
    /// [`bookable_slots`](Self::bookable_slots) tells what can be booked.
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent; 403 for a team; 404 for another user.
    pub async fn availability(&self, query: &AvailabilityQuery) -> Result<Converted<Availability>> {
        self.check(query)?;
        if query.team_id.is_some() {
            return Err(Error::forbidden("version 2 does not tell the availability of a team's members"));
        }
        if query.date_to < query.date_from {
            return Err(Error::unsupported("dateTo lies before dateFrom"));
        }
        let mut losses = Losses::default();
        for (part, why) in DERIVED {
            losses.add(part, Why::MadeUp(why));
        }
        let user = self.me().await?;
        let another = query.user_id.is_some_and(|id| id != user.id)
            || query.username.as_ref().is_some_and(|name| Some(name) != user.username.as_ref());
        if another {
            return Err(Error::not_found("version 2 tells the availability of the caller alone"));
        }
        let schedule = self.schedule_of(query).await?;
        let mut busy = self.booked(query).await?;
        busy.extend(self.calendars(query, &user, &mut losses).await?);
        busy.sort_by_key(|span| (span.start, span.end));
        let (rows, zone) = match &schedule {
            Some(schedule) => {
                (schedule.availability.as_slice(), schedule.time_zone.clone().unwrap_or(user.time_zone.clone()))
            }
            None => {
                losses.add("workingHours", Why::MadeUp("there is no default schedule"));
                ([].as_slice(), user.time_zone.clone())
            }
        };
        let tz = TimeZone::get(&zone).map_err(|_| Error::unsupported("the schedule's zone is not known here"))?;
        let date_ranges = free(&hours(rows, &tz, query), &busy);
        let value = Availability {
            busy,
            date_ranges: date_ranges.clone(),
            ooo_excluded_date_ranges: date_ranges,
            working_hours: working_hours(rows, user.id),
            date_overrides: overrides(rows),
            time_zone: zone,
            current_seats: None,
            dates_out_of_office: None,
        };
        Ok(Converted::new(value, losses))
    }

    /// Times that can be booked within a V1 availability query, of the event type that it names: what the documented table
    /// maps V1's `/availability` to.
    ///
    /// # Errors
    ///
    /// As [`slots`](Self::slots); 400 without an event type.
    pub async fn bookable_slots(&self, query: &AvailabilityQuery) -> Result<Converted<SlotsBody>> {
        self.check(query)?;
        let Some(event_type) = query.event_type_id else {
            return Err(Error::unsupported("version 2 finds slots of an event type: eventTypeId is missing"));
        };
        self.slots(&SlotsQuery::new(event_type, query.date_from.to_string(), query.date_to.to_string())).await
    }

    async fn schedule_of(&self, query: &AvailabilityQuery) -> Result<Option<Schedule>> {
        let api = self.v2.raw();
        let own = match query.event_type_id {
            Some(id) => api.get_event_type(id).await?.data.schedule_id,
            None => None,
        };
        let schedule = match own {
            Some(id) => data(&api.get_schedule(id).await?),
            None => data(&api.get_default_schedule().await?),
        };
        // What a schedule loses on its way does not concern its hours.
        if schedule.is_null() { Ok(None) } else { one(&schedule, &mut Losses::default()).map(Some) }
    }

    /// Accepted bookings that overlap the window; longer ones than a day are found where they end in it or a day later.
    async fn booked(&self, query: &AvailabilityQuery) -> Result<Vec<Busy>> {
        let day = |time: Time, days: i64| {
            let moved = time.timestamp().checked_add(Span::new().hours(24 * days));
            moved.map_or(time, Time::from)
        };
        let around = BookingsQuery {
            date_from: Some(day(query.date_from, -1)),
            date_to: Some(day(query.date_to, 1)),
            ..BookingsQuery::default()
        };
        let lenient = self.clone().strict(false);
        let bookings = lenient.bookings(&around).await?.value;
        let taken = bookings.into_iter().filter(|booking| {
            booking.status == crate::model::BookingStatus::Accepted
                && booking.start_time < query.date_to
                && booking.end_time > query.date_from
        });
        Ok(taken
            .map(|booking| Busy {
                start: booking.start_time,
                end: booking.end_time,
                source: Some(match booking.event_type_id {
                    Some(event_type) => format!("eventType-{event_type}-booking-{}", booking.id),
                    None => format!("booking-{}", booking.id),
                }),
                title: Some(booking.title),
            })
            .collect())
    }

    /// What the selected calendars hold, one call each.
    async fn calendars(&self, query: &AvailabilityQuery, user: &User, losses: &mut Losses) -> Result<Vec<Busy>> {
        let api = self.v2.raw();
        let connected = api.list_calendars().await?.into_inner().data.connected_calendars;
        let (from, to) = (query.date_from.to_string(), query.date_to.to_string());
        let mut busy = Vec::new();
        for account in connected {
            for calendar in account.calendars.iter().filter(|calendar| calendar.is_selected == Some(true)) {
                let Some(credential) = calendar.credential_id.or(account.credential_id) else {
                    losses.add("busy", Why::NotExpressible("V2 names no connection of a selected calendar"));
                    continue;
                };
                let zone = &user.time_zone;
                let request = api.list_busy_times(&from, &to, credential, &calendar.external_id);
                let spans = request.time_zone(zone).logged_in_users_tz(zone).await?;
                busy.extend(spans.data.iter().map(|span| Busy {
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

const DERIVED: [(&str, &str); 7] = [
    ("busy", "put together from accepted bookings and the selected calendars"),
    ("workingHours", "read from the schedule, in its zone"),
    ("dateOverrides", "read from the schedule, in its zone"),
    ("dateRanges", "computed from the schedule's hours and what is busy"),
    ("oooExcludedDateRanges", "the same as dateRanges: V2 does not tell days out of office"),
    ("currentSeats", "V2 does not tell it"),
    ("datesOutOfOffice", "V2 does not tell it"),
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

/// V1 wrote the times of the schedule's zone as if they were UTC.
fn overrides(rows: &[AvailabilityRow]) -> Vec<Range> {
    let span = |row: &AvailabilityRow| span(row.date?.date(), row, &TimeZone::UTC);
    rows.iter().filter_map(span).collect()
}

/// The hours of every date of the window, cut to it.
fn hours(rows: &[AvailabilityRow], tz: &TimeZone, query: &AvailabilityQuery) -> Vec<Range> {
    let (from, to) = (query.date_from.timestamp(), query.date_to.timestamp());
    let (mut date, last) = (from.to_zoned_datetime(tz.clone()).date(), to.to_zoned_datetime(tz.clone()).date());
    let mut ranges = Vec::new();
    for _ in 0..LONGEST_DAYS {
        if date > last {
            break;
        }
        let dated: Vec<&AvailabilityRow> =
            rows.iter().filter(|row| row.date.is_some_and(|day| day.date() == date)).collect();
        let weekday = u8::try_from(date.weekday().to_sunday_zero_offset()).unwrap_or_default();
        let of_day = if dated.is_empty() {
            rows.iter().filter(|row| row.date.is_none() && row.days.contains(&weekday)).collect()
        } else {
            dated
        };
        let cut = |range: Range| Range { start: range.start.max(from.into()), end: range.end.min(to.into()) };
        let spans = of_day.into_iter().filter_map(|row| span(date, row, tz)).map(cut);
        ranges.extend(spans.filter(|range| range.start < range.end));
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// The hours of a row on a date. One that ends at the last minute of the day ends with the day.
fn span(date: Date, row: &AvailabilityRow, tz: &TimeZone) -> Option<Range> {
    let at = |date: Date, time: CivilTime| -> Option<Timestamp> {
        Some(date.to_datetime(time).to_zoned_datetime(tz.clone()).ok()?.timestamp())
    };
    let start = at(date, row.start_time.time())?;
    let end = match (row.end_time.time().hour(), row.end_time.time().minute()) {
        (23, 59) => at(date.tomorrow().ok()?, CivilTime::midnight())?,
        _ => at(date, row.end_time.time())?,
    };
    (start < end).then(|| Range { start: start.into(), end: end.into() })
}

/// The ranges without what is busy.
fn free(ranges: &[Range], busy: &[Busy]) -> Vec<Range> {
    let mut free = Vec::new();
    for range in ranges {
        let mut start = range.start;
        for taken in busy.iter().filter(|taken| taken.end > range.start && taken.start < range.end) {
            if taken.start > start {
                free.push(Range { start, end: taken.start });
            }
            start = start.max(taken.end);
        }
        if start < range.end {
            free.push(Range { start, end: range.end });
        }
    }
    free
}
