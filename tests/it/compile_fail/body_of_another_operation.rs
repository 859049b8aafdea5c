//! An operation whose services take two forms of the body takes either form of its own body, and no other body.

use calcom::{model, raw::types};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = calcom::Client::new(calcom::Credentials::Anonymous)?;
    let (raw, event_types) = (client.raw(), client.event_types());
    let made = types::CreateEventType::new("Call", "call", 30.try_into()?);
    let hosted = types::HostedCreateEventType::new("Call", "call", 30.try_into()?);
    let changes = types::UpdateEventType::new().title("Later");
    let hosted_changes = types::HostedUpdateEventType::new().title("Later");
    let schedule = types::UpdateSchedule::new().name("Mornings");

    let _ = raw.create_event_type(&made);
    let _ = raw.create_event_type(&hosted);
    let _ = raw.create_event_type(&changes); //~ E0277
    let _ = raw.create_event_type(&hosted_changes); //~ E0277
    let _ = raw.create_event_type(&schedule); //~ E0277
    let _ = raw.create_event_type("{}"); //~ E0277
    let _ = raw.update_event_type(7, &changes);
    let _ = raw.update_event_type(7, &hosted_changes);
    let _ = raw.update_event_type(7, &hosted); //~ E0277
    let _ = raw.update_event_type(7, &made); //~ E0277

    let _ = hosted.clone().disable_guests(true); //~ E0599
    let _ = event_types.create(&model::CreateEventType::new("Call", "call", 30));
    let _ = event_types.create(made);
    let _ = event_types.create(hosted);
    let _ = event_types.update(7, changes);
    let _ = event_types.update(7, hosted_changes);
    let _ = event_types.create(schedule); //~ E0277
    Ok(())
}
