//! Requests for one occurrence of a series.

use super::{V1Client, series::SeriesState};
use crate::v1::{
    Converted, V1Error, V1Result,
    types::{CreateBooking, CreatedBooking},
};

impl V1Client {
    /// Returns one occurrence of a series. The first call of a series books the whole series.
    pub(super) async fn book_occurrence(
        &self,
        name: &str,
        booking: &CreateBooking,
    ) -> V1Result<Converted<CreatedBooking>> {
        let series = self.series.get_or_insert(&(self.v2.tenant(), name.to_owned()));
        let mut series = series.lock().await;
        if let SeriesState::NotBooked = *series {
            match self.send_booking(booking).await {
                Ok(booked) => *series = SeriesState::Booked(booked),
                Err(error) => {
                    if error.may_have_been_applied() {
                        *series = SeriesState::Unknown(error.clone());
                    }
                    return Err(error);
                }
            }
        }
        match &*series {
            SeriesState::Booked(booked) => booked
                .iter()
                .find(|created| Some(created.value.booking.start_time) == booking.start)
                .cloned()
                .ok_or_else(|| {
                    V1Error::unsupported("the event type repeats in another way: no occurrence starts then")
                }),
            SeriesState::Unknown(error) => Err(error.clone()),
            SeriesState::NotBooked => Err(V1Error::unsupported("the series is not booked")),
        }
    }
}
