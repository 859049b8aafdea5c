//! V1's routes, and the client call of each.

use std::sync::Mutex;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{
    Converted, LossReason, V1Client, V1Error, V1Result,
    loss::Losses,
    schema::{self, IssuePath, Issues, ParsedRequest},
    types::{
        AvailabilityQuery, BookingBody, BookingsBody, CreateEventType, CreationBody, EventTypeBody, EventTypesBody,
        MembershipBody, MembershipsBody, ScheduleBody, SchedulesBody, TeamBody, TeamsBody, UserBody, WebhookBody,
        WebhooksBody,
    },
};
use crate::sync::lock;

/// A route of V1.
pub(super) struct Route {
    pub(super) template: &'static str,
    pub(super) methods: &'static [&'static str],
}

const ROUTES: &[Route] = &[
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
    Route { template: "/memberships", methods: &["GET", "POST"] },
    Route { template: "/memberships/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/schedules", methods: &["GET", "POST"] },
    Route { template: "/schedules/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/teams", methods: &["GET", "POST"] },
    Route { template: "/teams/{id}", methods: &["GET", "PATCH", "DELETE"] },
    Route { template: "/teams/{id}/availability", methods: &["GET"] },
    Route { template: "/teams/{id}/event-types", methods: &["GET"] },
    Route { template: "/webhooks", methods: &["GET", "POST"] },
    Route { template: "/webhooks/{id}", methods: &["GET", "PATCH", "DELETE"] },
];

/// Finds the route of a path. The path has no `/v1` prefix.
pub(super) fn find_route(path: &str) -> Option<&'static Route> {
    let parts: Vec<&str> = path.split('/').collect();
    ROUTES.iter().find(|route| {
        let template: Vec<&str> = route.template.split('/').collect();
        let fits = |(part, template): (&&str, &&str)| part == template || (*template == "{id}" && !part.is_empty());
        template.len() == parts.len() && parts.iter().zip(&template).all(fits)
    })
}

impl Route {
    /// Splits the path into decoded segments. The first names the resource, the second is the id.
    pub(super) fn segments(&self, path: &str) -> Vec<String> {
        path.split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
    }
}

/// A request whose key and route are known.
pub(super) struct RoutedRequest<'a> {
    pub(super) client: &'a V1Client,
    pub(super) query: &'a [(String, String)],
    pub(super) body: &'a Value,
    /// Collects the losses of the request and the response.
    pub(super) losses: &'a Mutex<Losses>,
}

/// Parses the numeric id of a path.
fn parse_id(text: &str) -> V1Result<i64> {
    text.parse().map_err(|_| {
        let mut issues = Issues::default();
        issues.add("invalid_type", &IssuePath::default().child("id"), "Expected number, received nan");
        V1Error::invalid(&issues)
    })
}

/// Parses the id of a membership, the numbers of its user and its team: `6_4`.
fn parse_membership_id(text: &str) -> V1Result<(i64, i64)> {
    let (user, team) = text.split_once('_').unwrap_or((text, ""));
    let parse = |text: &str, name: &str| {
        text.parse().map_err(|_| {
            let mut issues = Issues::default();
            issues.add("custom", &IssuePath::default(), format!("{name} is not a number"));
            V1Error::invalid(&issues)
        })
    };
    Ok((parse(user, "userId")?, parse(team, "teamId")?))
}

