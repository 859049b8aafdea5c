//! The recorded server with organizations and teams: which exchanges are its, and what it had at the start.

use std::collections::HashSet;

use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::{FakeCalcom, FakeSchedule, FakeTeam, FakeUser};

/// The callers: the name in the redacted key, user name, full name, e-mail address and time zone.
const USERS: [(&str, &str, &str, &str, &str); 16] = [
    ("owner", "olivia", "Olivia Owner", "olivia.owner@acme.example.com", "Europe/Berlin"),
    ("admin", "adam", "Adam Admin", "adam.admin@acme.example.com", "Europe/Berlin"),
    ("member", "mia", "Mia Member", "mia.member@acme.example.com", "Europe/Berlin"),
    ("member2", "max", "Max Muster", "max.member@acme.example.com", "Europe/Berlin"),
    ("teamadmin", "toni", "Toni Teamadmin", "toni.teamadmin@acme.example.com", "Europe/London"),
    ("standalone", "stan", "Stan Standalone", "stan@example.org", "Europe/Paris"),
    ("standalone_member", "stella", "Stella Standalone", "stella@example.org", "Europe/Paris"),
    ("platform_owner", "paul", "Paul Platform", "paul@platform.example.com", "Europe/Berlin"),
    ("platform_admin", "petra", "Petra Platform", "petra@platform.example.com", "Europe/Berlin"),
    ("outsider", "otto", "Otto Outsider", "otto.outsider@example.org", "Europe/Berlin"),
    ("small_platform", "sam", "Sam Small", "sam@small.example.com", "Europe/Berlin"),
    ("sysadmin", "sina", "Sina Sysadmin", "sina@cal.example.com", "Europe/Berlin"),
    ("roles_owner", "rosa", "Rosa Roles", "rosa@roles.example.com", "Europe/Berlin"),
    ("roles_member", "rolf", "Rolf Roles", "rolf@roles.example.com", "Europe/Berlin"),
    ("newcomer", "nina", "Nina Newcomer", "nina.newcomer@example.org", "Europe/Berlin"),
    ("newcomer2", "noah", "Noah Newcomer", "noah.newcomer@example.org", "Europe/Berlin"),
];

fn key(name: &str) -> String {
    format!("cal_live_redacted_{name}")
}

/// The areas of the exchanges that only this server can have answered.
pub(super) fn areas(exchanges: &[RecordedExchange]) -> HashSet<String> {
    exchanges.iter().filter(|exchange| is_of_full_server(exchange)).map(|exchange| area(exchange).to_owned()).collect()
}

pub(super) fn area(exchange: &RecordedExchange) -> &str {
    exchange.name.split('/').next().unwrap_or_default()
}

fn is_of_full_server(exchange: &RecordedExchange) -> bool {
    let request = &exchange.request;
    let caller = request.header("authorization").unwrap_or_default();
    let known = |name: &str| caller.ends_with(&format!("cal_live_redacted_{name}"));
    let served = exchange.response.status != 404 || !exchange.response.message().starts_with("Cannot ");
    let of_team = ["/v2/teams", "/v2/organizations/"].iter().any(|area| request.path.starts_with(area)) && served;
    let by_team = request.query.as_str().is_some_and(|query| query.contains("teamSlug="));
    // Both servers had a platform's owner.
    let own = USERS.iter().any(|(name, ..)| *name != "platform_owner" && known(name));
    of_team || by_team || own || known("platform_org")
}

/// A fake with the users, organizations and teams of the server.
pub(super) async fn start() -> FakeCalcom {
    let mut fake = FakeCalcom::builder().at(calcom_fake::__conformance::starts_at());
    for (name, username, full_name, email, zone) in USERS {
        let hours = FakeSchedule::nine_to_five("Working hours");
        let mut user = FakeUser::new(username).name(full_name).email(email).time_zone(zone).schedule(hours);
        user = user.api_key(&key(name));
        if name == "platform_owner" {
            user = user.api_key(&key("platform_org"));
        }
        if name == "sysadmin" {
            user = user.administrator();
        }
        if name == "owner" {
            user = user.expiring_api_key(&key("expired"), calcom_fake::__conformance::starts_at());
        }
        fake = fake.user(user);
    }
    for name in ["plain_org", "plain_org2"] {
        fake = fake.user(FakeUser::new(name).api_key(&key(name)));
    }
    let teams = [
        FakeTeam::new("acme-org")
            .name("Acme Org")
            .organization()
            .owner("olivia")
            .admin("adam")
            .member("mia")
            .member("max")
            .member("toni"),
        FakeTeam::new("sales")
            .name("Sales")
            .of_organization("acme-org")
            .owner("adam")
            .member("mia")
            .member("max")
            .admin("toni"),
        FakeTeam::new("support").name("Support").of_organization("acme-org").owner("olivia").member("max"),
        FakeTeam::new("standalone-team").name("Standalone Team").owner("stan").member("stella"),
        FakeTeam::new("platform").organization().plan("SCALE").owner("paul").admin("petra"),
        FakeTeam::new("small").organization().plan("STARTER").owner("sam"),
        FakeTeam::new("plain").organization().owner("plain_org"),
        FakeTeam::new("roles").organization().owner("rosa").member("rolf"),
        FakeTeam::new("platform-team").name("Platform Team").of_organization("platform").owner("paul"),
        FakeTeam::new("unnamed"),
        FakeTeam::new("plain2").organization().owner("plain_org2").without_api(),
    ];
    for team in teams {
        fake = fake.team(team);
    }
    fake.start().await
}
