//! What each route needs of its caller, in one list. Whoever may not is told so before anything
//! else of the request is looked at. It goes into the document as `x-action`, with the answers that
//! every such route has; a test holds it against the routes there are.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::Method;
use qipan_model::Action::{
    self, Accounts, Brief, Check, Evidence, Export, Import, Journal, Read, Return, System, Verify,
    Write,
};
use serde_json::{Value, json};

use Need::{Caller, May, Public};

/// What a route needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing: anybody may ask.
    Public,
    /// Somebody who has come in, whatever their roles.
    Caller,
    /// Somebody with a role that has this action.
    May(Action),
}

impl Need {
    /// The word for it in the document.
    fn word(self) -> &'static str {
        match self {
            Public => "public",
            Caller => "caller",
            May(action) => action.word(),
        }
    }
}

/// Where the API is.
const BASE: &str = "/api/v1";

/// Method, path below [`BASE`], and what it needs.
const NEEDS: &[(&str, &str, Need)] = &[
    ("get", "/server", Public),
    ("get", "/healthz", Public),
    ("post", "/session", Public),
    ("get", "/session", Caller),
    ("delete", "/session", Caller),
    ("post", "/session/password", Caller),
    ("get", "/sessions", Caller),
    ("delete", "/sessions/{id}", Caller),
    ("get", "/tokens", Caller),
    ("post", "/tokens", Caller),
    ("delete", "/tokens/{id}", Caller),
    ("get", "/roles", May(Accounts)),
    ("get", "/accounts", May(Accounts)),
    ("post", "/accounts", May(Accounts)),
    ("patch", "/accounts/{login}", May(Accounts)),
    ("post", "/accounts/{login}/password", May(Accounts)),
    ("post", "/accounts/{login}/unlock", May(Accounts)),
    ("get", "/mechanism", Caller),
    ("get", "/themes", Caller),
    ("get", "/units", Caller),
    ("get", "/links", Caller),
    ("get", "/clauses", Caller),
    ("get", "/indicators", Caller),
    ("get", "/registers", Caller),
    ("get", "/registers/{register}", Caller),
    ("get", "/registers/{register}/records", May(Read)),
    ("post", "/registers/{register}/records", May(Write)),
    ("get", "/registers/{register}/totals", May(Read)),
    ("get", "/registers/{register}/records/{record}", May(Read)),
    (
        "patch",
        "/registers/{register}/records/{record}",
        May(Write),
    ),
    (
        "delete",
        "/registers/{register}/records/{record}",
        May(Write),
    ),
    (
        "post",
        "/registers/{register}/records/{record}/restore",
        May(Write),
    ),
    ("post", "/registers/{register}/bulk", May(Write)),
    ("post", "/registers/{register}/check", May(Read)),
    (
        "get",
        "/registers/{register}/records/{record}/evidence",
        May(Read),
    ),
    (
        "post",
        "/registers/{register}/records/{record}/evidence",
        May(Evidence),
    ),
    (
        "delete",
        "/registers/{register}/records/{record}/evidence/{digest}",
        May(Evidence),
    ),
    ("get", "/registers/{register}/export", May(Export)),
    ("get", "/registers/{register}/template", May(Read)),
    ("get", "/views", Caller),
    ("post", "/views", Caller),
    ("delete", "/views/{id}", Caller),
    ("post", "/returns", May(Return)),
    (
        "get",
        "/registers/{register}/records/{record}/revisions",
        May(Read),
    ),
    ("get", "/figures", May(Read)),
    ("get", "/figures/{indicator}", May(Read)),
    ("get", "/figures/{indicator}/trend", May(Read)),
    ("get", "/figures/{indicator}/definitions", May(Read)),
    ("get", "/coverage", May(Read)),
    ("get", "/board", May(Read)),
    ("get", "/boundaries", Caller),
    ("get", "/briefs", May(Brief)),
    ("get", "/briefs/{brief}", May(Brief)),
    ("post", "/press-check", May(Check)),
    ("get", "/todo", Caller),
    ("get", "/pack/files", Caller),
    ("get", "/pack/files/{path}", Caller),
    ("get", "/settings", May(System)),
    ("patch", "/settings", May(System)),
    ("get", "/health", May(System)),
    ("get", "/backups", May(System)),
    ("post", "/backups", May(System)),
    ("delete", "/backups/{name}", May(System)),
    ("get", "/journal", May(Journal)),
    ("get", "/journal/export", May(Journal)),
    ("get", "/verify", May(Verify)),
    ("post", "/verify", May(Verify)),
    ("get", "/files/{digest}", May(Read)),
    ("get", "/jobs", Caller),
    ("get", "/jobs/{id}", Caller),
    ("delete", "/jobs/{id}", Caller),
    ("get", "/jobs/{id}/events", Caller),
    // Whoever may import or, reaching everything, read the journal.
    ("get", "/imports", Caller),
    ("post", "/imports", May(Import)),
    ("get", "/imports/{id}", Caller),
    ("delete", "/imports/{id}", May(Import)),
    ("get", "/imports/{id}/sheets/{nth}", Caller),
    ("get", "/imports/{id}/preview", Caller),
    ("post", "/imports/{id}/mapping", May(Import)),
    ("post", "/imports/{id}/commit", May(Import)),
    ("get", "/imports/{id}/file", Caller),
    ("get", "/imports/{id}/marked", Caller),
];

/// The actions of the routes that need one, by method and path.
static ACTIONS: LazyLock<HashMap<(Method, &str), Action>> = LazyLock::new(|| {
    let action = |(method, path, need): &(&str, &'static str, Need)| match need {
        May(action) => {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
            Some(((method, *path), *action))
        }
        Public | Caller => None,
    };
    NEEDS.iter().filter_map(action).collect()
});

/// The action that a route needs, by its path as it is declared; `None` when it needs none, and for
/// pages.
pub(crate) fn action(method: &Method, path: &str) -> Option<Action> {
    // What is asked for its head is read.
    let method = match *method {
        Method::HEAD => &Method::GET,
        ref method => method,
    };
    let path = path.strip_prefix(BASE)?;
    ACTIONS.get(&(method.clone(), path)).copied()
}

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
    for (method, path, need) in NEEDS {
        let path = document["paths"].get_mut(format!("{BASE}{path}"));
        let Some(operation) = path.and_then(|path| path.get_mut(*method)) else {
            continue;
        };
        operation["x-action"] = json!(need.word());
        let answers = &mut operation["responses"];
        answers["429"] = refused("Too many requests");
        if *method != "get" {
            answers["403"] = refused("Not permitted, or not sent by a page of this server");
        }
        if *need == Public {
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
