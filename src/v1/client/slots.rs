//! `/slots`.

use super::{V1Client, response_data};
use crate::v1::{
    Converted, V1Result, convert,
    loss::Losses,
    types::{SlotsBody, SlotsQuery},
};

impl V1Client {
    /// Lists the times that can be booked (V1's `GET /slots`).
    ///
    /// # Errors
    ///
    /// 400 if the query is invalid, before anything is sent; 404 if the event type, the user or the team does not exist.
    pub async fn slots(&self, query: &SlotsQuery) -> V1Result<Converted<SlotsBody>> {
        self.validate(query)?;
        let mut losses = Losses::default();
        let request = self.accept(Ok(convert::slots_query(query)), &mut losses)?;
        let response = self
            .v2
            .raw()
            .list_slots(&request.start, &request.end)
            .set(request.booking_uid_to_reschedule.as_deref(), |request, uid| request.booking_uid_to_reschedule(uid))
            .set(request.duration, |request, minutes| request.duration(minutes))
            .set(request.event_type_id, |request, id| request.event_type_id(id))
            .set(request.event_type_slug.as_deref(), |request, slug| request.event_type_slug(slug))
            .set(request.organization_slug.as_deref(), |request, slug| request.organization_slug(slug))
            .set(request.team_slug.as_deref(), |request, slug| request.team_slug(slug))
            .set(request.time_zone.as_deref(), |request, zone| request.time_zone(zone))
            .set(request.username.as_deref(), |request, name| request.username(name))
            .set(request.usernames.as_deref(), |request, names| request.usernames(names))
            .await?;
        let days = response_data(&response);
        let slots = convert::slots_to_v1(days.as_object().unwrap_or(&Default::default()), query.time_zone.as_deref());
        Ok(Converted::new(slots.unpack(&mut losses), losses))
    }
}
