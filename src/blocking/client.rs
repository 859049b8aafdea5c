//! The client, and how it is made.

use std::fmt;

use super::driver::Driver;
use crate::{ClientBuilder, Credentials, Result};

/// A client whose calls wait. See [`crate::Client`].
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::{ApiKey, blocking::Client, model::SlotQuery};
///
/// let client = Client::new(ApiKey::new("cal_live_xxxxxxxxxxxxxx"))?;
/// let query = SlotQuery::new(2026361, "2030-01-15T00:00:00Z".parse()?, "2030-01-16T00:00:00Z".parse()?);
/// for slot in client.slots().list(&query)?.iter() {
///     println!("{}", slot.time);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(pub(super) crate::Client, pub(super) Driver);

impl Client {
    /// A client of the hosted service, with default settings.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty or unusable credential, and if the system gives
    /// no thread.
    pub fn new(credentials: impl Into<Credentials>) -> Result<Self> {
        Self::build(crate::Client::builder().credentials(credentials))
    }

    /// A client with settings from variables of the environment: see [`crate::Client::from_env`].
    ///
    /// # Errors
    ///
    /// Those of [`crate::Client::from_env`], and [`Error::Configuration`](crate::Error::Configuration) if the system gives
    /// no thread.
    pub fn from_env() -> Result<Self> {
        let driver = Driver::start()?;
        Ok(Self(driver.enter(crate::Client::from_env)?, driver))
    }

    /// A client with the settings of a builder.
    ///
    /// ```no_run
    /// # fn main() -> calcom::Result<()> {
    /// use calcom::{ApiKey, blocking};
    ///
    /// let settings = calcom::Client::builder().credentials(ApiKey::new("cal_live_xxxxxxxxxxxxxx")).max_attempts(2);
    /// let client = blocking::Client::build(settings)?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::build`], and [`Error::Configuration`](crate::Error::Configuration) if the system gives no
    /// thread.
    pub fn build(settings: ClientBuilder) -> Result<Self> {
        let driver = Driver::start()?;
        Ok(Self(driver.enter(|| settings.build())?, driver))
    }

    /// A client with other options or for another tenant, made from the asynchronous one, on the same thread.
    ///
    /// ```no_run
    /// # fn main() -> calcom::Result<()> {
    /// # let client = calcom::blocking::Client::from_env()?;
    /// use std::time::Duration;
    ///
    /// let hurried = client.with(|client| client.with_deadline(Duration::from_secs(2)));
    /// println!("{}", hurried.me().get()?.email);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with(&self, options: impl FnOnce(&crate::Client) -> crate::Client) -> Self {
        Self(self.1.enter(|| options(&self.0)), self.1.clone())
    }

    /// The asynchronous client. Its futures are for [`wait`](Self::wait).
    #[must_use]
    pub fn as_async(&self) -> &crate::Client {
        &self.0
    }

    /// Waits for any future of the crate: typed and untyped requests of [`as_async`](Self::as_async), for example.
    ///
    /// ```no_run
    /// # fn main() -> calcom::Result<()> {
    /// # let client = calcom::blocking::Client::from_env()?;
    /// let me = client.wait(client.as_async().raw().get_me())?;
    /// println!("{:?}", me.data.time_zone);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the future, and [`Error::Configuration`](crate::Error::Configuration) on a current-thread runtime.
    pub fn wait<T>(&self, future: impl IntoFuture<Output = Result<T>>) -> Result<T> {
        self.1.wait(future.into_future())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
