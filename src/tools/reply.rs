//! The reply to a call.

/// The reply to a call: a text for the model.
///
/// ```
/// use calcom::tools::Tools;
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// let reply = Tools::new(fake.service(), "call-4711").call("book_appointment", json!({})).await;
/// // The text names what the arguments lack.
/// assert!(reply.is_error && !reply.text.is_empty());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolReply {
    /// What happened, and what the model can do next.
    pub text: String,
    /// Whether the call did not do what was asked.
    pub is_error: bool,
}

impl ToolReply {
    pub(super) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }

    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }
}
