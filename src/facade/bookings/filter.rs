//! The filter and the sort order of a list of bookings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    facade::setters::filter_setters,
    model::{BookingStatus, BookingUid, EventTypeId, TeamId, UserId},
    raw::types::BookingListStatus,
    redact::debug_shows,
};

/// The filter, the sort order and the page of a list of bookings. The default filter lists all bookings.
///
/// It has the [documented](crate::model#the-documented-interface) fields, and further ones that the service takes.
///
/// ```
/// use calcom::{facade::BookingFilter, model::BookingStatus};
///
/// let filter = BookingFilter::default().status(BookingStatus::Accepted).event_type_id(7).take(50u32);
/// // let page = client.bookings().list(&filter).await?;
/// assert_eq!(filter.take, Some(50));
/// ```
///
/// The service has no filter for `userId`, none for the status `ACCEPTED`, and one for `CANCELLED` and `REJECTED` together. For
/// these the request asks for more, and this crate drops bookings that do not match. A page can then have fewer bookings than
/// `take`, and [`Page::total`](crate::facade::Page::total) counts the dropped ones too. A booking is kept if the response does
/// not have the field to compare: the documented form has no numbers of hosts.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BookingFilter {
    /// Only bookings that start at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// Only bookings that end at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Only bookings with this status, or in a group of the service: `BookingStatus::from("upcoming")`, `"past"`,
    /// `"recurring"`, `"cancelled"`, `"unconfirmed"`. Default: every status, pending and cancelled too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BookingStatus>,
    /// Only bookings of this event type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type_id: Option<EventTypeId>,
    /// Only bookings of this team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Only bookings that this user hosts. This crate drops the others from the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Only bookings with this e-mail address among attendees, guests or seats; compared letter by letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_email: Option<String>,
    /// Only bookings with an attendee of exactly this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_name: Option<String>,
    /// Only this booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_uid: Option<BookingUid>,
    /// Only bookings that were created at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Only bookings that were created at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Only bookings that were changed at this time or later: booked, confirmed, rescheduled, cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_after: Option<Timestamp>,
    /// Only bookings that were changed last at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_before: Option<Timestamp>,
    /// The sort order; default: that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<BookingSort>,
    /// The cursor of the page: [`Page::next_cursor`](crate::facade::Page::next_cursor) of the previous page. Only the hosted
    /// service has cursors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The number of bookings to skip before the page; default 0. The hosted service pages by [`cursor`](Self::cursor): on it
    /// only [`stream`](crate::facade::Bookings::stream) can skip bookings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<u32>,
    /// The size of the page, 1 to 250; default 100. On the hosted service at most 100; default 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<u32>,
}

filter_setters!(BookingFilter {
    start_time: Timestamp,
    end_time: Timestamp,
    status: BookingStatus,
    event_type_id: EventTypeId,
    team_id: TeamId,
    user_id: UserId,
    attendee_email: String,
    attendee_name: String,
    booking_uid: BookingUid,
    created_after: Timestamp,
    created_before: Timestamp,
    updated_after: Timestamp,
    updated_before: Timestamp,
    sort: BookingSort,
    cursor: String,
    skip: u32,
    take: u32,
});
debug_shows!(BookingFilter {
    start_time,
    end_time,
    status,
    event_type_id,
    team_id,
    user_id,
    booking_uid,
    created_after,
    created_before,
    updated_after,
    updated_before,
    sort,
    skip,
    take,
});

impl BookingFilter {
    /// The status as a group of the service, such as `upcoming`: a known one in letters of any case, any other unchanged.
    /// `None` for a status of a booking.
    pub(super) fn status_group(&self) -> Option<BookingListStatus> {
        let BookingStatus::Other(text) = self.status.as_ref()? else { return None };
        Some(match BookingListStatus::from(text.to_ascii_lowercase()) {
            BookingListStatus::Other(_) => BookingListStatus::from(text.as_str()),
            known => known,
        })
    }
}

/// The sort order of a list of bookings.
///
/// ```
/// use calcom::facade::{BookingFilter, BookingSort};
///
/// let filter = BookingFilter::default().sort(BookingSort::StartAscending);
/// # assert_eq!(filter.sort, Some(BookingSort::StartAscending));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum BookingSort {
    /// The earliest start first.
    StartAscending,
    /// The latest start first.
    StartDescending,
    /// The oldest booking first: the only order in which paging over a growing list misses none.
    CreatedAscending,
    /// The newest booking first.
    CreatedDescending,
    /// The last changed first.
    UpdatedDescending,
}
