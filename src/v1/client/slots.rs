//! `/slots`, and the bookable side of `/availability`.

use super::{Client, data};
use crate::v1::{
    Converted, Result, convert,
    loss::Losses,
    types::{SlotsBody, SlotsQuery},
};

impl Client {
    /// Times that can be booked (V1's `GET /slots`).
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent; 404 for an unknown event type, user or team.
    pub async fn slots(&self, query: &SlotsQuery) -> Result<Converted<SlotsBody>> {
        self.check(query)?;
        let mut losses = Losses::default();
        let call = self.allowed(Ok(convert::slots_query(query)), &mut losses)?;
        let answer = self
            .v2
            .raw()
            .list_slots(&call.start, &call.end)
            .set(call.booking_uid_to_reschedule.as_deref(), |request, uid| request.booking_uid_to_reschedule(uid))
            .set(call.duration, |request, minutes| request.duration(minutes))
            .set(call.event_type_id, |request, id| request.event_type_id(id))
            .set(call.event_type_slug.as_deref(), |request, slug| request.event_type_slug(slug))
            .set(call.organization_slug.as_deref(), |request, slug| request.organization_slug(slug))
            .set(call.team_slug.as_deref(), |request, slug| request.team_slug(slug))
            .set(call.time_zone.as_deref(), |request, zone| request.time_zone(zone))
            .set(call.username.as_deref(), |request, name| request.username(name))
            .set(call.usernames.as_deref(), |request, names| request.usernames(names))
            .await?;
        let days = data(&answer);
        let slots = convert::slots_to_v1(days.as_object().unwrap_or(&Default::default()), query.time_zone.as_deref());
        Ok(Converted::new(slots.into(&mut losses), losses))
    }
}
