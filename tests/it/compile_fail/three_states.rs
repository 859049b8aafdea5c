//! A field of a change that `null` clears is kept, cleared or set, and says which: an `Option` would leave out what it
//! seems to clear.

use calcom::{
    Patch,
    model::UpdateWebhook,
    raw::types::{self, UpdateMe},
};

fn key() -> Option<String> {
    None
}

fn main() {
    let mut changes = types::UpdateWebhook::new();
    changes.secret = Patch::Clear;
    changes.secret = Patch::Set("whsec".to_owned());
    changes.secret = Patch::set_or_keep(key());
    changes.secret = "whsec".into();
    changes.secret = "whsec".to_owned(); //~ E0308
    changes.secret = None; //~ E0308
    changes.secret = key(); //~ E0308
    changes.secret = Patch::Set(7); //~ E0308
    let _ = changes.clone().secret("whsec").payload_template(Patch::Clear);
    let _ = changes.clone().secret(key()); //~ E0277
    let _ = changes.clone().secret(None::<String>); //~ E0277

    let mut changes = UpdateWebhook::default();
    changes.secret = Patch::Clear;
    changes.secret = None; //~ E0308

    let _ = UpdateMe::new().bio("A dentist").default_schedule_id(7);
    let _ = UpdateMe::new().bio(Patch::Clear).default_schedule_id(Patch::Keep);
    let _ = UpdateMe::new().bio(7); //~ E0277
    let _ = UpdateMe::new().default_schedule_id(None); //~ E0277
}
