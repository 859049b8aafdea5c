//! A booking is found by its uid and not by its number, and no number can stand for another.

use calcom::{
    Client,
    model::{BookingId, BookingUid, EventTypeId, ScheduleId, SeatUid},
};

fn main() -> calcom::Result<()> {
    let client = Client::new(calcom::Credentials::Anonymous)?;
    let bookings = client.bookings();
    let raw = client.raw();
    let _ = bookings.get("kgiKeoVgk6NpALrVxDhWeY");
    let _ = bookings.get(BookingUid::new("kgiKeoVgk6NpALrVxDhWeY"));
    let _ = bookings.get(7); //~ E0277
    let _ = bookings.get(BookingId(7)); //~ E0277
    let _ = bookings.get(SeatUid::new("seat")); //~ E0277
    let _ = raw.get_booking("kgiKeoVgk6NpALrVxDhWeY");
    let _ = raw.get_booking(7); //~ E0308
    let _: EventTypeId = EventTypeId(7);
    let _: EventTypeId = ScheduleId(7); //~ E0308
    let _: BookingUid = EventTypeId(7); //~ E0308
    Ok(())
}
