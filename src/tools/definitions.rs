//! The definitions that a model reads: names, descriptions, schemas.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::{
    arguments::{BookAppointment, CancelAppointment, FindSlots, LookUpAppointment, MoveAppointment},
    names::{BOOK, CANCEL, FIND_SLOTS, LOOK_UP, MOVE},
    session::Tools,
};

/// The definition of a tool.
///
/// ```
/// use calcom::tools::Tools;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// let tools = Tools::new(fake.service(), "call-4711").event_type(1, "First appointment, 30 minutes");
/// let definitions = tools.definitions();
/// let Some(book) = definitions.iter().find(|tool| tool.name == "book_appointment") else { panic!("no such tool") };
/// assert!(book.description.contains("First appointment") && !book.read_only);
/// assert_eq!(book.input_schema["type"], "object");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolDefinition {
    /// The name, such as `book_appointment`.
    pub name: &'static str,
    /// What it does, for the model.
    pub description: String,
    /// The JSON schema of the arguments, an object.
    pub input_schema: Value,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Whether it ends an appointment.
    pub destructive: bool,
}

impl Tools {
    /// The definitions of all tools. They name the event types that are offered.
    #[must_use]
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        let offered: Vec<String> = self.event_types.iter().map(|(id, text)| format!("{} is {text}", id.0)).collect();
        let offered = if offered.is_empty() { String::new() } else { format!(" Event types: {}.", offered.join("; ")) };
        let tool = |name, description: String, input_schema, read_only, destructive| ToolDefinition {
            name,
            description,
            input_schema,
            read_only,
            destructive,
        };
        vec![
            tool(
                FIND_SLOTS,
                format!(
                    "Lists the times that can be booked, by day in the person's time zone. It books nothing.{offered}"
                ),
                schema::<FindSlots>(),
                true,
                false,
            ),
            tool(
                BOOK,
                format!(
                    "Books a time for a person, once: a repeated call with the same event type, start and e-mail address finds \
                     the first booking. Read time, name and address back to the person before.{offered}"
                ),
                schema::<BookAppointment>(),
                false,
                false,
            ),
            tool(
                MOVE,
                "Moves an appointment to another time. The appointment has a new uid then.".to_owned(),
                schema::<MoveAppointment>(),
                false,
                false,
            ),
            tool(
                CANCEL,
                "Cancels an appointment. Ask the person for confirmation before.".to_owned(),
                schema::<CancelAppointment>(),
                false,
                true,
            ),
            tool(
                LOOK_UP,
                "Says when an appointment is and whether it takes place.".to_owned(),
                schema::<LookUpAppointment>(),
                true,
                false,
            ),
        ]
    }
}

/// The schema of the arguments, without references, which not every model interface reads.
fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("$schema");
    schema.to_value()
}
