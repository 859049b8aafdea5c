//! Requests to create, change and assign attributes.

use serde::{Deserialize, Serialize};

use super::AttributeType;
use crate::{
    Error, Result,
    generated::types,
    model::{AttributeId, AttributeOptionId},
    redact::debug_shows,
};

/// The request to create an attribute.
///
/// ```
/// use calcom::model::{AttributeType, CreateAttribute};
///
/// let department = CreateAttribute::new("Department", "department", AttributeType::SingleSelect)
///     .option("Sales", "sales")
///     .option("Support", "support");
/// // client.organization(1).attributes().create(&department).await?;
/// # assert_eq!(department.options.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateAttribute {
    /// The name.
    pub name: String,
    /// The slug, unique in the organization.
    pub slug: String,
    /// The type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// The options; none for texts and numbers.
    #[serde(default, deserialize_with = "crate::model::null_as_none")]
    pub options: Vec<NewAttributeOption>,
    /// Whether it is in use; default `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// An option of a new attribute.
///
/// ```
/// use calcom::model::NewAttributeOption;
///
/// let sales = NewAttributeOption::new("Sales", "sales");
/// # assert_eq!(sales.slug, "sales");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NewAttributeOption {
    /// The value, the name of the option.
    pub value: String,
    /// The key.
    pub slug: String,
}

impl NewAttributeOption {
    /// An option with this value and this key.
    pub fn new(value: impl Into<String>, slug: impl Into<String>) -> Self {
        Self { value: value.into(), slug: slug.into() }
    }
}

/// The request to change an attribute. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::model::UpdateAttribute;
///
/// let changes = UpdateAttribute::new().name("Team").enabled(false);
/// # assert_eq!(changes.enabled, Some(false));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateAttribute {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The slug, unique in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Whether it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The request to assign an attribute to a user: one of its options, or a value for a text or a number.
///
/// Each assignment is one more: it does not replace an earlier one.
///
/// ```
/// use calcom::model::AssignAttribute;
///
/// let option = AssignAttribute::option("a02ada61-d4ae", "a39e1123-9e08").weight(75.0);
/// let number = AssignAttribute::value("84b4000d-45d2", "7");
/// // client.organization(1).attributes().assign(3, &option).await?;
/// # let _ = (option, number);
/// ```
#[derive(Clone, PartialEq)]
pub struct AssignAttribute {
    attribute: AttributeId,
    what: OptionOrValue,
    weight: Option<f64>,
}

#[derive(Clone, PartialEq)]
enum OptionOrValue {
    Option(AttributeOptionId),
    Value(String),
}

debug_shows!(AssignAttribute { attribute, weight });

impl CreateAttribute {
    /// An attribute without options.
    pub fn new(name: impl Into<String>, slug: impl Into<String>, kind: impl Into<AttributeType>) -> Self {
        Self { name: name.into(), slug: slug.into(), kind: kind.into(), options: Vec::new(), enabled: None }
    }

    /// Adds an option with this value and this key.
    #[must_use]
    pub fn option(mut self, value: impl Into<String>, slug: impl Into<String>) -> Self {
        self.options.push(NewAttributeOption::new(value, slug));
        self
    }

    /// Sets whether it is in use.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// The body of `POST /v2/organizations/{orgId}/attributes`.
    pub(crate) fn to_wire(&self) -> types::CreateOrganizationAttribute {
        let option = |option: &NewAttributeOption| types::CreateOrganizationAttributeOption {
            value: option.value.clone(),
            slug: option.slug.clone(),
        };
        let options: Vec<_> = self.options.iter().map(option).collect();
        let kind: types::CreateOrganizationAttributeType = self.kind.as_str().into();
        let mut body = types::CreateOrganizationAttribute::new(self.name.clone(), self.slug.clone(), kind, options);
        body.enabled = self.enabled;
        body
    }
}

impl UpdateAttribute {
    /// A request without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the key.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = Some(slug.into());
        self
    }

    /// Sets whether it is in use.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// The body of `PATCH /v2/organizations/{orgId}/attributes/{attributeId}`.
    pub(crate) fn to_wire(&self) -> types::UpdateOrganizationAttribute {
        let mut body = types::UpdateOrganizationAttribute::new();
        body.name.clone_from(&self.name);
        body.slug.clone_from(&self.slug);
        body.enabled = self.enabled;
        body
    }
}

impl AssignAttribute {
    /// An option of an attribute with options.
    pub fn option(attribute: impl Into<AttributeId>, option: impl Into<AttributeOptionId>) -> Self {
        Self { attribute: attribute.into(), what: OptionOrValue::Option(option.into()), weight: None }
    }

    /// A text or a number, as a text, of an attribute without options.
    pub fn value(attribute: impl Into<AttributeId>, value: impl Into<String>) -> Self {
        Self { attribute: attribute.into(), what: OptionOrValue::Value(value.into()), weight: None }
    }

    /// Sets how often the user is chosen by the option, relative to others; at least 0.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = Some(weight);
        self
    }

    /// The body of `POST /v2/organizations/{orgId}/attributes/options/{userId}`.
    pub(crate) fn to_wire(&self) -> Result<types::AssignAttributeOption> {
        let mut body = types::AssignAttributeOption::new(self.attribute.as_str());
        match &self.what {
            OptionOrValue::Option(option) => body.attribute_option_id = Some(option.as_str().to_owned()),
            OptionOrValue::Value(value) => body.value = Some(value.clone()),
        }
        body.weight = self.weight.map(check_weight).transpose()?;
        Ok(body)
    }
}

/// Refuses a weight that is negative or no number.
pub(crate) fn check_weight(weight: f64) -> Result<f64> {
    if weight.is_finite() && weight >= 0.0 { Ok(weight) } else { Err(Error::invalid("weight", "must be at least 0")) }
}
