//! V1's paths, and the call that each is.

use std::sync::Mutex;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{
    Client, Converted, Error, Result, Why,
    loss::Losses,
    shape::{self, Checked, Issues, Path},
    types::{
        BookingBody, BookingsBody, CreateEventType, Created, EventTypeBody, EventTypesBody, ScheduleBody,
        SchedulesBody, UserBody, WebhookBody, WebhooksBody,
    },
};
use crate::sync::lock;

/// A path of V1.
pub(super) struct Route {
    pub(super) template: &'static str,
    pub(super) methods: &'static [&'static str],
}

const ALL: &[Route] = &[
    Route { template: "/me", methods: &["GET"] },
    Route { template: "/event-types", methods: &["GET", "POST"] },
    Route { template: "/event-types/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/availability", methods: &["GET"] },
    Route { template: "/slots", methods: &["GET"] },
    Route { template: "/slots/available", methods: &["GET"] },
    Route { template: "/bookings", methods: &["GET", "POST"] },
    Route { template: "/bookings/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/bookings/{id}/cancel", methods: &["DELETE"] },
    Route { template: "/bookings/{id}/recordings", methods: &["GET"] },
    Route { template: "/bookings/{id}/transcripts", methods: &["GET"] },
    Route { template: "/schedules", methods: &["GET", "POST"] },
    Route { template: "/schedules/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/webhooks", methods: &["GET", "POST"] },
    Route { template: "/webhooks/{id}", methods: &["GET", "PATCH", "DELETE"] },
];

/// The route of a path, which begins after `/v1`.
pub(super) fn find(path: &str) -> Option<&'static Route> {
    let parts: Vec<&str> = path.split('/').collect();
    ALL.iter().find(|route| {
        let template: Vec<&str> = route.template.split('/').collect();
        let fits = |(part, template): (&&str, &&str)| part == template || (*template == "{id}" && !part.is_empty());
        template.len() == parts.len() && parts.iter().zip(&template).all(fits)
    })
}

impl Route {
    /// The path's segments, decoded: the first names the resource, the second is the id.
    pub(super) fn segments(&self, path: &str) -> Vec<String> {
        path.split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
    }
}

/// A request that has a key and a route.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) query: &'a [(String, String)],
    pub(super) body: &'a Value,
    /// What was lost so far.
    pub(super) losses: &'a Mutex<Losses>,
}

/// The numeric id of a path.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| {
        let mut issues = Issues::default();
        issues.add("invalid_type", &Path::default().key("id"), "Expected number, received nan");
        Error::invalid(&issues)
    })
}

