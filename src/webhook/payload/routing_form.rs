//! Payload of submitted routing forms.

use serde_json::Value;

use super::{define::payload, responses::FormResponses};

payload! {
    /// A submitted routing form: `FORM_SUBMITTED`, `FORM_SUBMITTED_NO_EVENT` and `ROUTING_FORM_FALLBACK_HIT`.
    ///
    /// The service repeats the answers beside `triggerEvent`, by field name:
    /// [`Event::envelope_value`](crate::webhook::Event::envelope_value).
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"FORM_SUBMITTED",
    ///         "payload":{"formId":"f","responses":{"Plot":{"value":["12"]}}}}"#,
    /// )?;
    /// let Payload::FormSubmitted(form) = event.payload() else { panic!() };
    /// assert_eq!(form.form_id.as_deref(), Some("f"));
    /// assert_eq!(form.responses.get("Plot").unwrap().value, Some(vec!["12"].into()));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    FormPayload {
        /// The form's id.
        form_id: Option<String> = "formId" shown,
        /// The form's name.
        form_name: Option<String> = "formName",
        /// The team it belongs to.
        team_id: Option<i64> = "teamId" shown,
        /// The id of this submission.
        response_id: Option<i64> = "responseId" shown,
        /// The redirect after the submission, in the service's own form.
        redirect: Option<Value> = "redirect",
        /// What the fallback route does, in `ROUTING_FORM_FALLBACK_HIT`.
        fallback_action: Option<FallbackAction> = "fallbackAction" shown,
        /// The answers, by field name; by field id in `ROUTING_FORM_FALLBACK_HIT`.
        responses: FormResponses = "responses" shown,
    }
}

payload! {
    /// What the fallback route of a routing form does.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"ROUTING_FORM_FALLBACK_HIT","payload":{"formId":"f1","fallbackAction":{
    ///         "type":"eventTypeRedirectUrl","value":"team/tour","eventTypeId":8100}}}"#,
    /// )?;
    /// let Payload::RoutingFormFallbackHit(form) = event.payload() else { panic!() };
    /// assert_eq!(form.fallback_action.as_ref().unwrap().event_type_id, Some(8100));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    FallbackAction {
        /// The kind: `eventTypeRedirectUrl`, `externalRedirectUrl`, `customPageMessage`.
        kind: Option<String> = "type" shown,
        /// The address or the message.
        value: Option<String> = "value",
        /// The id of the event type, if the form leads to one.
        event_type_id: Option<i64> = "eventTypeId" shown,
    }
}
