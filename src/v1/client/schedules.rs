//! `/schedules`.

use super::{V1Client, convert_list, convert_one, response_data};
use crate::v1::{
    Converted, V1Result, convert,
    loss::Losses,
    types::{CreateSchedule, DeletionBody, PatchSchedule, Schedule},
};

impl V1Client {
    /// Lists the caller's schedules (V1's `GET /schedules`).
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn schedules(&self) -> V1Result<Converted<Vec<Schedule>>> {
        let response = self.v2.raw().list_schedules().await?;
        let mut losses = Losses::default();
        let schedules = convert_list(&response_data(&response), &mut losses)?;
        Ok(Converted::new(schedules, losses))
    }

    /// Reads a schedule (V1's `GET /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// 404 if it does not exist.
    pub async fn schedule(&self, id: i64) -> V1Result<Converted<Schedule>> {
        let response = self.v2.raw().get_schedule(id).await?;
        let mut losses = Losses::default();
        let schedule = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Creates a schedule (V1's `POST /schedules`).
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything.
    pub async fn create_schedule(&self, schedule: &CreateSchedule) -> V1Result<Converted<Schedule>> {
        self.validate(schedule)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::create_schedule(schedule), &mut losses)?;
        let response = self.v2.raw().create_schedule(&body).await?;
        let schedule = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Updates a schedule (V1's `PATCH /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// As [`create_schedule`](Self::create_schedule); 404 if it does not exist.
    pub async fn patch_schedule(&self, id: i64, changes: &PatchSchedule) -> V1Result<Converted<Schedule>> {
        self.validate(changes)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::patch_schedule(changes), &mut losses)?;
        let response = self.v2.raw().update_schedule(id, &body).await?;
        let schedule = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(schedule, losses))
    }

    /// Deletes a schedule (V1's `DELETE /schedules/{id}`).
    ///
    /// # Errors
    ///
    /// 400 if it does not exist, 403 if it belongs to another user.
    pub async fn delete_schedule(&self, id: i64) -> V1Result<DeletionBody> {
        self.v2.raw().delete_schedule(id).await?;
        Ok(DeletionBody::new("Schedule", &id.to_string()))
    }
}
