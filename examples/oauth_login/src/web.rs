//! The pages: the first one, the login, and the return from Cal.com.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use calcom::{
    facade::BookingFilter,
    model::BookingStatus,
    oauth::{OAuthApp, PendingLogin},
    operation::{Operation, Scopes},
};
use uuid::Uuid;

/// How many logins may be open at once; the application forgets all of them beyond that.
const MAX_LOGINS: usize = 10_000;
const BROWSER: &str = "browser";

/// The application. What it knows of a browser is a number in a cookie, which is the subject of its session.
#[derive(Clone)]
pub struct Web {
    app: OAuthApp,
    logins: Arc<Mutex<HashMap<Uuid, PendingLogin>>>,
}

impl Web {
    pub fn new(app: OAuthApp) -> Self {
        Self { app, logins: Arc::default() }
    }
}

/// The least scopes for what the pages show.
pub fn scopes() -> Scopes {
    let used = ["get_me", "list_bookings"].into_iter().filter_map(Operation::find);
    Scopes::least(used).unwrap_or_default()
}

pub fn router(web: Web) -> Router {
    Router::new().route("/", get(home)).route("/login", get(login)).route("/back", get(back)).with_state(web)
}

/// Who is logged in and what is booked, or the way to log in.
async fn home(State(web): State<Web>, headers: HeaderMap) -> Response {
    let Some(browser) = browser(&headers) else { return welcome("") };
    match overview(&web, browser).await {
        Ok(page) => Html(page).into_response(),
        Err(error) if error.is_consent_required() => welcome(""),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn overview(web: &Web, browser: Uuid) -> calcom::Result<String> {
    let client = web.app.client(&browser.to_string())?;
    let me = client.me().get().await?;
    let filter = BookingFilter::default().status(BookingStatus::from("upcoming"));
    let bookings = client.bookings().list(&filter).await?;
    let name = me.username.unwrap_or(me.email);
    Ok(format!("<h1>{}</h1><p>upcoming bookings: {}</p>", escaped(&name), bookings.items.len()))
}

fn welcome(problem: &str) -> Response {
    Html(format!("<p>{}</p><a href=\"/login\">Continue with Cal.com</a>", escaped(problem))).into_response()
}

/// Sends the browser to Cal.com. What proves its return is kept under the number in its cookie.
async fn login(State(web): State<Web>) -> Response {
    let login = match web.app.begin(&scopes()) {
        Ok(login) => login,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    let browser = Uuid::new_v4();
    let mut logins = web.logins.lock().unwrap_or_else(PoisonError::into_inner);
    if logins.len() >= MAX_LOGINS {
        logins.clear();
    }
    logins.insert(browser, login.pending);
    // On https, `Secure` belongs here too.
    let cookie = format!("{BROWSER}={browser}; HttpOnly; SameSite=Lax; Path=/");
    ([(header::SET_COOKIE, cookie)], Redirect::to(&login.url)).into_response()
}

/// The browser returns, with a code or with an error. Each login is looked at once.
async fn back(State(web): State<Web>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let browser = browser(&headers);
    let pending =
        browser.and_then(|browser| web.logins.lock().unwrap_or_else(PoisonError::into_inner).remove(&browser));
    let (Some(browser), Some(pending)) = (browser, pending) else { return welcome("This login has ended.") };
    match web.app.finish(&pending, &query.unwrap_or_default(), &browser.to_string()).await {
        Ok(_) => Redirect::to("/").into_response(),
        Err(error) => welcome(&error.to_string()),
    }
}

fn browser(headers: &HeaderMap) -> Option<Uuid> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let value = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(BROWSER)?.strip_prefix('='))?;
    value.parse().ok()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
