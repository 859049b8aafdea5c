//! Payload of reports about wrong assignments.

use jiff::Timestamp;

use super::{participants::WebhookUser, read::payload};
use crate::model::BookingStatus;

payload! {
    /// A report that a booking was assigned to the wrong host: `WRONG_ASSIGNMENT_REPORT`.
    WrongAssignmentPayload {
        /// The booking.
        booking: Option<ReportedBooking> = "booking" shown,
        /// The report.
        report: Option<AssignmentReport> = "report" shown,
    }
}

payload! {
    /// The booking that a report is about.
    ReportedBooking {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The id of the booking.
        id: Option<i64> = "id" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// The status of the booking.
        status: Option<BookingStatus> = "status" shown,
        /// The event type.
        event_type: Option<ReportedEventType> = "eventType" shown,
    }
}

payload! {
    /// The event type that a report is about.
    ReportedEventType {
        /// The id.
        id: Option<i64> = "id" shown,
        /// Its slug.
        slug: Option<String> = "slug" shown,
        /// Its title.
        title: Option<String> = "title",
        /// The id of its team.
        team_id: Option<i64> = "teamId" shown,
    }
}

payload! {
    /// The host of a booking, and the host who was expected.
    AssignmentReport {
        /// The user who reports it.
        reported_by: Option<WebhookUser> = "reportedBy" shown,
        /// The reason of the routing.
        routing_reason: Option<String> = "routingReason",
        /// The booker's e-mail address.
        guest: Option<String> = "guest",
        /// The host of the booking.
        host: Option<WebhookUser> = "host",
        /// The e-mail address of the expected host.
        correct_assignee: Option<String> = "correctAssignee",
        /// Further notes of the reporter.
        additional_notes: Option<String> = "additionalNotes",
    }
}
