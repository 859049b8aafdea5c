//! Persons' names that the service puts into its texts by itself. Its texts are English: a capital within a sentence, on a
//! word that is none of the service's, is a name; so is every word with letters that English does not have.

use std::sync::LazyLock;

use http::StatusCode;

use super::marks::Marks;

/// Words that the service and gateways capitalize, and that are not names.
const KNOWN_WORDS: &[&str] = &[
    "Access",
    "Admin",
    "Allowed",
    "An",
    "Android",
    "Api",
    "Apple",
    "April",
    "Attempting",
    "Attempts",
    "Attendee",
    "Attention",
    "Attribute",
    "August",
    "Auth",
    "Authentication",
    "Authorization",
    "Available",
    "Bad",
    "Bearer",
    "Blocked",
    "Booking",
    "Bookings",
    "Cal",
    "Calendar",
    "Can't",
    "Cancellation",
    "Cannot",
    "Chosen",
    "Client",
    "Cloudflare",
    "Code",
    "Conflict",
    "Cookie",
    "Could",
    "Credential",
    "Credentials",
    "Current",
    "Daily",
    "Date",
    "Daytime",
    "December",
    "Deleted",
    "Delegation",
    "Department",
    "E-mail",
    "Either",
    "Email",
    "End",
    "Error",
    "Event",
    "Exceeded",
    "Exception",
    "Existing",
    "Expected",
    "Failed",
    "February",
    "Feed",
    "Forbidden",
    "Form",
    "Found",
    "Free",
    "Friday",
    "Gateway",
    "Google",
    "Guest",
    "Header",
    "Host",
    "Hosts",
    "Ics",
    "Id",
    "Input",
    "Internal",
    "Invalid",
    "Invite",
    "It",
    "January",
    "Json",
    "July",
    "June",
    "Just",
    "Key",
    "Limit",
    "Link",
    "List",
    "Managed",
    "Manager",
    "Many",
    "March",
    "May",
    "Meet",
    "Meeting",
    "Membership",
    "Metadata",
    "Method",
    "Microsoft",
    "Minimum",
    "Missing",
    "Monday",
    "Nginx",
    "No",
    "None",
    "Normal",
    "Not",
    "November",
    "October",
    "Office",
    "One",
    "Only",
    "Ooo",
    "Organization",
    "Organization's",
    "Organizer",
    "Origin",
    "Outlook",
    "Page",
    "Payment",
    "Permission",
    "Phone",
    "Please",
    "Private",
    "Provide",
    "Provided",
    "Query",
    "Rate",
    "Redirect",
    "Request",
    "Requests",
    "Required",
    "Reservation",
    "Role",
    "Round",
    "Robin",
    "Route",
    "Routed",
    "Routing",
    "Saturday",
    "Schedule",
    "Seat",
    "September",
    "Server",
    "Service",
    "Sign",
    "Slot",
    "Sorry",
    "Start",
    "Status",
    "Stripe",
    "Sunday",
    "Team",
    "Teams",
    "Temporarily",
    "The",
    "There",
    "These",
    "This",
    "Thursday",
    "Time",
    "Timeout",
    "Token",
    "Too",
    "Trying",
    "Tuesday",
    "Type",
    "Unauthorized",
    "Unavailable",
    "Unexpected",
    "Unicode",
    "Unsupported",
    "Updated",
    "Url",
    "User",
    "Username",
    "Users",
    "Valid",
    "Validation",
    "Verification",
    "Verified",
    "Video",
    "Webhook",
    "Wednesday",
    "Whereby",
    "Workflow",
    "Your",
    "Yourself",
    "You",
    "Zone",
    "Zoom",
];
/// The reason phrases of several words, of HTTP and of gateways. Alone, their words can be names (`Long`, `Early`).
static PHRASES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let reasons = (100..600).filter_map(|status| StatusCode::from_u16(status).ok()?.canonical_reason());
    let of_gateways = ["Gateway Time-out", "Request Entity Too Large", "Request Time-out", "Request-URI Too Large"];
    reasons.filter(|reason| reason.contains(' ')).chain(of_gateways).collect()
});
/// Words after which the first word of a sentence is its subject.
const VERBS: &[&str] = &["is", "isn't", "has", "hasn't", "was", "wasn't", "had", "does", "doesn't", "did", "already"];
/// Words inside names.
const PARTICLES: &[&str] = &["al", "bin", "da", "de", "del", "der", "di", "dos", "la", "le", "van", "von", "y", "zu"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum WordKind {
    /// Certainly a name.
    Name,
    /// A capitalized word that is not known.
    Capital,
    /// As `Capital`, at the beginning of a sentence.
    First,
    /// A word of several capitals, or a known one: part of a name only beside a name.
    Maybe,
    Particle,
    Verb,
    Other,
}

struct ScannedWord {
    start: usize,
    end: usize,
    kind: WordKind,
}

/// Marks the names of persons.
pub(super) fn mark(text: &str, marks: &mut Marks) {
    let mut run: Vec<ScannedWord> = Vec::new();
    let mut phrase_ends = 0;
    for mut word in words(text) {
        if matches!(word.kind, WordKind::Capital | WordKind::First | WordKind::Maybe) && word.start >= phrase_ends {
            phrase_ends = word.start + phrase_length(&text[word.start..]);
        }
        if word.start < phrase_ends {
            word.kind = WordKind::Other;
        }
        let follows =
            run.last().is_some_and(|last: &ScannedWord| matches!(&text[last.end..word.start], " " | "\u{a0}" | ", "));
        if !follows || matches!(word.kind, WordKind::Other | WordKind::Verb) {
            mark_run(&run, follows && word.kind == WordKind::Verb, marks);
            run.clear();
        }
        if !matches!(word.kind, WordKind::Other | WordKind::Verb) {
            run.push(word);
        }
    }
    mark_run(&run, false, marks);
}

/// The length of the phrase that the text begins with; 0 if it begins with none.
fn phrase_length(text: &str) -> usize {
    let ends =
        |phrase: &&&str| text.strip_prefix(**phrase).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    PHRASES.iter().filter(ends).map(|phrase| phrase.len()).max().unwrap_or(0)
}

/// Marks a run of words from its first name to its last.
fn mark_run(run: &[ScannedWord], has_verb: bool, marks: &mut Marks) {
    let unknown = |word: &&ScannedWord| matches!(word.kind, WordKind::Name | WordKind::Capital | WordKind::First);
    let Some(first) = run.iter().find(unknown) else { return };
    let is_name =
        run.iter().any(|word| matches!(word.kind, WordKind::Name | WordKind::Capital)) || (has_verb && run.len() == 1);
    if !is_name {
        return;
    }
    let after = run.iter().skip_while(|word| word.start != first.start);
    let last = after.filter(|word| word.kind != WordKind::Particle).last().unwrap_or(first);
    marks.add(first.start..last.end);
}

fn words(text: &str) -> impl Iterator<Item = ScannedWord> {
    let mut at = 0;
    let mut sentence_begins = true;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let start = at + rest.find(char::is_alphanumeric)?;
        let between = &text[at..start];
        let tail = &text[start..];
        let end = start + length(tail);
        let begins = sentence_begins || between.contains(['.', '!', '?', ';', '\n', '-', '|', '\u{1}']);
        (at, sentence_begins) = (end, false);
        Some(ScannedWord { start, end, kind: kind(text, start, end, begins) })
    })
}

