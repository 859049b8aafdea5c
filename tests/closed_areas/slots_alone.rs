//! With one area open: what it has is there, and of the others the documented types alone. Every route can be asked for
//! untyped.

use calcom::{
    Client,
    facade::SlotsApi,
    model::{Booking, EventType, SlotQuery, Slots},
    operation::{Method, Operation},
    raw::{Response, types},
    serde_json::Value,
};
use calcom::facade::Bookings; //~ E0432
use calcom::model::CreateBooking; //~ E0432
use calcom::raw::types::CreateBooking as Body; //~ E0432
use calcom::service::Service; //~ E0432

async fn open(client: Client, query: SlotQuery) -> calcom::Result<Slots> {
    let finder: SlotsApi = client.slots();
    let _: types::SlotsResponse = client.raw().list_slots("2030-01-01", "2030-01-02").event_type_id(7).await?.into_inner();
    finder.list(&query).await
}

async fn closed(client: Client, booking: Booking, event_type: EventType) -> calcom::Result<Response<Value>> {
    let _ = client.bookings(); //~ E0599
    let _ = client.event_types(); //~ E0599
    let _ = client.raw().get_booking("uid"); //~ E0599
    let _ = booking.wire(); //~ E0599
    let _ = event_type.booking_fields(); //~ E0599
    let _ = (booking.event_type_id(), event_type.hidden(), Operation::find("get_booking"));
    client.request(Method::Get, format!("/v2/bookings/{}", booking.uid)).await
}

fn main() {
    let _ = (open, closed);
}
