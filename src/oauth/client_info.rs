//! What the service returns of an OAuth client.

use crate::raw::types;

/// What a consent page shows of an OAuth client; from [`OAuthApp::client_info`](super::OAuthApp::client_info).
///
/// ```no_run
/// # async fn example(app: calcom::oauth::OAuthApp) -> Result<(), calcom::oauth::OAuthError> {
/// let client = app.client_info().await?;
/// println!("{:?} returns to {:?}", client.name, client.redirect_uris);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthAppInfo {
    /// The id.
    pub id: String,
    /// The name that users see.
    pub name: Option<String>,
    /// The address of the logo.
    pub logo: Option<String>,
    /// The registered redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Whether the service marks it as trusted.
    pub is_trusted: bool,
    /// Whether it has a secret; `None` if the service does not say it.
    pub is_confidential: Option<bool>,
}

impl OAuthAppInfo {
    /// From any of the forms that servers write.
    pub(super) fn of_wire(client: types::OAuth2Client) -> Self {
        let other = |name: &str| client.extra.get(name).cloned();
        let text = |name: &str| other(name).and_then(|value| value.as_str().map(str::to_owned));
        let single = client.redirect_uri.clone().or_else(|| text("redirect_uri"));
        let mut redirect_uris = client.redirect_uris.clone();
        redirect_uris.extend(single.filter(|uri| !client.redirect_uris.contains(uri)));
        let trusted = client.is_trusted.or_else(|| other("isTrusted").and_then(|value| value.as_bool()));
        let kind = client.client_type.clone().or_else(|| client.type_.clone());
        Self {
            id: client.client_id.clone().or_else(|| client.id.clone()).unwrap_or_default(),
            name: client.name.clone(),
            logo: client.logo.clone(),
            redirect_uris,
            is_trusted: trusted.unwrap_or_default(),
            is_confidential: kind.map(|kind| kind == "CONFIDENTIAL"),
        }
    }
}
