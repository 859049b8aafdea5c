//! The attributes of the users of an organization, and their options.

use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::route::Route;
use super::super::super::state::attribute::{Attribute, AttributeOption};
use super::super::super::state::{IdKind, State, TeamRole};
use super::super::handler::finish;
use super::{access, page, route};

const KINDS: &[&str] = &["TEXT", "NUMBER", "SINGLE_SELECT", "MULTI_SELECT"];
const ALL: &str = "/organizations/{orgId}/attributes";
const ONE: &str = "/organizations/{orgId}/attributes/{attributeId}";
const OPTIONS: &str = "/organizations/{orgId}/attributes/{attributeId}/options";
const OPTION: &str = "/organizations/{orgId}/attributes/{attributeId}/options/{optionId}";

pub(crate) const ROUTES: &[Route] = &[
    route("list_organization_attributes", "GET", ALL, list),
    route("create_organization_attribute", "POST", ALL, create),
    route("get_organization_attribute", "GET", ONE, get),
    route("update_organization_attribute", "PATCH", ONE, update),
    route("delete_organization_attribute", "DELETE", ONE, delete),
    route("list_attribute_options", "GET", OPTIONS, list_options),
    route("create_attribute_option", "POST", OPTIONS, create_option),
    route("update_attribute_option", "PATCH", OPTION, update_option),
    route("delete_attribute_option", "DELETE", OPTION, delete_option),
];

const NOT_EMPTY: ValidationRule = ValidationRule::Custom("isNotEmpty", is_not_empty, "$property should not be empty");

fn is_not_empty(value: &Value) -> bool {
    !value.is_null() && *value != json!("")
}

fn render(attribute: &Attribute) -> Value {
    json!({
        "id": attribute.id,
        "teamId": attribute.organization,
        "type": attribute.kind,
        "name": attribute.name,
        "slug": attribute.slug,
        "enabled": attribute.enabled,
        "usersCanEditRelation": false,
        "createdAt": millis(attribute.created),
        "updatedAt": millis(attribute.updated),
        "isWeightsEnabled": false,
        "isLocked": false,
    })
}

pub(super) fn render_option(option: &AttributeOption) -> Value {
    json!({ "id": option.id, "attributeId": option.attribute, "value": option.value, "slug": option.slug,
        "isGroup": false, "contains": [] })
}

/// The service's error for a record that does not exist.
fn no_record() -> Reply {
    Reply::coded(404, "NOT_FOUND", "Invalid Query: The requested record was not found.")
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Member).and_then(|org| {
        let page = page::of(request)?;
        let of_org = state.attributes.attributes.iter().filter(|attribute| attribute.organization == org);
        Ok(Reply::ok(page.cut(of_org.map(render))))
    }))
}

/// An unknown attribute is null, with 200.
fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Member).map(|org| {
        let found = state.attributes.get(org, request.param("attributeId"));
        Reply::ok(found.map(render).unwrap_or_default())
    }))
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let organization = access::organization(state, request, TeamRole::Admin)?;
    let mut checker = Checker::of(&request.body);
    checker
        .required("name", &[NOT_EMPTY, ValidationRule::String])
        .required("slug", &[NOT_EMPTY, ValidationRule::String])
        .required("type", &[NOT_EMPTY, ValidationRule::Enum(KINDS)]);
    check_options(&mut checker, request);
    checker.optional("enabled", &[ValidationRule::Boolean]).tree()?;
    let text = |name: &str| request.text(name).unwrap_or_default().to_owned();
    if state.attributes.attributes.iter().any(|known| known.organization == organization && known.slug == text("slug"))
    {
        return Err(super::resource::taken_record());
    }
    let (id, now) = (state.ids.uuid(IdKind::Attribute), state.now());
    for option in request.fields().get("options").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| option[name].as_str().unwrap_or_default().to_owned();
        insert_option(state, &id, text("value"), text("slug"));
    }
    let enabled = request.fields().get("enabled").and_then(Value::as_bool).unwrap_or(true);
    let attribute = Attribute {
        id,
        organization,
        kind: text("type"),
        name: text("name"),
        slug: text("slug"),
        enabled,
        created: now,
        updated: now,
    };
    let reply = Reply::created(render(&attribute));
    state.attributes.attributes.push(attribute);
    Ok(reply)
}

