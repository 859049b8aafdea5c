//! Books one occurrence of a series, as V1 did by a request of its own.

use super::{Client, series::Series};
use crate::v1::{
    Converted, Error, Result,
    types::{CreateBooking, CreatedBooking},
};

impl Client {
    /// One occurrence of a series, which is booked whole with the first of them.
    pub(super) async fn occurrence(&self, name: &str, booking: &CreateBooking) -> Result<Converted<CreatedBooking>> {
        let series = self.series.of(&(self.v2.scope(), name.to_owned()));
        let mut series = series.lock().await;
        if let Series::NotBooked = *series {
            match self.book(booking).await {
                Ok(booked) => *series = Series::Booked(booked),
                Err(error) => {
                    if error.may_have_been_applied() {
                        *series = Series::Unknown(error.clone());
                    }
                    return Err(error);
                }
            }
        }
        match &*series {
            Series::Booked(booked) => {
                booked.iter().find(|made| Some(made.value.booking.start_time) == booking.start).cloned().ok_or_else(
                    || Error::unsupported("the event type repeats in another way: no occurrence starts then"),
                )
            }
            Series::Unknown(error) => Err(error.clone()),
            Series::NotBooked => Err(Error::unsupported("the series is not booked")),
        }
    }
}