impl Call<'_> {
    pub(super) async fn make(self, method: &str, segments: &[String]) -> Result<Value> {
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let v1 = self.client;
        match (method, segments.as_slice()) {
            ("GET", ["me"]) => self.give(v1.me().await?, UserBody::from),
            (_, ["event-types", ..]) => self.event_types(method, &segments).await,
            ("GET", ["availability"]) => self.give(v1.availability(&self.asked()?).await?, |it| it),
            ("GET", ["slots", ..]) => self.give(v1.slots(&self.asked()?).await?, |it| it),
            (_, ["bookings", ..]) => self.bookings(method, &segments).await,
            (_, ["schedules", ..]) => self.schedules(method, &segments).await,
            (_, ["webhooks", ..]) => self.webhooks(method, &segments).await,
            _ => Err(Error::not_found("Not Found")),
        }
    }

    async fn event_types(self, method: &str, segments: &[&str]) -> Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.give(v1.event_types(&self.asked()?).await?, EventTypesBody::from),
            ("POST", [_]) => {
                let made = v1.create_event_type(&self.sent::<CreateEventType>()?).await?;
                self.give(made, |made| Created::<EventTypeBody>::new("Event type", made))
            }
            ("GET", [_, id]) => self.give(v1.event_type(number(id)?).await?, EventTypeBody::from),
            ("PATCH", [_, id]) => {
                let id = number(id)?;
                self.give(v1.patch_event_type(id, &self.sent()?).await?, EventTypeBody::from)
            }
            (_, [_, id]) => Ok(json!(v1.delete_event_type(number(id)?).await?)),
            _ => Err(Error::not_found("Not Found")),
        }
    }

    async fn bookings(self, method: &str, segments: &[&str]) -> Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.give(v1.bookings(&self.asked()?).await?, BookingsBody::from),
            ("POST", [_]) => self.give(v1.create_booking(&self.sent()?).await?, |made| made),
            ("GET", [_, id]) => self.give(v1.booking(number(id)?).await?, BookingBody::from),
            ("PATCH", [_, id]) => {
                let id = number(id)?;
                self.give(v1.patch_booking(id, &self.sent()?).await?, BookingBody::from)
            }
            ("DELETE", [_, id] | [_, id, "cancel"]) => {
                let id = number(id)?;
                self.give(v1.cancel_booking(id, &self.asked()?).await?, |it| it)
            }
            ("GET", [_, id, "recordings"]) => Ok(json!(v1.booking_recordings(number(id)?).await?)),
            ("GET", [_, id, "transcripts"]) => Ok(json!(v1.booking_transcripts(number(id)?).await?)),
            _ => Err(Error::not_found("Not Found")),
        }
    }

    async fn schedules(self, method: &str, segments: &[&str]) -> Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.give(v1.schedules().await?, SchedulesBody::from),
            ("POST", [_]) => {
                let made = v1.create_schedule(&self.sent()?).await?;
                self.give(made, |made| Created::<ScheduleBody>::new("Schedule", made))
            }
            ("GET", [_, id]) => self.give(v1.schedule(number(id)?).await?, ScheduleBody::from),
            ("PATCH", [_, id]) => {
                let id = number(id)?;
                self.give(v1.patch_schedule(id, &self.sent()?).await?, ScheduleBody::from)
            }
            (_, [_, id]) => Ok(json!(v1.delete_schedule(number(id)?).await?)),
            _ => Err(Error::not_found("Not Found")),
        }
    }

    async fn webhooks(self, method: &str, segments: &[&str]) -> Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.give(v1.webhooks(&self.asked()?).await?, WebhooksBody::from),
            ("POST", [_]) => {
                let made = v1.create_webhook(&self.sent()?).await?;
                self.give(made, |made| Created::<WebhookBody>::new("Webhook", made))
            }
            ("GET", [_, id]) => self.give(v1.webhook(id).await?, WebhookBody::from),
            ("PATCH", [_, id]) => self.give(v1.patch_webhook(id, &self.sent()?).await?, WebhookBody::from),
            (_, [_, id]) => Ok(json!(v1.delete_webhook(id).await?)),
            _ => Err(Error::not_found("Not Found")),
        }
    }

    /// The request in the query.
    fn asked<T: shape::Request>(&self) -> Result<T> {
        let checked = shape::read_query(self.query);
        self.taken(checked)
    }

    /// The request in the body.
    fn sent<T: shape::Request>(&self) -> Result<T> {
        let checked = shape::read(self.body);
        self.taken(checked)
    }

    fn taken<T>(&self, checked: Result<Checked<T>, Issues>) -> Result<T> {
        let Checked { request, ignored } = checked.map_err(|issues| Error::invalid(&issues))?;
        let mut losses = lock(self.losses);
        for name in ignored {
            losses.add(name, Why::Dropped("V1 itself knows no such field, and ignores it"));
        }
        self.client.allowed_losses(&losses)?;
        Ok(request)
    }

    fn give<T, B: Serialize>(&self, made: Converted<T>, body: impl FnOnce(T) -> B) -> Result<Value> {
        let value = made.into(&mut lock(self.losses));
        serde_json::to_value(body(value)).map_err(|error| crate::Error::empty(&error.to_string()).into())
    }
}
