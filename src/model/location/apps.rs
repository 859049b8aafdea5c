//! Names of conferencing apps: in responses about bookings (`integrations:google:meet`), and in requests and event types
//! (`google-meet`).

/// The prefix of an app's name in responses.
pub(crate) const PREFIX: &str = "integrations:";

/// Pairs of the name in responses about bookings and the name in requests.
pub(crate) const APPS: [(&str, &str); 29] = [
    ("daily", "cal-video"),
    ("google:meet", "google-meet"),
    ("zoom", "zoom"),
    ("office365_video", "office365-video"),
    ("whereby_video", "whereby-video"),
    ("whatsapp_video", "whatsapp-video"),
    ("webex_video", "webex-video"),
    ("telegram_video", "telegram-video"),
    ("tandem", "tandem"),
    ("sylaps_video", "sylaps-video"),
    ("skype_video", "skype-video"),
    ("sirius_video_video", "sirius-video"),
    ("signal_video", "signal-video"),
    ("shimmer_video", "shimmer-video"),
    ("salesroom_video", "salesroom-video"),
    ("roam_video", "roam-video"),
    ("riverside_video", "riverside-video"),
    ("ping_video", "ping-video"),
    ("mirotalk_video", "mirotalk-video"),
    ("jitsi", "jitsi"),
    ("jelly_video", "jelly-video"),
    ("jelly_conferencing", "jelly-conferencing"),
    ("huddle01", "huddle"),
    ("facetime_video", "facetime-video"),
    ("element-call_video", "element-call-video"),
    ("eightxeight_video", "eightxeight-video"),
    ("discord_video", "discord-video"),
    ("demodesk_video", "demodesk-video"),
    ("campfire_video", "campfire-video"),
];

/// The name of an app in requests, for any of its names, with or without `integrations:`.
pub(crate) fn request_name(name: &str) -> String {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    match APPS.iter().find(|(in_answers, in_requests)| *in_answers == name || *in_requests == name) {
        Some((_, in_requests)) => (*in_requests).to_owned(),
        None => name.replace([':', '_'], "-"),
    }
}
