//! What is sent without a booking of its own: forms, absences, broken credentials, reports.

use jiff::Timestamp;
use serde_json::Value;

use super::{people::User, read::payload, responses::Responses};
use crate::model::BookingStatus;

payload! {
    /// A routing form that was filled in: `FORM_SUBMITTED` and `FORM_SUBMITTED_NO_EVENT`.
    ///
    /// The service repeats the answers beside `triggerEvent`, under the fields' names:
    /// [`Event::root`](crate::webhook::Event::root).
    FormPayload {
        /// The form's id.
        form_id: Option<String> = "formId" shown,
        /// The form's name.
        form_name: Option<String> = "formName",
        /// The team it belongs to.
        team_id: Option<i64> = "teamId" shown,
        /// The number of this submission.
        response_id: Option<i64> = "responseId" shown,
        /// Where whoever filled it in was sent, as the service keeps it.
        redirect: Option<Value> = "redirect",
        /// The answers, by the fields' names.
        responses: Responses = "responses" shown,
    }
}

payload! {
    /// Somebody will be out of office: `OOO_CREATED`.
    OooPayload {
        /// When, why, and who stands in.
        ooo_entry: Option<OooEntry> = "oooEntry" shown,
    }
}

payload! {
    /// An absence.
    OooEntry {
        /// Its number.
        id: Option<i64> = "id" shown,
        /// Its UUID.
        uuid: Option<String> = "uuid" shown,
        /// When it starts.
        start: Option<Timestamp> = "start" shown,
        /// When it ends.
        end: Option<Timestamp> = "end" shown,
        /// When it was entered.
        created_at: Option<Timestamp> = "createdAt" shown,
        /// When it was last changed.
        updated_at: Option<Timestamp> = "updatedAt" shown,
        /// What the user noted.
        notes: Option<String> = "notes",
        /// Why.
        reason: Option<OooReason> = "reason",
        /// The reason's number.
        reason_id: Option<i64> = "reasonId" shown,
        /// Who is away.
        user: Option<User> = "user",
        /// Who stands in.
        to_user: Option<User> = "toUser",
    }
}

payload! {
    /// Why somebody is away.
    OooReason {
        /// A picture for it.
        emoji: Option<String> = "emoji",
        /// The service's key for it, or the user's words.
        reason: Option<String> = "reason",
    }
}

payload! {
    /// A delegated calendar credential has stopped working: `DELEGATION_CREDENTIAL_ERROR`.
    DelegationErrorPayload {
        /// What went wrong.
        error: Option<DelegationError> = "error" shown,
        /// The credential.
        credential: Option<DelegationCredential> = "credential" shown,
        /// Whose calendar it is.
        user: Option<User> = "user" shown,
    }
}

payload! {
    /// What went wrong with a credential.
    DelegationError {
        /// The kind of error.
        kind: Option<String> = "type" shown,
        /// What the calendar said.
        message: Option<String> = "message",
    }
}

payload! {
    /// A delegated credential.
    DelegationCredential {
        /// Its number.
        id: Option<i64> = "id" shown,
        /// Its type.
        kind: Option<String> = "type" shown,
        /// The app it is for.
        app_id: Option<String> = "appId" shown,
        /// The id of the delegation.
        delegation_credential_id: Option<String> = "delegationCredentialId" shown,
    }
}

payload! {
    /// A booking was routed to the wrong host: `WRONG_ASSIGNMENT_REPORT`.
    WrongAssignmentPayload {
        /// The booking.
        booking: Option<ReportedBooking> = "booking" shown,
        /// What is reported.
        report: Option<AssignmentReport> = "report" shown,
    }
}

payload! {
    /// The booking that a report is about.
    ReportedBooking {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The booking's number.
        id: Option<i64> = "id" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// Where the booking stands.
        status: Option<BookingStatus> = "status" shown,
        /// The event type.
        event_type: Option<ReportedEventType> = "eventType" shown,
    }
}

payload! {
    /// The event type that a report is about.
    ReportedEventType {
        /// Its number.
        id: Option<i64> = "id" shown,
        /// Its slug.
        slug: Option<String> = "slug" shown,
        /// Its title.
        title: Option<String> = "title",
        /// The team it belongs to.
        team_id: Option<i64> = "teamId" shown,
    }
}

payload! {
    /// Who should have had a booking, and who had it.
    AssignmentReport {
        /// Who reports it.
        reported_by: Option<User> = "reportedBy" shown,
        /// Why the booking was routed as it was.
        routing_reason: Option<String> = "routingReason",
        /// The booker's e-mail address.
        guest: Option<String> = "guest",
        /// Who had the booking.
        host: Option<User> = "host",
        /// The e-mail address of who should have had it.
        correct_assignee: Option<String> = "correctAssignee",
        /// What else the reporter says.
        additional_notes: Option<String> = "additionalNotes",
    }
}
