//! Responses that a test sets in place of the fake's.

use calcom::operation::Operation;
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::fake::FakeCalcom;
use super::fault::is_framing;
use super::suggestions::nearest;
use super::{api, documented};

/// Sets the response of the fake to one operation, in place of its own. [`FakeCalcom::on`] makes it, [`Self::answer`] sets it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// use calcom::{ApiKey, Client};
/// use calcom_fake::FakeCalcom;
/// use serde_json::json;
///
/// let fake = FakeCalcom::start().await;
/// // The first list is refused, all others are empty.
/// fake.on("list_organization_users").times(1).status(403).answer(json!({"message": "no member"}));
/// fake.on("list_organization_users").answer(json!({"status": "success", "data": []}));
///
/// let client = Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).build()?;
/// let users = || client.request::<serde_json::Value>(calcom::operation::Method::Get, "/v2/organizations/1/users");
/// assert!(users().await.is_err());
/// assert_eq!(users().await?["data"], json!([]));
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "an answer is set by `answer`"]
pub struct ResponseOverride<'a> {
    fake: &'a FakeCalcom,
    operation: &'static str,
    status: u16,
    headers: Vec<(HeaderName, HeaderValue)>,
    times: Option<usize>,
}

impl ResponseOverride<'_> {
    /// Sets the HTTP status. Default: that of the operation's success.
    ///
    /// # Panics
    /// If it is not between 200 and 599.
    #[track_caller]
    pub fn status(mut self, status: u16) -> Self {
        assert!((200..600).contains(&status), "{status} is no status of an answer");
        self.status = status;
        self
    }

    /// Adds a header, such as `retry-after`.
    ///
    /// # Panics
    /// If name or value is not valid in a header, or if the header says how many bytes follow: the server writes those.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) if !is_framing(name.as_str()) => self.headers.push((name, value)),
            #[expect(clippy::panic, reason = "a test with a header that cannot be sent cannot go on, and says so")]
            _ => panic!("`{name}: {value}` is no header"),
        }
        self
    }

    /// Sets the number of requests that the answer is for. Default: all. Answers for a number of requests come first, in the
    /// order in which they were set. Zero sets nothing.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Sets the answer, a whole body. `null` is an answer without a body. Without [`Self::times`] it replaces the last one for
    /// all requests.
    pub fn answer(self, body: impl Into<Value>) {
        let reply = documented::reply(self.status, &body.into(), &self.headers);
        let mut core = self.fake.shared().lock();
        core.state.answers.set(self.operation, self.times, reply);
    }

    /// Removes all answers of the operation. From now on the fake answers by itself.
    pub fn clear(self) {
        self.fake.shared().lock().state.answers.clear(self.operation);
    }
}

impl FakeCalcom {
    /// Chooses an operation by its name in the document, such as `list_organization_users`, to answer it in place of the fake.
    ///
    /// An operation that the fake does not play is answered with its recorded example unless the test gives an answer. Path,
    /// version, credentials, query and body are checked in either case; a request that the document does not allow gets 400, and
    /// the message names the fields.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use calcom_fake::FakeCalcom;
    /// use serde_json::json;
    ///
    /// let fake = FakeCalcom::start().await;
    /// fake.on("list_team_memberships").header("x-test", "1").answer(json!({"status": "success", "data": []}));
    /// # }
    /// ```
    ///
    /// # Panics
    /// If no operation has this name. The message has the nearest names.
    #[track_caller]
    pub fn on(&self, operation: &str) -> ResponseOverride<'_> {
        match self.try_on(operation) {
            Ok(answer) => answer,
            #[expect(clippy::panic, reason = "a test of an operation that does not exist cannot go on, and says so")]
            Err(message) => panic!("{message}"),
        }
    }

    /// As [`Self::on`], with an error that names the nearest operations.
    /// Refuses a name that no request in the log can have. One is a page, and no operation.
    pub(crate) fn check_logged(operation: &str) -> Result<(), String> {
        if operation == api::oauth2::AUTHORIZE.operation { Ok(()) } else { known(operation).map(drop) }
    }

    pub(crate) fn try_on(&self, operation: &str) -> Result<ResponseOverride<'_>, String> {
        let operation = known(operation)?;
        let status = documented::status(operation);
        Ok(ResponseOverride { fake: self, operation, status, headers: Vec::new(), times: None })
    }
}

/// As [`named`]; the error names the nearest operations.
fn known(operation: &str) -> Result<&'static str, String> {
    named(operation).ok_or_else(|| {
        let near = nearest(operation, names().into_iter().map(str::to_owned));
        format!("`{operation}` is no operation; the nearest are {near}; `calcom::operation::Operation::all()` has all")
    })
}

/// The operation of this name, of the document or of a handler.
fn named(operation: &str) -> Option<&'static str> {
    let played = api::tables().iter().flat_map(|table| table.iter()).map(|route| route.operation);
    Operation::find(operation).map(|known| known.id).or_else(|| played.into_iter().find(|name| *name == operation))
}

/// The names of all operations, in alphabetical order.
fn names() -> Vec<&'static str> {
    let played = api::tables().iter().flat_map(|table| table.iter()).map(|route| route.operation);
    let mut names: Vec<&str> = Operation::all().iter().map(|operation| operation.id).chain(played).collect();
    names.sort_unstable();
    names.dedup();
    names
}
