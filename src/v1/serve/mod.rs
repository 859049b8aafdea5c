//! Whole V1 requests and their answers, whatever carries them: for a gateway in front of programs that still speak V1.
//!
//! The `?apiKey=` of each request becomes the credential of the calls that it turns into; it goes no further.
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! use calcom::v1;
//!
//! let client = v1::Client::from(calcom::Client::new(calcom::Credentials::Anonymous)?);
//! let request = v1::serve::Request::get("/v1/event-types", "apiKey=cal_live_xxxxxxxxxxxxxx");
//! let answer = v1::serve::answer(&client, &request).await;
//! println!("{} {}", answer.status, answer.body);
//! # Ok(()) }
//! ```

mod routes;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use self::routes::{Call, find};
use super::{Client, Error, Loss, key, loss::Losses};

/// A V1 request. It prints its method and nothing else: the rest holds a key and people.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Request<'a> {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'a str,
    /// The path, with or without `/v1` (or `/api/v1`) before it.
    pub path: &'a str,
    /// The query, without `?`.
    pub query: &'a str,
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A request of this method, with a body.
    #[must_use]
    pub fn new(method: &'a str, path: &'a str, query: &'a str, body: &'a [u8]) -> Self {
        Self { method, path, query, body }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(path: &'a str, query: &'a str) -> Self {
        Self::new("GET", path, query, b"")
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// V1's answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// What was lost on the way to V2 and back.
    pub losses: Vec<Loss>,
    /// The path with its parameters in braces (`/bookings/{id}`), for logs; none of an unknown path.
    pub route: Option<&'static str>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Answer");
        out.field("status", &self.status).field("route", &self.route).field("losses", &self.losses.len());
        out.finish_non_exhaustive()
    }
}

/// Answers a V1 request by V2. The client says where V2 is; its own credential is not used.
pub async fn answer(client: &Client, request: &Request<'_>) -> Answer {
    let path = request.path.trim_end_matches('/');
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let Some(route) = find(path) else {
        let body = Error::not_found("Not Found").body(request.method, path);
        return Answer { status: 404, body, losses: Vec::new(), route: None };
    };
    let losses = Mutex::new(Losses::default());
    let (status, body, losses) = match try_answer(client, request, path, &losses).await {
        Ok(body) => (200, body, losses.into_inner().unwrap_or_else(PoisonError::into_inner).list().to_vec()),
        Err(error) => (error.status(), error.body(request.method, path), error.losses().to_vec()),
    };
    Answer { status, body, losses, route: Some(route.template) }
}

async fn try_answer(
    client: &Client,
    request: &Request<'_>,
    path: &str,
    losses: &Mutex<Losses>,
) -> super::Result<Value> {
    let Some(route) = find(path) else { return Err(Error::not_found("Not Found")) };
    if !route.methods.contains(&request.method) {
        return Err(Error::method(&route.methods.join(",")));
    }
    let (pairs, key) = key::split(request.query);
    let client = client.with_credentials(key.ok_or_else(Error::no_key)?).map_err(|_| Error::bad_key())?;
    let body = match request.body.trim_ascii() {
        b"" => Value::Object(Default::default()),
        body => serde_json::from_slice(body).map_err(|_| Error::unsupported("Invalid JSON"))?,
    };
    let call = Call { client: &client, query: &pairs, body: &body, losses };
    call.make(request.method, &route.segments(path)).await
}
