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
            .list_slots(
                call.booking_uid_to_reschedule.as_deref(),
                call.duration,
                &call.end,
                call.event_type_id,
                call.event_type_slug.as_deref(),
                None,
                call.organization_slug.as_deref(),
                &call.start,
                call.team_slug.as_deref(),
                call.time_zone.as_deref(),
                call.username.as_deref(),
                call.usernames.as_deref(),
            )
            .await?;
        let days = data(&answer);
        let slots = convert::slots_to_v1(days.as_object().unwrap_or(&Default::default()), query.time_zone.as_deref());
        Ok(Converted::new(slots.into(&mut losses), losses))
    }
}
