//! The names of the tools.

pub(super) const FIND_SLOTS: &str = "find_slots";
pub(super) const BOOK: &str = "book_appointment";
pub(super) const MOVE: &str = "move_appointment";
pub(super) const CANCEL: &str = "cancel_appointment";
pub(super) const LOOK_UP: &str = "look_up_appointment";

pub(super) const NAMES: [&str; 5] = [FIND_SLOTS, BOOK, MOVE, CANCEL, LOOK_UP];