/// The length of a word, its apostrophes and hyphens included.
fn length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = "'’-".contains(c) && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !(c.is_alphanumeric() || joins) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn kind(text: &str, start: usize, end: usize, sentence_begins: bool) -> WordKind {
    let word = &text[start..end];
    // Parts of identifiers, paths and placeholders.
    let is_glued = text[..start].ends_with(['/', '_', '\\', '=', '#', '$', '@', '{', '<', '&'])
        || text[end..].starts_with(['/', '_', '\\', '=', '(', '}', '@', '>']);
    let has_digit = word.contains(|c: char| c.is_numeric());
    if word.contains(|c: char| c.is_alphabetic() && !c.is_ascii()) {
        return WordKind::Name;
    }
    if is_glued || has_digit {
        return WordKind::Other;
    }
    let capitals = word.split(['-', '\'']).all(|part| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && !part[1..].contains(|c: char| c.is_ascii_uppercase())
    });
    if VERBS.contains(&word) {
        WordKind::Verb
    } else if PARTICLES.contains(&word) {
        WordKind::Particle
    } else if KNOWN_WORDS.contains(&word) || KNOWN_WORDS.contains(&word.trim_end_matches("'s")) {
        if sentence_begins { WordKind::Other } else { WordKind::Maybe }
    } else if capitals && word.len() > 1 {
        if sentence_begins { WordKind::First } else { WordKind::Capital }
    } else if word.starts_with(|c: char| c.is_ascii_uppercase()) {
        WordKind::Maybe
    } else {
        WordKind::Other
    }
}
