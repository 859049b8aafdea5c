//! Verified e-mail addresses and phone numbers, of the caller or of a team.

use crate::{
    Client, Result,
    facade::{CheckBefore, List, fetch_documented, items::collect_items},
    model::{VerifiedEmail, VerifiedPhone, VerifiedResourceId},
    raw::types,
};

/// The verified e-mail addresses and phone numbers of the caller, from [`Client::verified_resources`], or of a team. Workflows
/// may send to them.
///
/// The service has separate limits for these calls, of 3 to 5 a minute: [`Error::RateLimit`](crate::Error::RateLimit).
///
/// ```no_run
/// # #[cfg(feature = "verified-resources")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let verified = client.verified_resources();
/// verified.request_email("practice@example.com").await?;
/// let code_of_the_mail = "123456";
/// let address = verified.verify_email("practice@example.com", code_of_the_mail).await?;
/// println!("{}", address.id);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct VerifiedResources {
    client: Client,
    owner: ResourceOwner,
}

/// The owner of the addresses and numbers, as the routes name it.
#[derive(Debug, Clone, Copy)]
pub(super) enum ResourceOwner {
    #[cfg(feature = "verified-resources")]
    Caller,
    #[cfg(feature = "teams")]
    Team(crate::model::TeamId),
    #[cfg(feature = "organization-teams")]
    OrganizationTeam(crate::model::OrganizationId, crate::model::TeamId),
}

impl ResourceOwner {
    /// The id of the operation that the owner's route leads to: of the caller, a team, a team of an organization.
    fn pick(self, operations: [&'static str; 3]) -> &'static str {
        match self {
            #[cfg(feature = "verified-resources")]
            Self::Caller => operations[0],
            #[cfg(feature = "teams")]
            Self::Team(_) => operations[1],
            #[cfg(feature = "organization-teams")]
            Self::OrganizationTeam(..) => operations[2],
        }
    }
}

impl Client {
    /// The e-mail addresses and phone numbers that the caller has verified.
    ///
    /// Cargo feature: `verified-resources`.
    #[cfg(feature = "verified-resources")]
    #[must_use]
    pub fn verified_resources(&self) -> VerifiedResources {
        VerifiedResources::of(self, ResourceOwner::Caller)
    }
}

/// Calls a function with the request of the operation that the owner's route leads to.
macro_rules! of_owner {
    ($resources:ident, $caller:ident | $team:ident | $organization_team:ident ($($argument:expr),*), $send:path) => {{
        let raw = $resources.client.raw();
        match $resources.owner {
            #[cfg(feature = "verified-resources")]
            ResourceOwner::Caller => $send(raw.$caller($($argument),*)).await,
            #[cfg(feature = "teams")]
            ResourceOwner::Team(team) => $send(raw.$team(team.0 $(, $argument)*)).await,
            #[cfg(feature = "organization-teams")]
            ResourceOwner::OrganizationTeam(organization, team) => {
                $send(raw.$organization_team(organization.0, team.0 $(, $argument)*)).await
            }
        }
    }};
}

impl VerifiedResources {
    pub(super) fn of(client: &Client, owner: ResourceOwner) -> Self {
        Self { client: client.clone(), owner }
    }

    /// Lists the verified e-mail addresses, page by page (`GET .../verified-resources/emails`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator of the team.
    pub async fn emails(&self) -> Result<List<VerifiedEmail>> {
        of_owner!(
            self,
            list_verified_emails | list_team_verified_emails | list_organization_team_verified_emails(),
            collect_items
        )
    }

    /// Reads one verified e-mail address (`GET .../emails/{id}`); `None` for an unknown one.
    ///
    /// # Errors
    ///
    /// As [`emails`](Self::emails).
    pub async fn email(&self, id: impl Into<VerifiedResourceId>) -> Result<Option<VerifiedEmail>> {
        let id = id.into();
        of_owner!(
            self,
            get_verified_email | get_team_verified_email | get_organization_team_verified_email(id.0),
            fetch_documented
        )
    }

    /// Sends a code to an e-mail address (`POST .../emails/verification-code/request`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an address that is none; else as [`emails`](Self::emails).
    pub async fn request_email(&self, email: impl Into<String>) -> Result<()> {
        let body = types::RequestEmailVerification::new(email);
        of_owner!(
            self,
            request_email_verification
                | request_team_email_verification
                | request_organization_team_email_verification(&body),
            done
        )
    }

    /// Verifies an e-mail address by the code that was sent (`POST .../emails/verification-code/verify`). A second verification
    /// stores a second row.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a wrong code; else as [`emails`](Self::emails).
    pub async fn verify_email(&self, email: impl Into<String>, code: impl Into<String>) -> Result<VerifiedEmail> {
        let body = types::VerifyEmail::new(email, code);
        of_owner!(self, verify_email | verify_team_email | verify_organization_team_email(&body), fetch_documented)
    }

    /// Lists the verified phone numbers, page by page (`GET .../verified-resources/phones`).
    ///
    /// # Errors
    ///
    /// As [`emails`](Self::emails).
    pub async fn phones(&self) -> Result<List<VerifiedPhone>> {
        of_owner!(
            self,
            list_verified_phones | list_team_verified_phones | list_organization_team_verified_phones(),
            collect_items
        )
    }

    /// Reads one verified phone number (`GET .../phones/{id}`); `None` for an unknown one.
    ///
    /// # Errors
    ///
    /// As [`emails`](Self::emails).
    pub async fn phone(&self, id: impl Into<VerifiedResourceId>) -> Result<Option<VerifiedPhone>> {
        let id = id.into();
        of_owner!(
            self,
            get_verified_phone | get_team_verified_phone | get_organization_team_verified_phone(id.0),
            fetch_documented
        )
    }

    /// Sends a code to a phone number, in international form (`POST .../phones/verification-code/request`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for a number that is none; from the service if
    /// the provider refuses it. Else as [`emails`](Self::emails).
    pub async fn request_phone(&self, phone: impl AsRef<str>) -> Result<()> {
        let operations = [
            "request_phone_verification",
            "request_team_phone_verification",
            "request_organization_team_phone_verification",
        ];
        let body =
            types::RequestPhoneVerification::new(check_phone(phone.as_ref()).before(self.owner.pick(operations))?);
        of_owner!(
            self,
            request_phone_verification
                | request_team_phone_verification
                | request_organization_team_phone_verification(&body),
            done
        )
    }

    /// Verifies a phone number by the code that was sent (`POST .../phones/verification-code/verify`). A second verification
    /// stores a second row.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a wrong code, and before anything is sent for a number that is none;
    /// else as [`emails`](Self::emails).
    pub async fn verify_phone(&self, phone: impl AsRef<str>, code: impl Into<String>) -> Result<VerifiedPhone> {
        let operations = ["verify_phone", "verify_team_phone", "verify_organization_team_phone"];
        let body = types::VerifyPhone::new(check_phone(phone.as_ref()).before(self.owner.pick(operations))?, code);
        of_owner!(self, verify_phone | verify_team_phone | verify_organization_team_phone(&body), fetch_documented)
    }
}

/// Returns the number as the service takes it.
fn check_phone(phone: &str) -> Result<String> {
    crate::model::normalize_phone_number(phone)
        .map_err(|_| crate::Error::invalid("phone", "must be a phone number in international form"))
}

async fn done(request: crate::raw::Request<types::DoneResponse>) -> Result<()> {
    request.await.map(drop)
}
