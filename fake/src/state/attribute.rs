//! Attributes of the users of an organization, their options, and who has which.

use jiff::Timestamp;

/// An attribute of an organization, such as a department.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub id: String,
    pub organization: i64,
    /// `TEXT`, `NUMBER`, `SINGLE_SELECT` or `MULTI_SELECT`.
    pub kind: String,
    pub name: String,
    pub slug: String,
    pub enabled: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// A value that users can have.
#[derive(Clone, Debug)]
pub struct AttributeOption {
    pub id: String,
    pub attribute: String,
    pub value: String,
    pub slug: String,
}

/// An option that a user has.
#[derive(Clone, Debug)]
pub struct AttributeAssignment {
    pub id: String,
    /// The membership of the user in the organization.
    pub member: i64,
    pub user: i64,
    pub option: String,
    pub weight: Option<f64>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// All attributes of all organizations.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    pub attributes: Vec<Attribute>,
    pub options: Vec<AttributeOption>,
    pub assignments: Vec<AttributeAssignment>,
}

impl Attributes {
    pub fn get(&self, organization: i64, id: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.organization == organization && attribute.id == id)
    }

    pub fn option(&self, id: &str) -> Option<&AttributeOption> {
        self.options.iter().find(|option| option.id == id)
    }

    /// Whether a user has an option.
    pub fn has(&self, user: i64, option: &str) -> bool {
        self.assignments.iter().any(|assigned| assigned.user == user && assigned.option == option)
    }

    /// Removes options, and takes them from their users.
    pub fn remove_options(&mut self, gone: impl Fn(&AttributeOption) -> bool) {
        self.options.retain(|option| !gone(option));
        let options = &self.options;
        self.assignments.retain(|assigned| options.iter().any(|option| option.id == assigned.option));
    }
}
