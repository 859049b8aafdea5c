//! The questions of the booking form of an event type, on the hosted service.

use serde::Deserialize;

use crate::{
    Client, Result,
    facade::{EventTypes, items::fetch_read},
    model::{BookingField, EventTypeId},
    raw::{Request, types},
};

/// The questions of the booking form of an event type, on the hosted service; from [`EventTypes::booking_fields`].
///
/// Self-hosted servers have them in the event type alone
/// ([`EventType::booking_fields`](crate::model::EventType::booking_fields)).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let form = client.event_types().booking_fields(2026361);
/// for question in form.list().await? {
///     println!("{}: required {}", question.slug, question.required);
/// }
/// form.remove("company").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct BookingForm {
    client: Client,
    event_type: EventTypeId,
    owner: FormOwner,
}

/// The owner of the event type, as the route names it.
#[derive(Debug, Clone, Copy)]
pub(in crate::facade) enum FormOwner {
    Caller,
    #[cfg(feature = "teams")]
    Team(crate::model::TeamId),
    #[cfg(feature = "organization-teams")]
    OrganizationTeam(crate::model::OrganizationId, crate::model::TeamId),
}

impl EventTypes {
    /// The questions of the booking form of an event type, on the hosted service. No request is sent.
    #[must_use]
    pub fn booking_fields(&self, id: impl Into<EventTypeId>) -> BookingForm {
        BookingForm::of(&self.client, id.into(), FormOwner::Caller)
    }
}

/// Makes the request of the operation that the owner's route leads to.
macro_rules! of_owner {
    ($form:ident, $caller:ident | $team:ident | $organization_team:ident ($($argument:expr),*)) => {{
        let (raw, id) = ($form.client.raw(), $form.event_type.0);
        match $form.owner {
            FormOwner::Caller => raw.$caller(id $(, $argument)*),
            #[cfg(feature = "teams")]
            FormOwner::Team(team) => raw.$team(team.0, id $(, $argument)*),
            #[cfg(feature = "organization-teams")]
            FormOwner::OrganizationTeam(organization, team) => {
                raw.$organization_team(organization.0, team.0, id $(, $argument)*)
            }
        }
    }};
}

impl BookingForm {
    pub(in crate::facade) fn of(client: &Client, event_type: EventTypeId, owner: FormOwner) -> Self {
        Self { client: client.clone(), event_type, owner }
    }

    /// Lists the questions, those that every event type has too (`GET .../event-types/{eventTypeId}/booking-fields`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown event type; [`Error::Unsupported`](crate::Error::Unsupported)
    /// on self-hosted servers.
    pub async fn list(&self) -> Result<Vec<BookingField>> {
        fetch_fields(of_owner!(
            self,
            list_booking_fields
                | list_team_event_type_booking_fields
                | list_organization_team_event_type_booking_fields()
        ))
        .await
    }

    /// Adds questions (`POST .../booking-fields`), and returns all of them.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a slug that the form has; else as [`list`](Self::list).
    pub async fn add(
        &self,
        fields: impl IntoIterator<Item = impl Into<types::HostedFieldInput>>,
    ) -> Result<Vec<BookingField>> {
        let body = types::BookingFieldsInput { booking_fields: fields.into_iter().map(Into::into).collect() };
        fetch_fields(of_owner!(
            self,
            add_booking_fields
                | add_team_event_type_booking_fields
                | add_organization_team_event_type_booking_fields(&body)
        ))
        .await
    }

    /// Replaces all questions (`PUT .../booking-fields`), and returns them.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn replace(
        &self,
        fields: impl IntoIterator<Item = impl Into<types::HostedFieldInput>>,
    ) -> Result<Vec<BookingField>> {
        let body = types::BookingFieldsInput { booking_fields: fields.into_iter().map(Into::into).collect() };
        fetch_fields(of_owner!(
            self,
            replace_booking_fields
                | replace_team_event_type_booking_fields
                | replace_organization_team_event_type_booking_fields(&body)
        ))
        .await
    }

    /// Changes questions, each named by its slug (`PATCH .../booking-fields`), and returns all of them. What is not set stays
    /// unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a slug that the form does not have; else as [`list`](Self::list).
    pub async fn update(
        &self,
        fields: impl IntoIterator<Item = types::PatchBookingFieldsBookingField>,
    ) -> Result<Vec<BookingField>> {
        let body = types::PatchBookingFields { booking_fields: fields.into_iter().collect() };
        fetch_fields(of_owner!(
            self,
            update_booking_fields
                | update_team_event_type_booking_fields
                | update_organization_team_event_type_booking_fields(&body)
        ))
        .await
    }

    /// Removes a question of the owner (`DELETE .../booking-fields/{slug}`), and returns those that are left.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for a slug that the form does not have; else as [`list`](Self::list).
    pub async fn remove(&self, slug: impl AsRef<str>) -> Result<Vec<BookingField>> {
        let slug = slug.as_ref();
        fetch_fields(of_owner!(
            self,
            delete_booking_field
                | delete_team_event_type_booking_field
                | delete_organization_team_event_type_booking_field(slug)
        ))
        .await
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FieldsOfForm {
    booking_fields: Vec<BookingField>,
}

async fn fetch_fields(request: Request<types::BookingFieldsResponse>) -> Result<Vec<BookingField>> {
    fetch_read::<FieldsOfForm, _, _>(request).await.map(|form| form.booking_fields)
}
