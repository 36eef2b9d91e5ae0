use super::{super::super::faults::Fault, *};
use crate::sandbox::journal::Peer;

#[actix_web::test]
async fn what_is_kept_of_a_request_is_gone_once_an_admin_has_it_deleted() {
    let (rig, dir) = rig(FAST).await;
    let (hers, his) = (rig.submit("a cat").await, rig.submit("a dog").await);
    rig.until(&hers, "COMPLETED").await;
    rig.until(&his, "COMPLETED").await;
    let link = |result: &Value| text(&result["images"][0], "url").to_owned();
    let her_file = link(&rig.result(&hers).await.1);
    let his_file = link(&rig.result(&his).await.1);

    for key in [rig.fal.key(), String::new(), "wrong".to_owned()] {
        let (code, body) = rig.delete(&hers, &key).await;
        assert_eq!((code, text(&body["error"], "type")), (401, "authorization_error"));
    }
    assert_eq!(rig.result(&hers).await.0, 200);
    let admin = rig.fal.admin_key();
    let (code, body) = rig.delete(&hers, &admin).await;
    let file = json!({ "link": her_file, "exception": null });
    assert_eq!((code, body), (200, json!({ "cdn_delete_results": [file] })));
    // The admin's key is good for nothing else, and another method is none.
    let status = rig.client.get(text(&his, "status_url"));
    let status = status.header("Authorization", format!("Key {admin}")).send().await.unwrap();
    assert_eq!(status.status(), 401);
    let path = format!("v1/models/requests/{}/payloads", text(&his, "request_id"));
    assert_eq!(rig.get(&path).await.0, 405);
    drop(rig);

    let rig = open(dir.path(), FAST).await;
    assert_eq!(rig.fal.admin_key(), admin, "it is kept");
    let path = |url: &str| format!("{}{}", rig.url, url.split("/sandbox/fal").nth(1).unwrap());
    let found = async |url: &str| rig.client.get(path(url)).send().await.unwrap().status().as_u16();
    assert_eq!((found(&her_file).await, found(&his_file).await), (404, 200));
    assert_eq!(rig.get(&path(text(&hers, "response_url"))).await.0, 404);
    assert_eq!(rig.get(&path(text(&hers, "status_url"))).await.0, 404);
    assert_eq!(rig.get(&path(text(&his, "response_url"))).await.0, 200);
    let (code, body) = rig.delete(&hers, &admin).await;
    assert_eq!((code, text(&body["error"], "type")), (404, "not_found"));
}

#[actix_web::test]
async fn a_request_that_is_not_over_keeps_its_payloads() {
    let (rig, _dir) = rig(HELD).await;
    let job = rig.submit("a cat").await;
    let admin = rig.fal.admin_key();
    let (code, body) = rig.delete(&job, &admin).await;
    assert_eq!((code, text(&body["error"], "type")), (400, "validation_error"));
    rig.cancel(&job).await;
    rig.until(&job, "COMPLETED").await;
    let deleted = rig.delete(&job, &admin).await;
    assert_eq!(deleted, (200, json!({ "cdn_delete_results": [] })));
}

#[actix_web::test]
async fn deletions_are_journaled_and_suffer_faults() {
    let (rig, _dir) = rig(FAST).await;
    let job = rig.submit("a cat").await;
    rig.until(&job, "COMPLETED").await;
    let fault = json!({ "peer": "fal", "call": "payloads", "status": 503, "times": 1 });
    rig.faults.add(serde_json::from_value::<Fault>(fault).unwrap());
    let admin = rig.fal.admin_key();
    for expected in [503, 200, 404] {
        assert_eq!(rig.delete(&job, &admin).await.0, expected);
    }
    let calls = rig.journal.list().into_iter().filter(|call| call.call == "payloads");
    let calls: Vec<_> = calls.map(|call| (call.peer, call.request_id, call.status)).collect();
    let id = Some(text(&job, "request_id").to_owned());
    let expected = [503, 200, 404].map(|status| (Peer::Fal, id.clone(), status));
    assert_eq!(calls, expected);
}
