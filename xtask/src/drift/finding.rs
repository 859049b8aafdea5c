//! The findings of a comparison.

use std::fmt;

/// A kind of difference. Its names are those of `openapi/DEVIATIONS.md` and of the JSON report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    OperationNew,
    OperationGone,
    Version,
    Credentials,
    Scopes,
    Status,
    ParameterNew,
    ParameterGone,
    ParameterRenamed,
    BodyNew,
    BodyGone,
    FieldNew,
    FieldGone,
    ArmNew,
    ArmGone,
    Required,
    Optional,
    Type,
    Nullable,
    NotNullable,
    EnumClosed,
    EnumOpen,
    ValueNew,
    ValueGone,
    Bounds,
    Default,
    Style,
}

impl Change {
    pub const ALL: [Self; 27] = [
        Self::OperationNew,
        Self::OperationGone,
        Self::Version,
        Self::Credentials,
        Self::Scopes,
        Self::Status,
        Self::ParameterNew,
        Self::ParameterGone,
        Self::ParameterRenamed,
        Self::BodyNew,
        Self::BodyGone,
        Self::FieldNew,
        Self::FieldGone,
        Self::ArmNew,
        Self::ArmGone,
        Self::Required,
        Self::Optional,
        Self::Type,
        Self::Nullable,
        Self::NotNullable,
        Self::EnumClosed,
        Self::EnumOpen,
        Self::ValueNew,
        Self::ValueGone,
        Self::Bounds,
        Self::Default,
        Self::Style,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::OperationNew => "operation-new",
            Self::OperationGone => "operation-gone",
            Self::Version => "version",
            Self::Credentials => "credentials",
            Self::Scopes => "scopes",
            Self::Status => "status",
            Self::ParameterNew => "parameter-new",
            Self::ParameterGone => "parameter-gone",
            Self::ParameterRenamed => "parameter-renamed",
            Self::BodyNew => "body-new",
            Self::BodyGone => "body-gone",
            Self::FieldNew => "field-new",
            Self::FieldGone => "field-gone",
            Self::ArmNew => "arm-new",
            Self::ArmGone => "arm-gone",
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Type => "type",
            Self::Nullable => "nullable",
            Self::NotNullable => "not-nullable",
            Self::EnumClosed => "enum-closed",
            Self::EnumOpen => "enum-open",
            Self::ValueNew => "value-new",
            Self::ValueGone => "value-gone",
            Self::Bounds => "bounds",
            Self::Default => "default",
            Self::Style => "style",
        }
    }

    /// The change as a sentence, in which `{ours}` and `{published}` are replaced.
    fn sentence(self) -> &'static str {
        match self {
            Self::OperationNew => "new operation",
            Self::OperationGone => "the published document does not have this operation",
            Self::Version => "version: ours {ours}, published {published}",
            Self::Credentials => "credentials: ours {ours}, published {published}",
            Self::Scopes => "scopes of OAuth tokens: ours {ours}, published {published}",
            Self::Status => "success status: ours {ours}, published {published}",
            Self::ParameterNew => "new parameter ({published})",
            Self::ParameterGone => "the published document does not have this parameter",
            Self::ParameterRenamed => "the published document names this parameter {published}",
            Self::BodyNew => "new body ({published})",
            Self::BodyGone => "the published document has no body here",
            Self::FieldNew => "new field ({published})",
            Self::FieldGone => "the published document does not have this field",
            Self::ArmNew => "new alternative {published}",
            Self::ArmGone => "the published document does not have the alternative {ours}",
            Self::Required => "required in the published document, optional in ours",
            Self::Optional => "optional in the published document, required in ours",
            Self::Type => "type: ours {ours}, published {published}",
            Self::Nullable => "nullable in the published document, not in ours",
            Self::NotNullable => "not nullable in the published document, but in ours",
            Self::EnumClosed => "a closed enum in the published document ({published}), open in ours",
            Self::EnumOpen => "open in the published document, a closed enum in ours ({ours})",
            Self::ValueNew => "new enum value {published}",
            Self::ValueGone => "the published document does not have the enum value {ours}",
            Self::Bounds => "bounds: ours {ours}, published {published}",
            Self::Default => "default: ours {ours}, published {published}",
            Self::Style => "written in another way: ours {ours}, published {published}",
        }
    }
}

/// A difference between the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Method and route, in the spelling of our document if it has the operation.
    pub operation: String,
    /// `operation`, `path NAME`, `query NAME`, `header NAME`, `cookie NAME`, `request[ FIELD]` or `response[ FIELD]`.
    pub place: String,
    pub change: Change,
    /// The value of our document, if the change has two values.
    pub ours: Option<String>,
    pub published: Option<String>,
}

impl Finding {
    /// The change and its values in the form of a deviation: `type integer → number`, `value-new seat`.
    pub fn change_text(&self) -> String {
        let word = self.change.word();
        match (&self.ours, &self.published) {
            (Some(ours), Some(published)) => format!("{word} {ours} → {published}"),
            (Some(value), None) | (None, Some(value)) => format!("{word} {value}"),
            (None, None) => word.to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
        let sentence = self.change.sentence().replace("{ours}", &side(&self.ours));
        let sentence = sentence.replace("{published}", &side(&self.published));
        match self.place.as_str() {
            "operation" => f.write_str(&sentence),
            place => write!(f, "{place}: {sentence}"),
        }
    }
}
