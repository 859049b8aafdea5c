//! Figures of routing forms.

use serde_json::{Map, Value};

use super::Insights;
use crate::{
    Error, Result,
    facade::{
        CheckBefore, ItemStream, List, fetch_documented,
        items::{fetch_read, stream_nested_items},
    },
    model::{
        InsightsPeriod, InsightsScope, RoutedMembers, RoutingFormId, RoutingInsightsField, RoutingInsightsQuery,
        RoutingInsightsResponse, RoutingStats,
    },
    raw::types,
};

impl Insights {
    /// Reads how many responses of routing forms led to a booking (`POST /v2/insights/routings/forms-by-status`).
    ///
    /// Takes a [`&RoutingInsightsQuery`](crate::model::RoutingInsightsQuery), or the generated request with filters by columns.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, if the last day is before the first; [`Error::Permission`] for a team
    /// or an organization that the caller does not administrate; [`Error::Unsupported`] on self-hosted servers.
    pub async fn routing_stats(
        &self,
        query: impl TryInto<types::RoutingInsightsBase, Error: Into<Error>>,
    ) -> Result<RoutingStats> {
        let body = query.try_into().before("get_insights_forms_by_status")?;
        fetch_documented(self.client.raw().get_insights_forms_by_status(&body)).await
    }

    /// Lists the responses of routing forms with the bookings that they led to, page by page
    /// (`POST /v2/insights/routings/form-responses`).
    ///
    /// # Errors
    ///
    /// As [`routing_stats`](Self::routing_stats).
    pub async fn routing_responses(&self, query: &RoutingInsightsQuery) -> Result<List<RoutingInsightsResponse>> {
        self.stream_routing_responses(query)?.try_collect().await
    }

    /// Streams the responses of [`routing_responses`](Self::routing_responses), page by page.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if the last day is before the first.
    pub fn stream_routing_responses(
        &self,
        query: &RoutingInsightsQuery,
    ) -> Result<ItemStream<RoutingInsightsResponse>> {
        let body = types::RoutingInsightsPaginated::try_from(query).before("list_insights_form_responses")?;
        Ok(stream_nested_items(self.client.raw().list_insights_form_responses(&body)))
    }

    /// Lists the fields of routing forms with their options (`POST /v2/insights/routings/form-field-options`): of one form, or of
    /// all in the scope.
    ///
    /// # Errors
    ///
    /// As [`routing_stats`](Self::routing_stats).
    pub async fn routing_fields(
        &self,
        scope: InsightsScope,
        form: Option<&RoutingFormId>,
    ) -> Result<List<RoutingInsightsField>> {
        fetch_documented(self.client.raw().get_insights_form_field_options(&fields_of(scope, form))).await
    }

    /// Lists the columns of the responses of routing forms (`POST /v2/insights/routings/form-response-headers`): of one form,
    /// or of all in the scope.
    ///
    /// # Errors
    ///
    /// As [`routing_stats`](Self::routing_stats).
    pub async fn routing_columns(
        &self,
        scope: InsightsScope,
        form: Option<&RoutingFormId>,
    ) -> Result<List<RoutingInsightsField>> {
        fetch_documented(self.client.raw().get_insights_form_response_headers(&fields_of(scope, form))).await
    }

    /// Reads which answers of routing forms led to no booking (`POST /v2/insights/routings/failed-bookings-by-field`), in the
    /// form of the service, which its document leaves open.
    ///
    /// # Errors
    ///
    /// As [`routing_stats`](Self::routing_stats).
    pub async fn failed_bookings_by_field(
        &self,
        query: impl TryInto<types::RoutingInsightsBase, Error: Into<Error>>,
    ) -> Result<Map<String, Value>> {
        let body = query.try_into().before("get_insights_failed_bookings_by_field")?;
        fetch_read(self.client.raw().get_insights_failed_bookings_by_field(&body)).await
    }

    /// Reads how often routing forms led to each member, in each day, week or month
    /// (`POST /v2/insights/routings/routed-to-per-period`). The service counts at most 100 members.
    ///
    /// # Errors
    ///
    /// As [`routing_stats`](Self::routing_stats).
    pub async fn routed_members(&self, query: &RoutingInsightsQuery, period: InsightsPeriod) -> Result<RoutedMembers> {
        let body = query.per_period(period).before("get_insights_routed_to_per_period")?;
        fetch_documented(self.client.raw().get_insights_routed_to_per_period(&body)).await
    }
}

fn fields_of(scope: InsightsScope, form: Option<&RoutingFormId>) -> types::RoutingFormFields {
    let (scope, team) = scope.wire();
    let mut body = types::RoutingFormFields::new(scope);
    body.selected_team_id = team;
    body.routing_form_id = form.map(|form| form.as_str().to_owned());
    body
}
