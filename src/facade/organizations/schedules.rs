//! The schedules of a user of an organization.

use crate::{
    Client, Result,
    facade::{CheckBefore, List, items::collect_items, schedules::fetch_schedule},
    model::{CreateSchedule, OrganizationId, Schedule, ScheduleId, UpdateSchedule, UserId},
};

/// The schedules of a user of an organization; from
/// [`OrganizationUserApi::schedules`](super::OrganizationUserApi::schedules).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::CreateSchedule;
///
/// let schedules = client.organization(1).user(3).schedules();
/// let schedule = schedules.create(&CreateSchedule::new("Practice", "Europe/Berlin").as_default()).await?;
/// println!("{} is one of {}", schedule.id, schedules.list().await?.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct UserSchedules {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
    pub(super) user: UserId,
}

impl UserSchedules {
    /// Lists all schedules (`GET /v2/organizations/{orgId}/users/{userId}/schedules`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for a user that is unknown or outside the organization.
    pub async fn list(&self) -> Result<List<Schedule>> {
        collect_items(self.client.raw().list_organization_user_schedules(self.organization.0, self.user.0)).await
    }

    /// Reads one schedule (`GET .../schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one; else as [`list`](Self::list).
    pub async fn get(&self, id: impl Into<ScheduleId>) -> Result<Schedule> {
        let raw = self.client.raw();
        fetch_schedule(raw.get_organization_user_schedule(self.organization.0, self.user.0, id.into().0)).await
    }

    /// Creates a schedule (`POST .../schedules`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for an unknown time zone, or a time that is
    /// not a whole minute; else as [`list`](Self::list).
    pub async fn create(&self, schedule: &CreateSchedule) -> Result<Schedule> {
        let body = schedule.to_wire().before("create_organization_user_schedule")?;
        let raw = self.client.raw();
        fetch_schedule(raw.create_organization_user_schedule(self.organization.0, self.user.0, &body)).await
    }

    /// Changes a schedule (`PATCH .../schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create) and [`get`](Self::get).
    pub async fn update(&self, id: impl Into<ScheduleId>, changes: &UpdateSchedule) -> Result<Schedule> {
        let body = changes.to_wire().before("update_organization_user_schedule")?;
        let (id, raw) = (id.into(), self.client.raw());
        fetch_schedule(raw.update_organization_user_schedule(self.organization.0, self.user.0, id.0, &body)).await
    }

    /// Deletes a schedule (`DELETE .../schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an unknown one: the service answers 400, not 404.
    pub async fn delete(&self, id: impl Into<ScheduleId>) -> Result<()> {
        let raw = self.client.raw();
        raw.delete_organization_user_schedule(self.organization.0, self.user.0, id.into().0).await.map(drop)
    }
}
