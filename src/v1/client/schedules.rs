//! `/schedules`.

use super::{Client, data, one, several};
use crate::v1::{
    Converted, Result, convert,
    loss::Losses,
    types::{CreateSchedule, Deleted, PatchSchedule, Schedule},
};

impl Client {
    /// The caller's schedules (V1's `GET /schedules`).
    ///
    /// # Errors
    ///
    /// [`Error`](crate::v1::Error) with V1's status, as for every call.
    pub async fn schedules(&self) -> Result<Converted<Vec<Schedule>>> {
        let answer = self.v2.raw().list_schedules().await?;
        let mut losses = Losses::default();
        let schedules = several(&data(&answer), &mut losses)?;
        Ok(Converted::new(schedules, losses))
    }

    /// One schedule (V1's `GET /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// 404 for an unknown one.
    pub async fn schedule(&self, id: i64) -> Result<Converted<Schedule>> {
        let answer = self.v2.raw().get_schedule(id).await?;
        let mut losses = Losses::default();
        let schedule = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Makes a schedule (V1's `POST /schedules`).
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent, and in strict mode for what V2 cannot take.
    pub async fn create_schedule(&self, schedule: &CreateSchedule) -> Result<Converted<Schedule>> {
        self.check(schedule)?;
        let mut losses = Losses::default();
        let body = self.allowed(convert::create_schedule(schedule), &mut losses)?;
        let answer = self.v2.raw().create_schedule(&body).await?;
        let schedule = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Changes a schedule (V1's `PATCH /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// As [`create_schedule`](Self::create_schedule); 404 for an unknown one.
    pub async fn patch_schedule(&self, id: i64, changes: &PatchSchedule) -> Result<Converted<Schedule>> {
        self.check(changes)?;
        let mut losses = Losses::default();
        let body = self.allowed(convert::patch_schedule(changes), &mut losses)?;
        let answer = self.v2.raw().update_schedule(id, &body).await?;
        let schedule = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Deletes a schedule (V1's `DELETE /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// 400 for an unknown one, 403 for somebody else's.
    pub async fn delete_schedule(&self, id: i64) -> Result<Deleted> {
        self.v2.raw().delete_schedule(id).await?;
        Ok(Deleted::new("Schedule", &id.to_string()))
    }
}
