//! The attributes of the users of an organization, and their assignments.

use crate::{
    Client, Result,
    facade::{
        CheckBefore, ItemStream, List, fetch_documented,
        items::{collect_items, stream_items},
    },
    model::{
        AssignAttribute, Attribute, AttributeAssignment, AttributeId, AttributeOption, AttributeOptionId,
        CreateAttribute, OrganizationId, TeamId, UpdateAttribute, UserId, check_weight,
    },
    raw::types,
};

/// The attributes of the users of an organization, such as a department; from
/// [`OrganizationApi::attributes`](super::OrganizationApi::attributes).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{AssignAttribute, AttributeType, CreateAttribute};
///
/// let attributes = client.organization(1).attributes();
/// let department = CreateAttribute::new("Department", "department", AttributeType::SingleSelect).option("Sales", "sales");
/// let department = attributes.create(&department).await?;
/// for option in &attributes.options(&department.id).await? {
///     attributes.assign(3, &AssignAttribute::option(&department.id, &option.id)).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Attributes {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
}

impl Attributes {
    /// Lists all attributes, page by page (`GET /v2/organizations/{orgId}/attributes`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no member of the organization.
    pub async fn list(&self) -> Result<List<Attribute>> {
        self.stream().try_collect().await
    }

    /// Streams the attributes of [`list`](Self::list), page by page.
    pub fn stream(&self) -> ItemStream<Attribute> {
        stream_items(self.client.raw().list_organization_attributes(self.organization.0))
    }

    /// Reads one attribute (`GET .../attributes/{attributeId}`); `None` for an unknown one.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn get(&self, id: impl Into<AttributeId>) -> Result<Option<Attribute>> {
        fetch_documented(self.client.raw().get_organization_attribute(self.organization.0, id.into().as_str())).await
    }

    /// Creates an attribute (`POST .../attributes`). The response does not have its options.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator of the organization.
    pub async fn create(&self, attribute: &CreateAttribute) -> Result<Attribute> {
        let request = self.client.raw().create_organization_attribute(self.organization.0, &attribute.to_wire());
        fetch_documented(request).await
    }

    /// Changes an attribute (`PATCH .../attributes/{attributeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one; else as [`create`](Self::create).
    pub async fn update(&self, id: impl Into<AttributeId>, changes: &UpdateAttribute) -> Result<Attribute> {
        let (id, body) = (id.into(), changes.to_wire());
        fetch_documented(self.client.raw().update_organization_attribute(self.organization.0, id.as_str(), &body)).await
    }

    /// Deletes an attribute (`DELETE .../attributes/{attributeId}`), and returns what it was.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn delete(&self, id: impl Into<AttributeId>) -> Result<Attribute> {
        fetch_documented(self.client.raw().delete_organization_attribute(self.organization.0, id.into().as_str())).await
    }

    /// Lists the options of an attribute (`GET .../attributes/{attributeId}/options`); empty for an unknown one.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn options(&self, id: impl Into<AttributeId>) -> Result<List<AttributeOption>> {
        collect_items(self.client.raw().list_attribute_options(self.organization.0, id.into().as_str())).await
    }

    /// Lists the options of an attribute that users have, with these users; only those of members of the teams, if there are any
    /// (`GET .../attributes/{attributeId}/options/assigned`).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn assigned_options(
        &self,
        id: impl Into<AttributeId>,
        teams: impl IntoIterator<Item = impl Into<TeamId>>,
    ) -> Result<List<AttributeOption>> {
        let mut request = self.client.raw().list_assigned_options(self.organization.0, id.into().as_str());
        for team in teams {
            request = request.team_ids(team.into().0);
        }
        collect_items(request).await
    }

    /// Adds an option to an attribute (`POST .../attributes/{attributeId}/options`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an unknown attribute; else as [`create`](Self::create).
    pub async fn create_option(
        &self,
        id: impl Into<AttributeId>,
        value: impl Into<String>,
        slug: impl Into<String>,
    ) -> Result<AttributeOption> {
        let body = types::CreateOrganizationAttributeOption { value: value.into(), slug: slug.into() };
        let request = self.client.raw().create_attribute_option(self.organization.0, id.into().as_str(), &body);
        fetch_documented(request).await
    }

    /// Deletes an option of an attribute (`DELETE .../attributes/{attributeId}/options/{optionId}`), and returns what it was.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn delete_option(
        &self,
        id: impl Into<AttributeId>,
        option: impl Into<AttributeOptionId>,
    ) -> Result<AttributeOption> {
        let (id, option) = (id.into(), option.into());
        let raw = self.client.raw();
        fetch_documented(raw.delete_attribute_option(self.organization.0, id.as_str(), option.as_str())).await
    }

    /// Lists what a user has: options, texts and numbers (`GET .../attributes/options/{userId}`).
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn of_user(&self, user: impl Into<UserId>) -> Result<List<AttributeOption>> {
        collect_items(self.client.raw().list_user_attribute_options(self.organization.0, user.into().0)).await
    }

    /// Assigns an option or a value to a user (`POST .../attributes/options/{userId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for a weight that is negative; from the
    /// service for an unknown option, or a value of an attribute with options. [`Error::Conflict`](crate::Error::Conflict) if
    /// the user has the option. [`Error::NotFound`](crate::Error::NotFound) for an unknown attribute.
    /// [`Error::Permission`](crate::Error::Permission) for a user outside the organization.
    pub async fn assign(&self, user: impl Into<UserId>, what: &AssignAttribute) -> Result<AttributeAssignment> {
        let (user, body) = (user.into(), what.to_wire().before("assign_attribute_option")?);
        fetch_documented(self.client.raw().assign_attribute_option(self.organization.0, user.0, &body)).await
    }

    /// Changes how often a user is chosen by an option, relative to others (`PATCH
    /// .../attributes/options/{userId}/{attributeOptionId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers;
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for a weight that is negative.
    pub async fn set_weight(
        &self,
        user: impl Into<UserId>,
        option: impl Into<AttributeOptionId>,
        weight: f64,
    ) -> Result<AttributeAssignment> {
        let (user, option, raw) = (user.into(), option.into(), self.client.raw());
        let mut body = types::UpdateAttributeAssignment::new();
        body.weight = Some(check_weight(weight).before("update_attribute_assignment")?);
        fetch_documented(raw.update_attribute_assignment(self.organization.0, user.0, option.as_str(), &body)).await
    }

    /// Removes an option or a value from a user (`DELETE .../attributes/options/{userId}/{attributeOptionId}`), and returns the
    /// assignment as it was. Self-hosted servers let every member of the organization do it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if the user does not have it.
    pub async fn unassign(
        &self,
        user: impl Into<UserId>,
        option: impl Into<AttributeOptionId>,
    ) -> Result<AttributeAssignment> {
        let (user, option, raw) = (user.into(), option.into(), self.client.raw());
        fetch_documented(raw.unassign_attribute_option(self.organization.0, user.0, option.as_str())).await
    }
}
