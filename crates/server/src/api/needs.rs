//! What each route needs of its caller, in one list. It goes into the document as `x-action`, with
//! the answers that every such route has; a test holds it against the routes there are.

use serde_json::{Value, json};

/// Nothing: anybody may ask.
const PUBLIC: &str = "public";
/// Somebody who has come in, whatever their roles.
const CALLER: &str = "caller";

/// Method, path below `/api/v1`, and the action.
const NEEDS: &[(&str, &str, &str)] = &[
    ("get", "/server", PUBLIC),
    ("get", "/healthz", PUBLIC),
    ("post", "/session", PUBLIC),
    ("get", "/session", CALLER),
    ("delete", "/session", CALLER),
    ("post", "/session/password", CALLER),
    ("get", "/sessions", CALLER),
    ("delete", "/sessions/{id}", CALLER),
    ("get", "/tokens", CALLER),
    ("post", "/tokens", CALLER),
    ("delete", "/tokens/{id}", CALLER),
    ("get", "/roles", "accounts"),
    ("get", "/accounts", "accounts"),
    ("post", "/accounts", "accounts"),
    ("patch", "/accounts/{login}", "accounts"),
    ("post", "/accounts/{login}/password", "accounts"),
    ("post", "/accounts/{login}/unlock", "accounts"),
    ("get", "/mechanism", CALLER),
    ("get", "/themes", CALLER),
    ("get", "/units", CALLER),
    ("get", "/links", CALLER),
    ("get", "/clauses", CALLER),
    ("get", "/indicators", CALLER),
    ("get", "/registers", CALLER),
    ("get", "/registers/{register}", CALLER),
    ("get", "/registers/{register}/records", "read"),
    ("post", "/registers/{register}/records", "write"),
    ("get", "/registers/{register}/totals", "read"),
    ("get", "/registers/{register}/records/{record}", "read"),
    ("patch", "/registers/{register}/records/{record}", "write"),
    ("delete", "/registers/{register}/records/{record}", "write"),
    (
        "post",
        "/registers/{register}/records/{record}/restore",
        "write",
    ),
    ("post", "/registers/{register}/bulk", "write"),
    ("post", "/registers/{register}/check", "read"),
    (
        "get",
        "/registers/{register}/records/{record}/evidence",
        "read",
    ),
    (
        "post",
        "/registers/{register}/records/{record}/evidence",
        "evidence",
    ),
    (
        "delete",
        "/registers/{register}/records/{record}/evidence/{digest}",
        "evidence",
    ),
    ("get", "/registers/{register}/export", "export"),
    ("get", "/registers/{register}/template", "read"),
    ("get", "/views", CALLER),
    ("post", "/views", CALLER),
    ("delete", "/views/{id}", CALLER),
    ("post", "/returns", "return"),
    (
        "get",
        "/registers/{register}/records/{record}/revisions",
        "read",
    ),
    ("get", "/figures", "read"),
    ("get", "/figures/{indicator}", "read"),
    ("get", "/figures/{indicator}/trend", "read"),
    ("get", "/figures/{indicator}/definitions", "read"),
    ("get", "/coverage", "read"),
    ("get", "/board", "read"),
    ("get", "/boundaries", CALLER),
    ("get", "/briefs", "brief"),
    ("get", "/briefs/{brief}", "brief"),
    ("post", "/press-check", "check"),
    ("get", "/todo", CALLER),
    ("get", "/pack/files", CALLER),
    ("get", "/pack/files/{path}", CALLER),
    ("get", "/settings", "system"),
    ("patch", "/settings", "system"),
    ("get", "/health", "system"),
    ("get", "/backups", "system"),
    ("post", "/backups", "system"),
    ("delete", "/backups/{name}", "system"),
    ("get", "/journal", "journal"),
    ("get", "/verify", "verify"),
    ("post", "/verify", "verify"),
    ("get", "/files/{digest}", "read"),
    ("get", "/jobs", CALLER),
    ("get", "/jobs/{id}", CALLER),
    ("delete", "/jobs/{id}", CALLER),
    ("get", "/jobs/{id}/events", CALLER),
    // Whoever may import or, reaching everything, read the journal.
    ("get", "/imports", CALLER),
    ("post", "/imports", "import"),
    ("get", "/imports/{id}", CALLER),
    ("delete", "/imports/{id}", "import"),
    ("get", "/imports/{id}/sheets/{nth}", CALLER),
    ("get", "/imports/{id}/preview", CALLER),
    ("post", "/imports/{id}/mapping", "import"),
    ("post", "/imports/{id}/commit", "import"),
    ("get", "/imports/{id}/file", CALLER),
    ("get", "/imports/{id}/marked", CALLER),
];

/// The document with what each route needs, and how somebody comes in.
pub(super) fn told(mut document: Value) -> Value {
    document["components"]["securitySchemes"] = json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-qipan",
            "description": "A browser's session; changes need the header `X-Qipan: 1`.",
        },
        "token": {
            "type": "http", "scheme": "bearer",
            "description": "A token made under /tokens, `qp_…`.",
        },
    });
    let refused = |what: &str| {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        json!({
            "description": what,
            "content": {"application/problem+json": {"schema": schema}},
        })
    };
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, operations) in paths {
        let named = path.contains('{');
        for (_, operation) in operations.as_object_mut().into_iter().flatten() {
            answers_of_all(operation, named, &refused);
        }
    }
    for (method, path, action) in NEEDS {
        let path = document["paths"].get_mut(format!("/api/v1{path}"));
        let Some(operation) = path.and_then(|path| path.get_mut(*method)) else {
            continue;
        };
        operation["x-action"] = json!(action);
        let answers = &mut operation["responses"];
        answers["429"] = refused("Too many requests");
        if *method != "get" {
            answers["403"] = refused("Not permitted, or not sent by a page of this server");
        }
        if *action == PUBLIC {
            continue;
        }
        answers["401"] = refused("Nobody has come in");
        answers["403"] = refused("Not permitted, or the password must be changed first");
        operation["security"] = json!([{"session": []}, {"token": []}]);
    }
    document
}

/// What any operation may answer, and that refusals are problems.
fn answers_of_all(operation: &mut Value, named: bool, refused: &dyn Fn(&str) -> Value) {
    let has_body = operation.get("requestBody").is_some();
    let Some(answers) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, answer) in answers.iter_mut() {
        let is_refusal = status.starts_with(['4', '5']);
        let content = answer.get_mut("content").and_then(Value::as_object_mut);
        if let Some(content) = content.filter(|_| is_refusal)
            && let Some(schema) = content.remove("application/json")
        {
            content.insert("application/problem+json".to_owned(), schema);
        }
    }
    let mut also = |status: &str, what: &str| {
        let answer = answers.entry(status).or_insert_with(|| refused(what));
        if answer["description"].as_str().is_none_or(str::is_empty) {
            answer["description"] = json!(what);
        }
    };
    also("400", "Parameters or body not understood");
    if named {
        also("404", "Not there, or not for the caller");
    }
    if has_body {
        also("413", "Content too large");
    }
    also("503", "The database is busy, or there is no pack yet");
}
