//! Schedules: the hours in which the caller can be booked.

use crate::{
    Client, Result,
    facade::{CheckBefore, List, try_fetch},
    model::{CreateSchedule, Schedule, ScheduleId, UpdateSchedule},
    raw::{Request, types},
};

/// The caller's schedules, the hours in which the caller can be booked; from [`Client::schedules`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{Availability, CreateSchedule, UpdateSchedule};
/// use jiff::civil::time;
///
/// let schedules = client.schedules();
/// let hours = Availability::weekdays(time(9, 0, 0, 0), time(17, 0, 0, 0));
/// let schedule = schedules.create(&CreateSchedule::new("Practice", "Europe/Berlin").hours(hours)).await?;
/// schedules.update(schedule.id, &UpdateSchedule::default().name("Practice, summer")).await?;
/// println!("{} schedules", schedules.list().await?.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Schedules {
    client: Client,
}

impl Client {
    /// The caller's schedules, the hours in which the caller can be booked.
    ///
    /// Cargo feature: `schedules`.
    #[must_use]
    pub fn schedules(&self) -> Schedules {
        Schedules { client: self.clone() }
    }
}

impl Schedules {
    /// Lists all schedules (`GET /v2/schedules`; [documented](crate::model#the-documented-interface) as
    /// `getSchedules`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`](crate::Error::Authentication) without a valid credential.
    pub async fn list(&self) -> Result<List<Schedule>> {
        try_fetch(self.client.raw().list_schedules(), |answer: types::ScheduleListResponse| {
            let schedules = answer.data.into_iter().enumerate();
            schedules.map(|(at, schedule)| Schedule::parse_wire(schedule, &format!("data[{at}]"))).collect()
        })
        .await
    }

    /// Reads one schedule (`GET /v2/schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one, [`Error::Permission`](crate::Error::Permission) for
    /// another user's.
    pub async fn get(&self, id: impl Into<ScheduleId>) -> Result<Schedule> {
        fetch_schedule(self.client.raw().get_schedule(id.into().0)).await
    }

    /// Reads the default schedule, which event types without one of their own use (`GET /v2/schedules/default`); `None` if
    /// there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`](crate::Error::Authentication) without a valid credential.
    pub async fn default(&self) -> Result<Option<Schedule>> {
        try_fetch(self.client.raw().get_default_schedule(), |answer: types::DefaultScheduleResponse| {
            answer.data.map(|schedule| Schedule::parse_wire(schedule, "data")).transpose()
        })
        .await
    }

    /// Creates a schedule (`POST /v2/schedules`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for an unknown time zone, or a time that
    /// is not a whole minute.
    pub async fn create(&self, schedule: &CreateSchedule) -> Result<Schedule> {
        fetch_schedule(self.client.raw().create_schedule(&schedule.to_wire().before("create_schedule")?)).await
    }

    /// Changes a schedule (`PATCH /v2/schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::NotFound`](crate::Error::NotFound) for an unknown schedule,
    /// [`Error::Permission`](crate::Error::Permission) for another user's.
    pub async fn update(&self, id: impl Into<ScheduleId>, changes: &UpdateSchedule) -> Result<Schedule> {
        let body = changes.to_wire().before("update_schedule")?;
        fetch_schedule(self.client.raw().update_schedule(id.into().0, &body)).await
    }

    /// Deletes a schedule (`DELETE /v2/schedules/{scheduleId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an unknown one: the service answers 400, not 404.
    /// [`Error::Permission`](crate::Error::Permission) for another user's.
    pub async fn delete(&self, id: impl Into<ScheduleId>) -> Result<()> {
        self.client.raw().delete_schedule(id.into().0).await.map(drop)
    }
}

pub(super) async fn fetch_schedule(request: Request<types::ScheduleResponse>) -> Result<Schedule> {
    try_fetch(request, |answer| Schedule::parse_wire(answer.data, "data")).await
}
