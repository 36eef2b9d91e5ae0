//! The same as JSON. What it says of real rows, and that nothing makes it fall over, tests/clients/admin_api.py shows.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::OpenApi;

use super::*;
use crate::dashboard::api::{Description, ROUTES};

const LISTS: [(&str, &str); 3] =
    [("people", "people"), ("generations", "generations"), ("entries", "entries")];

#[test]
fn the_description_names_every_route_and_no_other() {
    let described: BTreeSet<String> = Description::openapi().paths.paths.into_keys().collect();
    let routes = ROUTES.iter().map(|route| route.path.to_owned());
    let routes: BTreeSet<String> = routes.filter(|path| !path.ends_with("openapi.json")).collect();
    assert_eq!(described, routes);
    assert!(ROUTES.iter().all(|route| !route.mutates() && route.role == Some(Role::Viewer)));
}

#[test]
fn the_description_says_which_cookie_and_which_words() {
    let told = serde_json::to_value(Description::openapi()).unwrap();
    let scheme = &told["components"]["securitySchemes"]["session"];
    assert_eq!((&scheme["in"], &scheme["type"]), (&"cookie".into(), &"apiKey".into()));
    assert_eq!(told["security"][0]["session"], Value::Array(vec![]));
    let parameters = told["paths"]["/admin/api/generations"]["get"]["parameters"].as_array();
    let state = parameters.unwrap().iter().find(|one| one["name"] == "state").unwrap();
    assert_eq!(state["required"], false);
    assert_eq!(state["schema"]["enum"].as_array().unwrap().len(), 10);
}

#[actix_web::test]
async fn who_is_not_signed_in_is_refused_in_json() {
    let office = Office::open().await;
    for path in ["/admin/api/overview", "/admin/api/nothing", "/admin/api/people/7"] {
        let response = office.get(None, path).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        let said: Value = response.json().await.unwrap();
        assert!(!said["error"].as_str().unwrap().is_empty(), "{said}");
    }
    office.close().await;
}

#[actix_web::test]
async fn an_empty_house_is_told_and_viewers_may_look() {
    let office = Office::open().await;
    office.hire("zoe", Role::Viewer).await;
    let zoe = office.sign_in("zoe").await;
    let get = async |path: &str| {
        let response = office.get(Some(&zoe), path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().contains("json"));
        response.json::<Value>().await.unwrap()
    };
    for (path, rows) in LISTS {
        let said = get(&format!("/admin/api/{path}")).await;
        assert_eq!((&said[rows], &said["next"]), (&Value::Array(vec![]), &Value::Null));
    }
    assert_eq!(get("/admin/api/overview").await["running"], 0);
    for (span, points) in [("hour", 60), ("day", 96), ("month", 120)] {
        let said = get(&format!("/admin/api/series?span={span}")).await;
        assert_eq!(said["points"].as_array().unwrap().len(), points);
    }
    assert_eq!(get("/admin/api/storage").await["backfills"], 0);
    assert_eq!(get("/admin/api/actors").await["nodes"], Value::Array(vec![]));
    assert_eq!(get("/admin/api/openapi.json").await["openapi"], "3.1.0");
    office.close().await;
}

#[actix_web::test]
async fn what_is_not_understood_is_refused_and_not_overlooked() {
    let office = Office::open().await;
    office.hire("zoe", Role::Viewer).await;
    let zoe = office.sign_in("zoe").await;
    for (path, status) in [
        ("people?limit=0", StatusCode::BAD_REQUEST),
        ("people?limit=201", StatusCode::BAD_REQUEST),
        ("people?limit=x", StatusCode::BAD_REQUEST),
        ("people?serach=ann", StatusCode::BAD_REQUEST),
        ("people?search=a%00", StatusCode::BAD_REQUEST),
        ("people?after=yesterday", StatusCode::BAD_REQUEST),
        ("generations?state=broken", StatusCode::BAD_REQUEST),
        ("generations?model=A%20B", StatusCode::BAD_REQUEST),
        ("generations?since=tomorrow", StatusCode::BAD_REQUEST),
        ("generations?failure=none", StatusCode::BAD_REQUEST),
        ("entries?kind=gift", StatusCode::BAD_REQUEST),
        ("entries?user=99999999999999999999", StatusCode::BAD_REQUEST),
        ("series?span=year", StatusCode::BAD_REQUEST),
        ("actors?order=name", StatusCode::BAD_REQUEST),
        ("people/7", StatusCode::NOT_FOUND),
        ("people/ann", StatusCode::NOT_FOUND),
        ("generations/00000000000000000000000000000000", StatusCode::NOT_FOUND),
        ("generations/x", StatusCode::NOT_FOUND),
        ("nothing", StatusCode::NOT_FOUND),
    ] {
        let response = office.get(Some(&zoe), &format!("/admin/api/{path}")).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(response.json::<Value>().await.unwrap()["error"].is_string(), "{path}");
    }
    office.close().await;
}