impl RoutedRequest<'_> {
    pub(super) async fn execute(self, method: &str, segments: &[String]) -> V1Result<Value> {
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let v1 = self.client;
        match (method, segments.as_slice()) {
            ("GET", ["me"]) => self.respond(v1.me().await?, UserBody::from),
            (_, ["event-types", ..]) => self.event_types(method, &segments).await,
            ("GET", ["availability"]) => self.availability(self.query).await,
            ("GET", ["slots", ..]) => self.respond(v1.slots(&self.parse_query()?).await?, |value| value),
            (_, ["bookings", ..]) => self.bookings(method, &segments).await,
            (_, ["memberships", ..]) => self.memberships(method, &segments).await,
            (_, ["schedules", ..]) => self.schedules(method, &segments).await,
            (_, ["teams", ..]) => self.teams(method, &segments).await,
            (_, ["webhooks", ..]) => self.webhooks(method, &segments).await,
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    async fn event_types(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.event_types(&self.parse_query()?).await?, EventTypesBody::from),
            ("POST", [_]) => {
                let created = v1.create_event_type(&self.parse_body::<CreateEventType>()?).await?;
                self.respond(created, |created| CreationBody::<EventTypeBody>::new("Event type", created))
            }
            ("GET", [_, id]) => self.respond(v1.event_type(parse_id(id)?).await?, EventTypeBody::from),
            ("PATCH", [_, id]) => {
                let id = parse_id(id)?;
                self.respond(v1.patch_event_type(id, &self.parse_body()?).await?, EventTypeBody::from)
            }
            (_, [_, id]) => Ok(json!(v1.delete_event_type(parse_id(id)?).await?)),
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    async fn bookings(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.bookings(&self.parse_query()?).await?, BookingsBody::from),
            ("POST", [_]) => self.respond(v1.create_booking(&self.parse_body()?).await?, |created| created),
            ("GET", [_, id]) => self.respond(v1.booking(parse_id(id)?).await?, BookingBody::from),
            ("PATCH", [_, id]) => {
                let id = parse_id(id)?;
                self.respond(v1.patch_booking(id, &self.parse_body()?).await?, BookingBody::from)
            }
            ("DELETE", [_, id] | [_, id, "cancel"]) => {
                let id = parse_id(id)?;
                self.respond(v1.cancel_booking(id, &self.parse_query()?).await?, |value| value)
            }
            ("GET", [_, id, "recordings"]) => Ok(json!(v1.booking_recordings(parse_id(id)?).await?)),
            ("GET", [_, id, "transcripts"]) => Ok(json!(v1.booking_transcripts(parse_id(id)?).await?)),
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    /// The availability of a user, or of the team that the query names.
    async fn availability(&self, query: &[(String, String)]) -> V1Result<Value> {
        let query: AvailabilityQuery = self.accept(schema::parse_query(query))?;
        match query.team_id {
            Some(team) => self.respond(self.client.team_availability(team, &query).await?, |value| value),
            None => self.respond(self.client.availability(&query).await?, |value| value),
        }
    }

    async fn memberships(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.memberships(&self.parse_query()?).await?, MembershipsBody::from),
            ("POST", [_]) => {
                let created = v1.create_membership(&self.parse_body()?).await?;
                self.respond(created, |created| CreationBody::<MembershipBody>::new("Membership", created))
            }
            ("GET", [_, id]) => {
                let (user, team) = parse_membership_id(id)?;
                self.respond(v1.membership(user, team).await?, MembershipBody::from)
            }
            ("PATCH", [_, id]) => {
                let (user, team) = parse_membership_id(id)?;
                self.respond(v1.patch_membership(user, team, &self.parse_body()?).await?, MembershipBody::from)
            }
            (_, [_, id]) => {
                let (user, team) = parse_membership_id(id)?;
                Ok(json!(v1.delete_membership(user, team).await?))
            }
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    async fn schedules(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.schedules().await?, SchedulesBody::from),
            ("POST", [_]) => {
                let created = v1.create_schedule(&self.parse_body()?).await?;
                self.respond(created, |created| CreationBody::<ScheduleBody>::new("Schedule", created))
            }
            ("GET", [_, id]) => self.respond(v1.schedule(parse_id(id)?).await?, ScheduleBody::from),
            ("PATCH", [_, id]) => {
                let id = parse_id(id)?;
                self.respond(v1.patch_schedule(id, &self.parse_body()?).await?, ScheduleBody::from)
            }
            (_, [_, id]) => Ok(json!(v1.delete_schedule(parse_id(id)?).await?)),
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    async fn teams(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.teams().await?, TeamsBody::from),
            ("POST", [_]) => self.respond(v1.create_team(&self.parse_body()?).await?, |created| created),
            ("GET", [_, id]) => self.respond(v1.team(parse_id(id)?).await?, TeamBody::from),
            ("PATCH", [_, id]) => {
                let id = parse_id(id)?;
                self.respond(v1.patch_team(id, &self.parse_body()?).await?, TeamBody::from)
            }
            ("DELETE", [_, id]) => Ok(json!(v1.delete_team(parse_id(id)?).await?)),
            ("GET", [_, id, "availability"]) => {
                let team = ("teamId".to_owned(), parse_id(id)?.to_string());
                let others = self.query.iter().filter(|(name, _)| name != "teamId").cloned();
                self.availability(&others.chain([team]).collect::<Vec<_>>()).await
            }
            ("GET", [_, id, "event-types"]) => {
                self.respond(v1.team_event_types(parse_id(id)?).await?, EventTypesBody::from)
            }
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    async fn webhooks(self, method: &str, segments: &[&str]) -> V1Result<Value> {
        let v1 = self.client;
        match (method, segments) {
            ("GET", [_]) => self.respond(v1.webhooks(&self.parse_query()?).await?, WebhooksBody::from),
            ("POST", [_]) => {
                let created = v1.create_webhook(&self.parse_body()?).await?;
                self.respond(created, |created| CreationBody::<WebhookBody>::new("Webhook", created))
            }
            ("GET", [_, id]) => self.respond(v1.webhook(id).await?, WebhookBody::from),
            ("PATCH", [_, id]) => self.respond(v1.patch_webhook(id, &self.parse_body()?).await?, WebhookBody::from),
            (_, [_, id]) => Ok(json!(v1.delete_webhook(id).await?)),
            _ => Err(V1Error::not_found("Not Found")),
        }
    }

    /// Parses the query as a request.
    fn parse_query<T: schema::RequestSchema>(&self) -> V1Result<T> {
        let parsed = schema::parse_query(self.query);
        self.accept(parsed)
    }

    /// Parses the body as a request.
    fn parse_body<T: schema::RequestSchema>(&self) -> V1Result<T> {
        let parsed = schema::parse_body(self.body);
        self.accept(parsed)
    }

    /// Reports unknown fields. Strict mode rejects them.
    fn accept<T>(&self, parsed: Result<ParsedRequest<T>, Issues>) -> V1Result<T> {
        let ParsedRequest { request, ignored_fields } = parsed.map_err(|issues| V1Error::invalid(&issues))?;
        let mut losses = lock(self.losses);
        for name in ignored_fields {
            losses.add(name, LossReason::Dropped("V1 itself knows no such field, and ignores it"));
        }
        self.client.reject_losses(&losses)?;
        Ok(request)
    }

    /// Collects the losses of a result and wraps it in V1's envelope.
    fn respond<T, B: Serialize>(&self, converted: Converted<T>, body: impl FnOnce(T) -> B) -> V1Result<Value> {
        let value = converted.unpack(&mut lock(self.losses));
        serde_json::to_value(body(value)).map_err(|error| crate::Error::empty(&error.to_string()).into())
    }
}
