//! The availability of a team: that of each member, from what V2 shows to an administrator of the team.

use super::{
    V1Client,
    availability::{DERIVED_FIELDS, assemble, booked_time, check_window, shift_days},
    response_data,
};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason, V1Result, convert,
        loss::Losses,
        types::{AvailabilityQuery, Booking, BusyTime, MemberAvailability, Schedule},
    },
};

/// The zone of the working hours of a member without a schedule.
const FALLBACK_ZONE: &str = "UTC";

impl V1Client {
    /// Returns the busy times and the working hours of each member who has accepted the membership (V1's
    /// `GET /teams/{teamId}/availability` and `GET /availability?teamId=`).
    ///
    /// V2 has no such request. The response is assembled from the memberships, schedules and bookings of the team. Personal
    /// bookings and calendars of the members are not in it, because V2 does not show them. With an event type of the team its
    /// schedule applies, if it is one of a member; else each member's default schedule. The losses name every field that is
    /// derived.
    ///
    /// # Errors
    ///
    /// 400 if the query is invalid, before anything is sent; 403 if the caller does not administrate the team, or if it does not
    /// exist.
    pub async fn team_availability(
        &self,
        team: i64,
        query: &AvailabilityQuery,
    ) -> V1Result<Converted<Vec<MemberAvailability>>> {
        self.validate(query)?;
        check_window(query)?;
        let mut losses = Losses::default();
        losses
            .add("busy", LossReason::NotExpressible("V2 shows the bookings of the team, and no others of its members"));
        for (field, reason) in DERIVED_FIELDS {
            losses.add(field, LossReason::MadeUp(reason));
        }
        let members = self.team_memberships(team, None).await?;
        let schedules = self.v2.raw().list_team_schedules(team).stream().ending_at_short_page().try_collect().await?;
        let of_event_type = match query.event_type_id {
            Some(id) => response_data(&self.v2.raw().get_team_event_type(team, id).await?)["scheduleId"].as_i64(),
            None => None,
        };
        let of_event_type = of_event_type.and_then(|id| schedules.iter().find(|schedule| schedule.id == id));
        if query.event_type_id.is_some() && of_event_type.is_none() {
            let reason = "the default schedules apply: the event type has no schedule of a member";
            losses.add("workingHours", LossReason::MadeUp(reason));
        }
        let bookings = self.team_bookings(team, query).await?;
        let mut found = Vec::new();
        for member in members.iter().filter(|member| member.accepted == Some(true)) {
            let Some(user) = member.user_id else { continue };
            let schedule = of_event_type.or_else(|| default_of(&schedules, user));
            if schedule.is_none() {
                losses.add("workingHours", LossReason::MadeUp("a member has no schedule"));
            }
            let schedule = schedule.map(schedule_to_v1).transpose()?.unwrap_or_default();
            let busy = busy_of(member, user, &bookings, query);
            let zone = schedule.time_zone.unwrap_or_else(|| FALLBACK_ZONE.to_owned());
            let availability = assemble(&schedule.availability, zone, busy, user, query)?;
            found.push(MemberAvailability { user_id: user, availability });
        }
        Ok(Converted::new(found, losses))
    }

    /// The bookings of the team around the window, a day wider at both ends.
    async fn team_bookings(&self, team: i64, query: &AvailabilityQuery) -> V1Result<Vec<Booking>> {
        let request = self.v2.raw().list_team_bookings(team);
        let (from, to) = (shift_days(query.date_from, -1).to_string(), shift_days(query.date_to, 1).to_string());
        let request = request.after_start(from).before_end(to);
        let bookings = request.stream().try_collect().await?;
        let convert = |booking: &types::Booking| {
            let booking = convert::booking_to_v1(booking).map_err(|error| crate::Error::empty(&error.to_string()))?;
            // The losses of a booking do not concern its time.
            Ok(booking.value)
        };
        bookings.iter().map(convert).collect()
    }
}

/// The times of the bookings that a member hosts: as their organizer, or as a further host, whom V2 lists as an attendee.
fn busy_of(
    member: &types::TeamMembership,
    user: i64,
    bookings: &[Booking],
    query: &AvailabilityQuery,
) -> Vec<BusyTime> {
    let email = member.user.as_ref().and_then(|user| user.email.as_deref());
    let hosts = |booking: &&Booking| {
        booking.user_id == Some(user)
            || email.is_some_and(|email| booking.attendees.iter().any(|it| it.email.eq_ignore_ascii_case(email)))
    };
    bookings.iter().filter(hosts).filter_map(|booking| booked_time(booking, query)).collect()
}

fn default_of(schedules: &[types::Schedule], user: i64) -> Option<&types::Schedule> {
    let mut own = schedules.iter().filter(|schedule| schedule.owner_id == Some(user));
    own.clone().find(|schedule| schedule.is_default).or_else(|| own.next())
}

fn schedule_to_v1(schedule: &types::Schedule) -> V1Result<Schedule> {
    let converted = convert::schedule_to_v1(schedule).map_err(|error| crate::Error::empty(&error.to_string()))?;
    Ok(converted.value)
}
