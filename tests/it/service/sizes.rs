//! Calls of the service need little room: in the future of their caller, and on the stack of a thread.

use calcom::{
    model::{CancelBooking, RescheduleBooking},
    service::Service,
};

use super::{TUESDAY, appointment};

/// A thread of so many bytes runs every call, unoptimised too; threads of tokio have 2 MiB.
const STACK: usize = 1 << 20;

#[test]
fn the_future_of_a_call_has_a_bounded_size() {
    let client = calcom::Client::new(calcom::ApiKey::new("cal_test_x")).unwrap();
    let service = Service::new(client);
    let sizes = [
        size_of_val(&service.book(appointment(1, TUESDAY, "k"))),
        size_of_val(&service.find("k")),
        size_of_val(&service.reconcile("k")),
        size_of_val(&service.cancel("uid", &CancelBooking::with_reason("ill"))),
        size_of_val(&service.confirm("uid")),
        size_of_val(&service.reschedule_history("uid")),
        size_of_val(&service.reschedule("uid", &RescheduleBooking::to(TUESDAY.parse().unwrap()))),
    ];
    assert!(sizes.iter().all(|size| *size <= 2_048), "{sizes:?}");
}

#[test]
fn a_call_uses_a_bounded_stack() {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = calcom_fake::FakeCalcom::recorded_seed().await;
            let service = super::service(&fake);
            let booked = service.book(appointment(1, TUESDAY, "k")).await.done().unwrap();
            assert!(service.find("k").await.unwrap().is_some());
            assert!(service.book(appointment(1, TUESDAY, "k")).await.done().is_some());
            assert!(service.cancel(&booked.booking.uid, &CancelBooking::with_reason("ill")).await.done().is_some());
        });
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}
