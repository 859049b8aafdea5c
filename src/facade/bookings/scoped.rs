//! The bookings of a team, of an organization, or of one of its users.

use super::{
    BookingFilter, BookingStream, Page,
    list::{ListRequest, list},
};
use crate::{Result, model::Booking, raw::Request};

/// The bookings of a team, of an organization, or of one of its users.
///
/// All other operations on a booking are in [`Client::bookings`](crate::Client::bookings).
///
/// ```no_run
/// # #[cfg(feature = "teams")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::BookingFilter, model::BookingStatus};
///
/// let accepted = BookingFilter::default().status(BookingStatus::Accepted);
/// let bookings = client.team(4).bookings().stream(&accepted).try_collect().await?;
/// println!("{} bookings of the team", bookings.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct BookingList {
    request: ListRequest,
}

impl BookingList {
    /// The bookings that a request lists: in the same form as the caller's, filtered by the same parameters.
    pub(crate) fn of<R, O>(request: Request<R, O>) -> Self {
        Self { request: request.retyped() }
    }

    /// Reads one page of bookings (`GET /v2/teams/{teamId}/bookings`, `/v2/organizations/{orgId}/bookings`,
    /// `/v2/organizations/{orgId}/teams/{teamId}/bookings` or `/v2/organizations/{orgId}/users/{userId}/bookings`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a page size that is not 1 to 250, and for a team in the filter of a
    /// list of one team. On self-hosted servers also for the time of creation in the filter of such a list.
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator.
    pub async fn list(&self, filter: &BookingFilter) -> Result<Page<Booking>> {
        list(self.request.clone(), filter).await.map(|(page, _)| page)
    }

    /// Streams all bookings of a filter, page by page, each once, as [`Bookings::stream`](super::Bookings::stream) does.
    ///
    /// By cursor pages only the list of an organization, on the hosted service.
    pub fn stream(&self, filter: &BookingFilter) -> BookingStream {
        BookingStream::new(self.request.clone(), filter)
    }
}
