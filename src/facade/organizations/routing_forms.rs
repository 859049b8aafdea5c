//! The routing forms of an organization, and the responses to them.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Client, Result,
    facade::{ItemStream, List, fetch_documented, items::stream_items, routed::submit, setters::filter_setters},
    model::{
        BookingUid, OrganizationId, RoutedForm, RoutingForm, RoutingFormId, RoutingFormResponse, RoutingFormResponseId,
        SortOrder, SubmitRoutingForm, TeamId,
    },
    raw::types,
    redact::debug_shows,
};

/// The routing forms of an organization, or of one of its teams; from
/// [`OrganizationApi::routing_forms`](super::OrganizationApi::routing_forms).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::model::SubmitRoutingForm;
///
/// let forms = client.organization(1).routing_forms();
/// let answers = SubmitRoutingForm::new("2026-12-16T00:00:00Z".parse()?, "2026-12-18T00:00:00Z".parse()?)
///     .answer("department", "Sales");
/// let routed = forms.submit("11111111-1111-4111-8111-111111111111", &answers).await?;
/// println!("{:?}, {:?}", routed.event_type_id, routed.response_id());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct RoutingForms {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
    pub(super) team: Option<TeamId>,
}

/// The filter and the sort order of a list of routing forms or of the responses to one. The default filter lists all.
///
/// ```
/// use calcom::{facade::RoutingFormFilter, model::SortOrder};
///
/// let newest_first = RoutingFormFilter::default().sort_created_at(SortOrder::Desc);
/// # assert_eq!(newest_first.sort_created_at, Some(SortOrder::Desc));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoutingFormFilter {
    /// Only what was created after this time.
    pub after_created_at: Option<Timestamp>,
    /// Only what was created before this time.
    pub before_created_at: Option<Timestamp>,
    /// Only what led to this booking.
    pub routed_to_booking_uid: Option<BookingUid>,
    /// The sort order by the time of creation; default: that of the service.
    pub sort_created_at: Option<SortOrder>,
}

filter_setters!(RoutingFormFilter {
    after_created_at: Timestamp,
    before_created_at: Timestamp,
    routed_to_booking_uid: BookingUid,
    sort_created_at: SortOrder,
});
debug_shows!(RoutingFormFilter { after_created_at, before_created_at, routed_to_booking_uid, sort_created_at });

/// Sets the parameters of a filter.
macro_rules! filtered {
    ($filter:ident, $request:expr) => {
        stream_items(
            $request
                .set($filter.after_created_at, |request, time| request.after_created_at(time))
                .set($filter.before_created_at, |request, time| request.before_created_at(time))
                .set($filter.routed_to_booking_uid.as_ref(), |request, uid| request.routed_to_booking_uid(uid))
                .set($filter.sort_created_at, |request, order| request.sort_created_at(order)),
        )
    };
}

impl RoutingForms {
    /// The routing forms of one team of the organization alone.
    ///
    /// Cargo feature: `organization-teams`.
    #[cfg(feature = "organization-teams")]
    #[must_use]
    pub fn for_team(&self, team: impl Into<TeamId>) -> Self {
        Self { client: self.client.clone(), organization: self.organization, team: Some(team.into()) }
    }

    /// Lists all routing forms of the filter, page by page (`GET /v2/organizations/{orgId}/routing-forms` or
    /// `/v2/organizations/{orgId}/teams/{teamId}/routing-forms`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator.
    pub async fn list(&self, filter: &RoutingFormFilter) -> Result<List<RoutingForm>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the routing forms of [`list`](Self::list), page by page.
    pub fn stream(&self, filter: &RoutingFormFilter) -> ItemStream<RoutingForm> {
        let (raw, organization) = (self.client.raw(), self.organization.0);
        match self.team {
            #[cfg(feature = "organization-teams")]
            Some(team) => filtered!(filter, raw.list_organization_team_routing_forms(organization, team.0)),
            _ => filtered!(filter, raw.list_organization_routing_forms(organization)),
        }
    }

    /// Lists all responses to a routing form, page by page (`GET .../routing-forms/{routingFormId}/responses`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for a form that is unknown or belongs to no team; for one of another team
    /// [`Error::Permission`](crate::Error::Permission), if they are read through a team.
    pub async fn responses(
        &self,
        form: impl Into<RoutingFormId>,
        filter: &RoutingFormFilter,
    ) -> Result<List<RoutingFormResponse>> {
        self.stream_responses(form, filter).try_collect().await
    }

    /// Streams the responses of [`responses`](Self::responses), page by page.
    pub fn stream_responses(
        &self,
        form: impl Into<RoutingFormId>,
        filter: &RoutingFormFilter,
    ) -> ItemStream<RoutingFormResponse> {
        let (form, raw, organization) = (form.into(), self.client.raw(), self.organization.0);
        let form = form.as_str();
        match self.team {
            #[cfg(feature = "organization-teams")]
            Some(team) => {
                filtered!(filter, raw.list_organization_team_routing_form_responses(organization, team.0, form))
            }
            _ => filtered!(filter, raw.list_organization_routing_form_responses(organization, form)),
        }
    }

    /// Submits answers to a routing form, and returns the result of the routing (`POST .../routing-forms/{routingFormId}/responses`).
    /// Every call stores a response.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a missing answer, or an e-mail address that is none;
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown form.
    pub async fn submit(&self, form: impl Into<RoutingFormId>, answers: &SubmitRoutingForm) -> Result<RoutedForm> {
        let (form, raw, organization) = (form.into(), self.client.raw(), self.organization.0);
        let (start, end) = (answers.start.to_string(), answers.end.to_string());
        let (form, body) = (form.as_str(), &answers.answers);
        match self.team {
            #[cfg(feature = "organization-teams")]
            Some(team) => submit!(
                answers,
                raw.create_organization_team_routing_form_response(organization, team.0, form, &start, &end, body)
            ),
            _ => {
                submit!(answers, raw.create_organization_routing_form_response(organization, form, &start, &end, body))
            }
        }
    }

    /// Replaces the answers of a stored response, by the ids of the fields (`PATCH
    /// .../routing-forms/{routingFormId}/responses/{responseId}`). The service does not check them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown form or response.
    pub async fn update_response(
        &self,
        form: impl Into<RoutingFormId>,
        response: impl Into<RoutingFormResponseId>,
        answers: Map<String, Value>,
    ) -> Result<RoutingFormResponse> {
        let (form, response, organization) = (form.into(), response.into(), self.organization.0);
        let (raw, form) = (self.client.raw(), form.as_str());
        let mut body = types::UpdateRoutingFormResponse::new();
        body.response = Some(Value::Object(answers));
        fetch_documented(match self.team {
            #[cfg(feature = "organization-teams")]
            Some(team) => {
                raw.update_organization_team_routing_form_response(organization, team.0, form, response.0, &body)
            }
            _ => raw.update_organization_routing_form_response(organization, form, response.0, &body),
        })
        .await
    }
}
