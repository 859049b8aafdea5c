//! The filter and the order of a list of bookings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    facade::setters::filter_setters,
    model::{BookingStatus, BookingUid, EventTypeId, TeamId, UserId},
    raw::types::BookingListStatus,
    redact::debug_shows,
};

/// Which bookings to list, as [documented](crate::model#the-documented-interface), and what the service offers besides.
///
/// ```
/// use calcom::{facade::BookingFilter, model::BookingStatus};
///
/// let filter = BookingFilter::default().status(BookingStatus::Accepted).event_type_id(7).take(50u32);
/// assert_eq!(filter.take, Some(50));
/// ```
///
/// The service has no filter for `userId`, none for the status `ACCEPTED`, and one for `CANCELLED` and `REJECTED`
/// together: for these it is asked for more, and this crate drops the rest. A page can then hold fewer bookings than
/// were asked for, and [`Page::total`](crate::facade::Page::total) counts those that the service found. A booking stays on the page if the answer does
/// not say whether the filter lets it: the documented form does not number its hosts.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BookingFilter {
    /// Starts at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// Ends at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Only with this status, or in a group of the service: `BookingStatus::from("upcoming")`, `"past"`, `"recurring"`,
    /// `"cancelled"`, `"unconfirmed"`. Without, every booking is listed, pending and cancelled ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BookingStatus>,
    /// Only of this event type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type_id: Option<EventTypeId>,
    /// Only of this team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Only hosted by this user. This crate drops the others after the service has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Only with this attendee, guest or seat; compared letter by letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_email: Option<String>,
    /// Only with an attendee of exactly this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_name: Option<String>,
    /// Only this booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_uid: Option<BookingUid>,
    /// Booked at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Booked at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// The order; the service's own where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Where the page begins, on the hosted service: [`Page::next_cursor`](crate::facade::Page::next_cursor) of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many to leave out before the page; default 0. The hosted service pages by [`cursor`](Self::cursor): there only
    /// [`stream`](crate::facade::Bookings::stream) can leave some out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<u32>,
    /// The size of a page, 1 to 250; default 100. The hosted service gives 100 at the most; default 50.
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
    sort: Sort,
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
    sort,
    skip,
    take,
});

impl BookingFilter {
    /// The status as a group of the service's own, such as `upcoming`: a known one in letters of any case, any other as it
    /// is written. `None` for a status of a booking.
    pub(super) fn group(&self) -> Option<BookingListStatus> {
        let BookingStatus::Other(text) = self.status.as_ref()? else { return None };
        Some(match BookingListStatus::from(text.to_ascii_lowercase()) {
            BookingListStatus::Other(_) => BookingListStatus::from(text.as_str()),
            known => known,
        })
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Sort {
    /// The earliest start first.
    StartAscending,
    /// The latest start first.
    StartDescending,
    /// The oldest booking first: the only order in which paging over a growing list leaves nothing out.
    CreatedAscending,
    /// The youngest booking first.
    CreatedDescending,
    /// The last changed first.
    UpdatedDescending,
}
