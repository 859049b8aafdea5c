//! Attributes of the users of an organization, and what they are set to.

#[cfg(feature = "organizations")]
mod input;

use super::{
    AttributeId, AttributeOptionId, UserId,
    one_form::{null_as_default, one_form},
    open_enum::open_enum,
};

#[cfg(feature = "organizations")]
pub(crate) use self::input::check_weight;
#[cfg(feature = "organizations")]
pub use self::input::{AssignAttribute, CreateAttribute, NewAttributeOption, UpdateAttribute};

open_enum! {
    /// The type of an attribute.
    ///
    /// ```
    /// use calcom::model::AttributeType;
    ///
    /// assert_eq!(AttributeType::from("SINGLE_SELECT"), AttributeType::SingleSelect);
    /// ```
    pub enum AttributeType {
        /// A text.
        Text = "TEXT",
        /// A number.
        Number = "NUMBER",
        /// One of the options. The service does not refuse a second one.
        SingleSelect = "SINGLE_SELECT",
        /// Some of the options.
        MultiSelect = "MULTI_SELECT",
    }
}

one_form! {
    /// A property that an organization defines for its users, such as the department. Routing and lists of users use it.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for attribute in &client.organization(1).attributes().list().await? {
    ///     println!("{}: {:?}", attribute.name, attribute.kind);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct Attribute {
        /// The id of the attribute.
        pub id: AttributeId,
        /// The name.
        pub name: String,
        /// The key, unique in the organization.
        pub slug: String,
        /// The type.
        #[serde(rename = "type")]
        pub kind: AttributeType,
        /// Whether it is in use.
        #[serde(default, deserialize_with = "null_as_default")]
        pub enabled: bool,
        /// Whether users can change their own value.
        #[serde(default, deserialize_with = "null_as_default")]
        pub users_can_edit_relation: bool,
    }
    nested: [],
    areas: ["organizations"],
    wire: crate::generated::types::Attribute,
    shows: { id, kind, enabled, users_can_edit_relation },
}

one_form! {
    /// An option of an attribute. Each text and number that a user has is an option too.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for option in &client.organization(1).attributes().of_user(3).await? {
    ///     println!("{}: {}", option.attribute_id, option.value);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct AttributeOption {
        /// The id of the option.
        pub id: AttributeOptionId,
        /// The attribute.
        pub attribute_id: AttributeId,
        /// The value, the name of the option.
        pub value: String,
        /// The key.
        #[serde(default)]
        pub slug: Option<String>,
        /// The users who have it; only lists of assigned options have them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub assigned_user_ids: Vec<UserId>,
    }
    nested: [],
    areas: ["organizations"],
    wire: crate::generated::types::AttributeOption,
    shows: { id, attribute_id, assigned_user_ids },
}

one_form! {
    /// The assignment of an option of an attribute to a user.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::AssignAttribute;
    ///
    /// let how = AssignAttribute::value("063d1de3-cc5e-4b75-a504-d2e9a84b07a5", "Mimi");
    /// let assignment = client.organization(1).attributes().assign(3, &how).await?;
    /// println!("{:?}", assignment.attribute_option_id);
    /// # Ok(()) }
    /// ```
    pub struct AttributeAssignment {
        /// The id of the assignment.
        pub id: String,
        /// The option.
        pub attribute_option_id: AttributeOptionId,
        /// How often the user is chosen by the option, relative to others; `None` if it is not weighted.
        #[serde(default)]
        pub weight: Option<f64>,
    }
    nested: [],
    areas: ["organizations"],
    wire: crate::generated::types::AttributeAssignment,
    shows: { id, attribute_option_id, weight },
}
