//! Connections to calendar services, as newer self-hosted servers have them.

use crate::model::one_form::{null_as_default, one_form};

one_form! {
    /// The connections of the caller to calendar services.
    ///
    /// ```no_run
    /// # #[cfg(feature = "calendars")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for connection in &client.calendars().connections().await?.connections {
    ///     println!("{}: {:?}", connection.connection_id, connection.kind);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct CalendarConnections {
        /// The connections.
        #[serde(default, deserialize_with = "null_as_default")]
        pub connections: Vec<CalendarConnection>,
    }
    nested: [connections as "connections"],
    areas: ["calendars"], wire: crate::generated::types::ListConnectionsData,
    shows: { connections },
}

one_form! {
    /// A connection to a calendar service.
    ///
    /// ```
    /// use calcom::model::CalendarConnection;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let connection: CalendarConnection = serde_json::from_str(r#"{"connectionId": "36", "type": "google"}"#)?;
    /// assert_eq!((connection.connection_id.as_str(), connection.email), ("36", None));
    /// # Ok(()) }
    /// ```
    pub struct CalendarConnection {
        /// The id, which [`Calendars::connection`](crate::facade::Calendars::connection) takes.
        pub connection_id: String,
        /// The kind of the calendar service: `google`, `office365`, `apple`.
        #[serde(default, rename = "type")]
        pub kind: Option<String>,
        /// The e-mail address of the account.
        #[serde(default)]
        pub email: Option<String>,
    }
    nested: [],
    areas: ["calendars"], wire: crate::generated::types::CalendarConnectionItem,
    shows: { connection_id, kind },
}
