//! Clients of a fake, with its address, its service and the key of a user.

use calcom::{ApiKey, Client, ClientBuilder};

use super::fake::FakeCalcom;

impl FakeCalcom {
    /// A client for the first user.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> calcom::Result<()> {
    /// use calcom::operation::Method;
    /// use calcom_fake::FakeCalcom;
    ///
    /// let fake = FakeCalcom::start().await;
    /// let me = fake.client().request::<serde_json::Value>(Method::Get, "/v2/me").await?;
    /// assert_eq!(me["data"]["username"], "johndoe");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn client(&self) -> Client {
        build(self.client_builder())
    }

    /// A client for a user.
    ///
    /// # Panics
    /// If there is no such user. The message names the users.
    #[must_use]
    #[track_caller]
    pub fn client_of(&self, username: &str) -> Client {
        build(self.client_builder().credentials(ApiKey::new(self.api_key_of(username))))
    }

    /// The builder of a client for the first user, for a test that sets more.
    ///
    /// ```
    /// # async fn example() -> calcom::Result<()> {
    /// use calcom_fake::FakeCalcom;
    ///
    /// let fake = FakeCalcom::start().await;
    /// let client = fake.client_builder().no_cache().no_retries().build()?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    pub fn client_builder(&self) -> ClientBuilder {
        let contract = self.shared().lock().state.contract;
        Client::builder().api_url(self.url()).service(contract).credentials(ApiKey::new(self.api_key()))
    }

    /// A booking service for the first user, which uses the fake's clock.
    ///
    /// Cargo feature: `service`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use calcom::{model::CreateBooking, service::Appointment};
    /// use calcom_fake::FakeCalcom;
    ///
    /// let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).start().await;
    /// let start = "2026-11-23T10:00:00Z".parse().unwrap();
    /// let wanted = CreateBooking::new(fake.event_type_id("johndoe", "30min"), start, "Ada", "ada@example.org");
    /// assert!(fake.service().book(Appointment::new(wanted)).await.is_done());
    /// fake.expect_booked(1);
    /// # }
    /// ```
    #[cfg(feature = "service")]
    #[must_use]
    pub fn service(&self) -> calcom::service::Service {
        let clock = self.clock();
        let settings = calcom::service::Settings::default().now(move || clock.now());
        calcom::service::Service::with_settings(self.client(), settings)
    }
}

#[expect(clippy::panic, reason = "a test that has no client cannot go on, and says so")]
fn build(builder: ClientBuilder) -> Client {
    builder.build().unwrap_or_else(|error| panic!("the fake has no client: {error}"))
}
