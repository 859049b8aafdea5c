//! Credentials: security schemes, else headers.

use serde_json::{Value, json};

use super::{compared, lines, remove, set, small};

/// The lines about a document whose `security` and security schemes are these.
fn secured(security: Value, schemes: Value) -> Vec<String> {
    let mut published = small();
    set(&mut published, "/paths/~1v2~1rooms/get/security", security);
    for (name, scheme) in schemes.as_object().unwrap() {
        set(&mut published, &format!("/components/securitySchemes/{name}"), scheme.clone());
    }
    lines(&compared(published, ""))
}

fn line(published: &str) -> Vec<String> {
    vec![format!("GET /v2/rooms | credentials: ours required (http bearer), published {published}")]
}

#[test]
fn a_scheme_is_what_is_sent_whatever_its_name_is() {
    let bearer = json!({"type": "http", "scheme": "Bearer", "description": "A key."});
    assert_eq!(secured(json!([{"key": []}]), json!({"key": bearer})), Vec::<String>::new());
    let header = json!({"type": "apiKey", "in": "header", "name": "X-Key"});
    assert_eq!(secured(json!([{"key": []}]), json!({"key": header})), line("required (header x-key)"));
    let cookie = json!({"type": "apiKey", "in": "cookie", "name": "Session"});
    assert_eq!(secured(json!([{"key": []}]), json!({"key": cookie})), line("required (cookie Session)"));
    let basic = json!({"type": "http", "scheme": "basic"});
    assert_eq!(secured(json!([{"key": []}]), json!({"key": basic})), line("required (http basic)"));
    let tokens = json!({"type": "oauth2", "flows": {}});
    assert_eq!(
        secured(json!([{"tokens": ["write", "read"]}]), json!({"tokens": tokens})),
        line("required (oauth2 [read, write])")
    );
}

#[test]
fn schemes_are_needed_together_or_one_of_them() {
    let schemes = json!({
        "id": {"type": "apiKey", "in": "header", "name": "x-id"},
        "secret": {"type": "apiKey", "in": "header", "name": "x-secret"},
    });
    let both = json!([{"bearer": []}, {"secret": [], "id": []}]);
    assert_eq!(secured(both, schemes.clone()), line("required (header x-id with header x-secret or http bearer)"));
    let either = json!([{}, {"id": []}, {"bearer": []}]);
    assert_eq!(secured(either, schemes), line("optional (header x-id or http bearer)"));
}

#[test]
fn credentials_are_read_from_headers_where_the_document_has_no_security() {
    let mut published = small();
    remove(&mut published, "/security");
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/security");
    let header = |required: bool| json!({"name": "Authorization", "in": "header", "required": required});
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/-", header(true));
    set(&mut published, "/paths/~1v2~1rooms/post/parameters", json!([header(true)]));
    set(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/parameters/-", header(false));
    assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    remove(&mut published, "/paths/~1v2~1rooms/post/parameters");
    let line = "POST /v2/rooms | credentials: ours required, published none";
    assert_eq!(lines(&compared(published, "")), [line]);
}

#[test]
fn headers_of_a_client_are_credentials_that_are_optional_unless_one_is_required() {
    let header = |name: &str, required: bool| json!({"name": name, "in": "header", "required": required});
    let line = |need: &str| vec![format!("GET /v2/rooms | credentials: ours required, published {need}")];
    let none = Vec::<String>::new();
    for (headers, expected) in [
        (vec![header("x-cal-client-id", false)], line("optional")),
        (vec![header("x-cal-secret-key", false)], line("optional")),
        (vec![header("Authorization", false), header("x-cal-client-id", false)], line("optional")),
        (vec![header("Authorization", false), header("x-cal-client-id", true)], none.clone()),
        (vec![header("Authorization", true), header("x-cal-client-id", false)], none),
    ] {
        let mut published = small();
        remove(&mut published, "/security");
        remove(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/security");
        set(&mut published, "/paths/~1v2~1rooms/post/security", json!([{"bearer": []}]));
        set(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/security", json!([{}, {"bearer": []}]));
        headers.iter().for_each(|it| set(&mut published, "/paths/~1v2~1rooms/get/parameters/-", it.clone()));
        assert_eq!(lines(&compared(published, "")), expected, "{headers:?}");
    }
}

#[test]
fn scopes_of_tokens_are_compared_where_the_published_document_names_them() {
    let scopes = "/paths/~1v2~1rooms/get/x-oauth-scopes";
    let mut ours = small();
    set(&mut ours, scopes, json!(["ROOM_READ", "ROOM_WRITE"]));
    let differences = |published: &Value| super::lines_of(ours.clone(), published.clone());
    let none = Vec::<String>::new();
    assert_eq!(differences(&small()), none);
    let mut published = small();
    set(&mut published, scopes, json!(["ROOM_WRITE", "ROOM_READ"]));
    assert_eq!(differences(&published), none);
    set(&mut published, scopes, json!(["ROOM_READ"]));
    let line = "GET /v2/rooms | scopes of OAuth tokens: ours ROOM_READ or ROOM_WRITE, published ROOM_READ";
    assert_eq!(differences(&published), [line]);
    let line = "GET /v2/rooms | scopes of OAuth tokens: ours none, published ROOM_READ";
    assert_eq!(lines(&compared(published, "")), [line]);
}
