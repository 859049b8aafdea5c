use std::time::Duration;

use calcom::{
    Error,
    facade::BookingFilter,
    model::{BookingStatus, CancelBooking},
};
use calcom_fake::{FakeCalcom, Latency, ListLag};
use tokio::time::sleep;

use super::{TUESDAY, client, wanted};

async fn listed(fake: &FakeCalcom) -> Vec<BookingStatus> {
    let list = client(fake, &fake.api_key()).bookings().stream(&BookingFilter::default()).try_collect().await;
    list.unwrap().into_iter().map(|booking| booking.status).collect()
}

#[tokio::test(start_paused = true)]
async fn a_delayed_list_shows_earlier_bookings_and_a_read_shows_the_current_one() {
    let fake = FakeCalcom::recorded_seed().await;
    let john = client(&fake, &fake.api_key());
    let before = listed(&fake).await.len();
    fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(5)));
    let booking = john.bookings().create(&wanted(1, TUESDAY)).await.unwrap();
    assert_eq!(listed(&fake).await.len(), before);
    assert_eq!(john.bookings().get(&booking.uid).await.unwrap().status, BookingStatus::Accepted);
    sleep(Duration::from_secs(6)).await;
    assert_eq!(listed(&fake).await.len(), before + 1);
    john.bookings().cancel(&booking.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    assert!(!listed(&fake).await.contains(&BookingStatus::Cancelled));
    assert_eq!(john.bookings().get(&booking.uid).await.unwrap().status, BookingStatus::Cancelled);
    sleep(Duration::from_secs(6)).await;
    assert!(listed(&fake).await.contains(&BookingStatus::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_hidden_row_is_listed_later() {
    let fake = FakeCalcom::recorded_seed().await;
    let before = listed(&fake).await.len();
    fake.set_list_lag(ListLag::current().hiding(1.0, Duration::from_secs(3)));
    client(&fake, &fake.api_key()).bookings().create(&wanted(1, TUESDAY)).await.unwrap();
    assert_eq!(listed(&fake).await.len(), before);
    sleep(Duration::from_secs(4)).await;
    assert_eq!(listed(&fake).await.len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_in_production_hides_the_conflict_of_a_lost_race() {
    for (production, status) in [(true, 400), (false, 409)] {
        let fake = FakeCalcom::recorded_seed().await;
        fake.set_latency(Latency::recorded());
        fake.set_production(production);
        let john = client(&fake, &fake.api_key());
        let (first, second) = (wanted(1, TUESDAY), wanted(1, TUESDAY));
        let bookings = john.bookings();
        let (one, other) = tokio::join!(bookings.create(&first), bookings.create(&second));
        let error = one.err().or(other.err()).unwrap();
        assert_eq!(error.status(), Some(status));
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    }
}
