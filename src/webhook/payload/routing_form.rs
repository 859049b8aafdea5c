//! Payload of submitted routing forms.

use serde_json::Value;

use super::{read::payload, responses::FormResponses};

payload! {
    /// A submitted routing form: `FORM_SUBMITTED` and `FORM_SUBMITTED_NO_EVENT`.
    ///
    /// The service repeats the answers beside `triggerEvent`, by field name:
    /// [`Event::envelope_value`](crate::webhook::Event::envelope_value).
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
        /// The answers, by field name.
        responses: FormResponses = "responses" shown,
    }
}
