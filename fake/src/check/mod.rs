//! Validation as the service does it: rules for properties, their messages, and the two forms of an error, a tree or a
//! message joined with commas.

pub(crate) mod rule;

use serde_json::{Map, Value, json};

pub(crate) use rule::{ValidationRule, is_email};

use super::reply::Reply;

/// The violations of one property.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) target: Value,
    pub(crate) value: Option<Value>,
    pub(crate) property: String,
    pub(crate) children: Vec<Violation>,
    pub(crate) constraints: Vec<(&'static str, String)>,
}

impl Violation {
    fn tree(&self) -> Value {
        let mut node = json!({
            "target": self.target,
            "property": self.property,
            "children": self.children.iter().map(Self::tree).collect::<Vec<_>>(),
        });
        if let Some(map) = node.as_object_mut() {
            if let Some(value) = &self.value {
                map.insert("value".to_owned(), value.clone());
            }
            if !self.constraints.is_empty() {
                let constraints: Map<String, Value> =
                    self.constraints.iter().map(|(key, text)| ((*key).to_owned(), text.clone().into())).collect();
                map.insert("constraints".to_owned(), constraints.into());
            }
        }
        node
    }

    fn text(&self) -> String {
        let own: Vec<&str> = self.constraints.iter().map(|(_, text)| text.as_str()).collect();
        format!("{} property is wrong,{} {}", self.property, own.join(", "), joined(&self.children))
    }
}

fn joined(violations: &[Violation]) -> String {
    violations.iter().map(Violation::text).collect::<Vec<_>>().join(", ")
}

/// 400 with a tree under `details.errors`.
pub(crate) fn tree_reply(violations: &[Violation]) -> Reply {
    let errors: Vec<Value> = violations.iter().map(Violation::tree).collect();
    Reply::error(400, "BadRequestException", "Bad Request Exception".to_owned(), Some(json!({ "errors": errors })))
}

/// 400 with all violations in one message.
pub(crate) fn comma_reply(violations: &[Violation]) -> Reply {
    Reply::exception(400, joined(violations))
}

/// Checks the properties of one object.
pub(crate) struct Checker<'a> {
    target: &'a Value,
    pub(crate) found: Vec<Violation>,
}

impl<'a> Checker<'a> {
    pub(crate) fn of(target: &'a Value) -> Self {
        Self { target, found: Vec::new() }
    }

    pub(crate) fn required(&mut self, name: &str, rules: &[ValidationRule]) -> &mut Self {
        self.check(name, rules, false)
    }

    /// Checks a property unless it is absent or null.
    pub(crate) fn optional(&mut self, name: &str, rules: &[ValidationRule]) -> &mut Self {
        self.check(name, rules, true)
    }

    fn check(&mut self, name: &str, rules: &[ValidationRule], optional: bool) -> &mut Self {
        let value = self.target.get(name);
        if optional && value.is_none_or(Value::is_null) {
            return self;
        }
        let constraints: Vec<(&'static str, String)> =
            rules.iter().filter_map(|rule| rule.violation_message(name, value)).collect();
        if !constraints.is_empty() {
            self.push(name, constraints, Vec::new());
        }
        self
    }

    /// Whether a property is present and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.target.get(name).is_some_and(|value| !value.is_null())
    }

    /// Adds a violation that the caller found.
    pub(crate) fn push(&mut self, name: &str, constraints: Vec<(&'static str, String)>, children: Vec<Violation>) {
        self.found.push(Violation {
            target: self.target.clone(),
            value: self.target.get(name).cloned(),
            property: name.to_owned(),
            children,
            constraints,
        });
    }

    /// Checks the properties of the object under `name`.
    pub(crate) fn nested(&mut self, name: &str, required: bool, check: impl FnOnce(&mut Checker<'_>)) -> &mut Self {
        match self.target.get(name) {
            None | Some(Value::Null) => {
                if required {
                    let text = format!("{name} should not be null or undefined");
                    self.push(name, vec![("isDefined", text)], Vec::new());
                }
            }
            Some(value @ Value::Object(_)) => {
                let mut inner = Checker::of(value);
                check(&mut inner);
                if !inner.found.is_empty() {
                    let children = inner.found;
                    self.push(name, Vec::new(), children);
                }
            }
            Some(_) => {
                let text = format!("nested property {name} must be either object or array");
                self.push(name, vec![("nestedValidation", text)], Vec::new());
            }
        }
        self
    }

    /// Checks the list under `name` with `rules`, and each of its objects with `check`.
    pub(crate) fn each(
        &mut self,
        name: &str,
        required: bool,
        rules: &[ValidationRule],
        check: impl Fn(&mut Checker<'_>),
    ) -> &mut Self {
        let value = self.target.get(name);
        if value.is_none_or(Value::is_null) && !required {
            return self;
        }
        let constraints: Vec<(&'static str, String)> =
            rules.iter().filter_map(|rule| rule.violation_message(name, value)).collect();
        let mut children = Vec::new();
        for (index, item) in value.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let mut inner = Checker::of(item);
            check(&mut inner);
            if !inner.found.is_empty() {
                children.push(Violation {
                    target: value.cloned().unwrap_or_default(),
                    value: Some(item.clone()),
                    property: index.to_string(),
                    children: inner.found,
                    constraints: Vec::new(),
                });
            }
        }
        if !constraints.is_empty() || !children.is_empty() {
            self.push(name, constraints, children);
        }
        self
    }

    /// Adds a violation for each property that is not in `known`, before all others.
    pub(crate) fn only(&mut self, known: &[&str]) -> &mut Self {
        let unknown: Vec<String> = self
            .target
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys())
            .filter(|key| !known.contains(&key.as_str()))
            .cloned()
            .collect();
        for name in unknown {
            let text = format!("property {name} should not exist");
            self.push(&name, vec![("whitelistValidation", text)], Vec::new());
        }
        self
    }

    pub(crate) fn tree(&self) -> Result<(), Reply> {
        if self.found.is_empty() { Ok(()) } else { Err(tree_reply(&self.found)) }
    }

    pub(crate) fn commas(&self) -> Result<(), Reply> {
        if self.found.is_empty() { Ok(()) } else { Err(comma_reply(&self.found)) }
    }
}
