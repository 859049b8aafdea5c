//! The limits on the caller's bookings, on the hosted service.

use super::Me;
use crate::{
    Result,
    facade::{CheckBefore, fetch_documented},
    model::{BookingLimits, TeamBookingLimit, TeamBookingLimits, TeamId, UpdateBookingLimits},
};

impl Me {
    /// Reads how many bookings the caller takes at most, over all event types (`GET /v2/me/booking-limits`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no member of an organization;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn booking_limits(&self) -> Result<BookingLimits> {
        fetch_documented(self.client.raw().get_booking_limits()).await
    }

    /// Changes how many bookings the caller takes at most (`PATCH /v2/me/booking-limits`). Limits that are not set stay
    /// unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for a limit of 0; else as
    /// [`booking_limits`](Self::booking_limits).
    pub async fn update_booking_limits(&self, changes: &UpdateBookingLimits) -> Result<BookingLimits> {
        let body = changes.to_wire().before("update_booking_limits")?;
        fetch_documented(self.client.raw().update_booking_limits(&body)).await
    }

    /// Removes all limits on the caller's bookings (`DELETE /v2/me/booking-limits`).
    ///
    /// # Errors
    ///
    /// As [`booking_limits`](Self::booking_limits).
    pub async fn clear_booking_limits(&self) -> Result<()> {
        self.client.raw().delete_booking_limits().await.map(drop)
    }

    /// Reads how many bookings the caller takes at most as a host of round robins, by team (`GET /v2/me/team-booking-limits`).
    ///
    /// # Errors
    ///
    /// As [`booking_limits`](Self::booking_limits).
    pub async fn team_booking_limits(&self) -> Result<TeamBookingLimits> {
        fetch_documented(self.client.raw().list_team_booking_limits()).await
    }

    /// Changes how many bookings the caller takes at most as a host of round robins of a team (`PATCH
    /// /v2/me/team-booking-limits/{teamId}`). A limit that is cleared is that of the team.
    ///
    /// # Errors
    ///
    /// As [`update_booking_limits`](Self::update_booking_limits).
    pub async fn update_team_booking_limits(
        &self,
        team: impl Into<TeamId>,
        changes: &UpdateBookingLimits,
    ) -> Result<TeamBookingLimit> {
        let body = changes.to_wire().before("update_team_booking_limits")?;
        fetch_documented(self.client.raw().update_team_booking_limits(team.into().0, &body)).await
    }

    /// Removes the caller's own limits for the round robins of a team, which then has its own (`DELETE
    /// /v2/me/team-booking-limits/{teamId}`).
    ///
    /// # Errors
    ///
    /// As [`booking_limits`](Self::booking_limits).
    pub async fn clear_team_booking_limits(&self, team: impl Into<TeamId>) -> Result<()> {
        self.client.raw().delete_team_booking_limits(team.into().0).await.map(drop)
    }
}