fn check_options(checker: &mut Checker<'_>, request: &Request) {
    let items = request.fields().get("options").and_then(Value::as_array).into_iter().flatten();
    let mut plain = items.enumerate().filter(|(_, item)| !item.is_object()).peekable();
    if plain.peek().is_none() {
        checker.each("options", true, &[ValidationRule::Array], |option| {
            option
                .required("value", &[NOT_EMPTY, ValidationRule::String])
                .required("slug", &[NOT_EMPTY, ValidationRule::String]);
        });
        return;
    }
    let options = request.fields().get("options").cloned().unwrap_or_default();
    let mut inner = Checker::of(&options);
    for (at, _) in plain {
        let text = "each value in nested property options must be either object or array".to_owned();
        inner.push(&at.to_string(), vec![("nestedValidation", text)], Vec::new());
    }
    for (violation, item) in inner.found.iter_mut().zip(options.as_array().into_iter().flatten()) {
        violation.value = Some(item.clone());
    }
    checker.push("options", Vec::new(), inner.found);
}

pub(super) fn insert_option(state: &mut State, attribute: &str, value: String, slug: String) -> AttributeOption {
    let id = state.ids.uuid(IdKind::AttributeOption);
    let option = AttributeOption { id, attribute: attribute.to_owned(), value, slug };
    state.attributes.options.push(option.clone());
    option
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let org = access::organization(state, request, TeamRole::Admin)?;
    if ["name", "slug", "type", "enabled"].iter().any(|name| request.fields().get(*name).is_some_and(Value::is_null)) {
        return Err(Reply::internal());
    }
    Checker::of(&request.body)
        .optional("name", &[ValidationRule::String])
        .optional("slug", &[ValidationRule::String])
        .optional("type", &[ValidationRule::Enum(KINDS)])
        .optional("enabled", &[ValidationRule::Boolean])
        .tree()?;
    let now = state.now();
    let id = request.param("attributeId");
    let has_slug =
        |known: &Attribute| known.organization == org && known.id != id && Some(&*known.slug) == request.text("slug");
    if state.attributes.get(org, id).is_some() && state.attributes.attributes.iter().any(has_slug) {
        return Err(super::resource::taken_record());
    }
    let mut all = state.attributes.attributes.iter_mut();
    let attribute = all.find(|known| known.organization == org && known.id == id).ok_or_else(no_record)?;
    set(&mut attribute.name, request, "name");
    set(&mut attribute.slug, request, "slug");
    set(&mut attribute.kind, request, "type");
    if let Some(enabled) = request.fields().get("enabled").and_then(Value::as_bool) {
        attribute.enabled = enabled;
    }
    attribute.updated = now;
    Ok(Reply::ok(render(attribute)))
}

/// Changes a text, if the body has it.
fn set(text: &mut String, request: &Request, name: &str) {
    if let Some(new) = request.text(name) {
        new.clone_into(text);
    }
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let found = state.attributes.get(org, request.param("attributeId")).cloned().ok_or_else(no_record)?;
        state.attributes.remove_options(|option| option.attribute == found.id);
        state.attributes.attributes.retain(|known| known.id != found.id);
        Ok(Reply::ok(render(&found)))
    }))
}

/// The options of any attribute: the service does not compare its organization.
fn list_options(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Member).map(|_| {
        let of = |option: &&AttributeOption| option.attribute == request.param("attributeId");
        Reply::ok(state.attributes.options.iter().filter(of).map(render_option).collect())
    }))
}

fn create_option(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|_| {
        Checker::of(&request.body)
            .required("value", &[NOT_EMPTY, ValidationRule::String])
            .required("slug", &[NOT_EMPTY, ValidationRule::String])
            .tree()?;
        let id = request.param("attributeId");
        if !state.attributes.attributes.iter().any(|known| known.id == id) {
            return Err(Reply::coded(400, "BAD_REQUEST", "Invalid input: The referenced data does not exist."));
        }
        let text = |name: &str| request.text(name).unwrap_or_default().to_owned();
        let option = insert_option(state, id, text("value"), text("slug"));
        Ok(Reply::created(render_option(&option)))
    }))
}

fn update_option(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|_| {
        if ["value", "slug"].iter().any(|name| request.fields().get(*name).is_some_and(Value::is_null)) {
            return Err(Reply::internal());
        }
        Checker::of(&request.body)
            .optional("value", &[ValidationRule::String])
            .optional("slug", &[ValidationRule::String])
            .tree()?;
        let at = position(state, request)?;
        let option = &mut state.attributes.options[at];
        set(&mut option.value, request, "value");
        set(&mut option.slug, request, "slug");
        Ok(Reply::ok(render_option(option)))
    }))
}

fn position(state: &State, request: &Request) -> Result<usize, Reply> {
    let (attribute, id) = (request.param("attributeId"), request.param("optionId"));
    let mut all = state.attributes.options.iter();
    all.position(|option| option.attribute == attribute && option.id == id).ok_or_else(no_record)
}

fn delete_option(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|_| {
        let option = state.attributes.options[position(state, request)?].clone();
        state.attributes.remove_options(|other| other.id == option.id);
        Ok(Reply::ok(render_option(&option)))
    }))
}
