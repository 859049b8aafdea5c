//! The same calls, handwritten for one program with reqwest and serde, with a struct for each response that has all fields.

use std::{collections::HashMap, time::Duration};

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Case;

/// The start of the created booking.
pub const START: &str = "2026-12-01T09:00:00Z";

pub struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    pub fn new(url: String, key: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .user_agent("by-hand/1.0")
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, url, key: key.to_owned() })
    }

    pub async fn call(&self, case: Case) -> Result<usize> {
        Ok(match case {
            Case::GetMe => self.me().await?.time_zone.len(),
            Case::CreateBooking => self.book().await?.attendees.len(),
            Case::ListEventTypes => self.event_types().await?.len(),
            Case::ListBookings => self.bookings().await?.data.len(),
        })
    }

    async fn me(&self) -> Result<Me> {
        let answer = self.http.get(format!("{}/me", self.url)).bearer_auth(&self.key).send().await?;
        Ok(answer.error_for_status()?.json::<Envelope<Me>>().await?.data)
    }

    async fn book(&self) -> Result<Booking> {
        let body = NewBooking {
            start: START.parse()?,
            event_type_id: 1,
            attendee: NewAttendee {
                name: "Alice Attendee",
                email: "alice@example.org",
                time_zone: "Europe/Rome",
                language: "it",
            },
            metadata: HashMap::from([("crm", "42")]),
        };
        let answer = self
            .http
            .post(format!("{}/bookings", self.url))
            .bearer_auth(&self.key)
            .header("cal-api-version", "2024-08-13")
            .json(&body)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json::<Envelope<Booking>>().await?.data)
    }

    async fn event_types(&self) -> Result<Vec<EventType>> {
        let answer = self
            .http
            .get(format!("{}/event-types", self.url))
            .bearer_auth(&self.key)
            .header("cal-api-version", "2024-06-14")
            .send()
            .await?;
        Ok(answer.error_for_status()?.json::<Envelope<Vec<EventType>>>().await?.data)
    }

    async fn bookings(&self) -> Result<Bookings> {
        let answer = self
            .http
            .get(format!("{}/bookings", self.url))
            .query(&[("take", 250)])
            .bearer_auth(&self.key)
            .header("cal-api-version", "2024-08-13")
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

// The fields are decoded for the comparison and never read.
#[allow(dead_code)]
mod shapes {
    use super::*;

    #[derive(Deserialize)]
    pub struct Envelope<T> {
        pub status: String,
        pub data: T,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Me {
        pub id: i64,
        pub email: String,
        pub name: Option<String>,
        pub avatar_url: Option<String>,
        pub bio: Option<String>,
        pub time_format: i64,
        pub default_schedule_id: Option<i64>,
        pub week_start: String,
        pub time_zone: String,
        pub username: Option<String>,
        pub organization_id: Option<i64>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct NewBooking<'a> {
        pub start: Timestamp,
        pub event_type_id: i64,
        pub attendee: NewAttendee<'a>,
        pub metadata: HashMap<&'a str, &'a str>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct NewAttendee<'a> {
        pub name: &'a str,
        pub email: &'a str,
        pub time_zone: &'a str,
        pub language: &'a str,
    }

    #[derive(Deserialize)]
    pub struct Bookings {
        pub status: String,
        pub data: Vec<Booking>,
        pub pagination: Pagination,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Pagination {
        pub returned_items: i64,
        pub total_items: i64,
        pub items_per_page: i64,
        pub remaining_items: i64,
        pub current_page: i64,
        pub total_pages: i64,
        pub has_next_page: bool,
        pub has_previous_page: bool,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Booking {
        pub id: i64,
        pub uid: String,
        pub title: String,
        pub description: Option<String>,
        pub hosts: Vec<Host>,
        pub status: String,
        pub cancellation_reason: Option<String>,
        pub cancelled_by_email: Option<String>,
        pub rescheduling_reason: Option<String>,
        pub rescheduled_by_email: Option<String>,
        pub rescheduled_from_uid: Option<String>,
        pub rescheduled_to_uid: Option<String>,
        pub recurring_booking_uid: Option<String>,
        pub start: Timestamp,
        pub end: Timestamp,
        pub duration: i64,
        pub event_type_id: i64,
        pub event_type: EventTypeOfBooking,
        pub meeting_url: Option<String>,
        pub location: Option<String>,
        pub absent_host: bool,
        pub created_at: Timestamp,
        pub updated_at: Option<Timestamp>,
        pub metadata: Option<HashMap<String, Value>>,
        pub rating: Option<f64>,
        pub ics_uid: Option<String>,
        pub attendees: Vec<Attendee>,
        #[serde(default)]
        pub guests: Vec<String>,
        pub booking_fields_responses: Option<HashMap<String, Value>>,
        pub seat_uid: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Host {
        pub id: i64,
        pub name: String,
        pub email: String,
        pub display_email: String,
        pub username: String,
        pub time_zone: Option<String>,
    }

    #[derive(Deserialize)]
    pub struct EventTypeOfBooking {
        pub id: i64,
        pub slug: String,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Attendee {
        pub name: String,
        pub email: String,
        pub display_email: String,
        pub time_zone: String,
        pub language: Option<String>,
        pub absent: bool,
        pub phone_number: Option<String>,
        pub seat_uid: Option<String>,
        pub metadata: Option<HashMap<String, Value>>,
        pub booking_fields_responses: Option<HashMap<String, Value>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct EventType {
        pub id: i64,
        pub owner_id: Option<i64>,
        pub length_in_minutes: i64,
        #[serde(default)]
        pub length_in_minutes_options: Vec<i64>,
        pub title: String,
        pub slug: String,
        pub description: Option<String>,
        pub locations: Vec<Location>,
        pub booking_fields: Vec<BookingField>,
        pub recurrence: Option<Recurrence>,
        pub disable_guests: bool,
        pub slot_interval: Option<i64>,
        pub minimum_booking_notice: i64,
        pub before_event_buffer: i64,
        pub after_event_buffer: i64,
        pub metadata: HashMap<String, Value>,
        pub price: i64,
        pub currency: String,
        pub lock_time_zone_toggle_on_booking_page: bool,
        pub forward_params_success_redirect: Option<bool>,
        pub success_redirect_url: Option<String>,
        pub is_instant_event: bool,
        pub users: Vec<User>,
        pub schedule_id: Option<i64>,
        pub only_show_first_available_slot: bool,
        pub offset_start: i64,
        pub booking_window: Option<BookingWindow>,
        pub booking_limits_count: Option<Limits>,
        pub booking_limits_duration: Option<Limits>,
        pub booker_layouts: Option<BookerLayouts>,
        pub confirmation_policy: Option<ConfirmationPolicy>,
        pub requires_booker_email_verification: bool,
        pub hide_calendar_notes: bool,
        pub seats: Option<Seats>,
        pub use_destination_calendar_email: bool,
        pub hide_calendar_event_details: bool,
        pub hide_organizer_email: bool,
        pub cal_video_settings: Option<CalVideoSettings>,
        pub hidden: bool,
        pub booking_requires_authentication: bool,
        pub booker_active_bookings_limit: Option<Switch>,
        pub booking_url: Option<String>,
        pub disable_cancelling: Option<Switch>,
        pub disable_rescheduling: Option<Switch>,
        pub interface_language: Option<String>,
        pub allow_rescheduling_past_bookings: bool,
        pub allow_rescheduling_cancelled_bookings: bool,
        pub show_optimized_slots: bool,
        pub custom_name: Option<String>,
        pub color: Option<Color>,
    }

    #[derive(Deserialize)]
    pub struct Location {
        #[serde(rename = "type")]
        pub kind: String,
        pub link: Option<String>,
        pub address: Option<String>,
        pub phone: Option<String>,
        pub public: Option<bool>,
        pub integration: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct BookingField {
        pub is_default: bool,
        #[serde(rename = "type")]
        pub kind: String,
        pub slug: String,
        pub required: Option<bool>,
        pub label: Option<String>,
        pub placeholder: Option<String>,
        #[serde(default)]
        pub options: Vec<String>,
        pub disable_on_prefill: Option<bool>,
        pub hidden: Option<bool>,
    }

    #[derive(Deserialize)]
    pub struct Recurrence {
        pub disabled: Option<bool>,
        pub interval: Option<i64>,
        pub occurrences: Option<i64>,
        pub frequency: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct User {
        pub id: i64,
        pub name: Option<String>,
        pub username: Option<String>,
        pub avatar_url: Option<String>,
        pub brand_color: Option<String>,
        pub dark_brand_color: Option<String>,
        pub week_start: String,
        pub metadata: Option<HashMap<String, Value>>,
    }

    #[derive(Deserialize)]
    pub struct BookingWindow {
        pub disabled: Option<bool>,
        #[serde(rename = "type")]
        pub kind: Option<String>,
        pub value: Option<Value>,
        pub rolling: Option<bool>,
    }

    #[derive(Deserialize)]
    pub struct Limits {
        pub day: Option<i64>,
        pub week: Option<i64>,
        pub month: Option<i64>,
        pub year: Option<i64>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct BookerLayouts {
        pub default_layout: String,
        pub enabled_layouts: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ConfirmationPolicy {
        pub disabled: Option<bool>,
        #[serde(rename = "type")]
        pub kind: Option<String>,
        pub block_unconfirmed_bookings_in_booker: Option<bool>,
        pub notice_threshold: Option<NoticeThreshold>,
    }

    #[derive(Deserialize)]
    pub struct NoticeThreshold {
        pub unit: String,
        pub count: i64,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Seats {
        pub disabled: Option<bool>,
        pub seats_per_time_slot: Option<i64>,
        pub show_attendee_info: Option<bool>,
        pub show_availability_count: Option<bool>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct CalVideoSettings {
        pub send_transcription_emails: Option<bool>,
    }

    #[derive(Deserialize)]
    pub struct Switch {
        pub disabled: Option<bool>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Color {
        pub dark_theme_hex: String,
        pub light_theme_hex: String,
    }
}

use shapes::{Booking, Bookings, Envelope, EventType, Me, NewAttendee, NewBooking};
