use super::{super::super::faults::Fault, *};
use crate::sandbox::journal::Peer;

#[actix_web::test]
async fn a_key_is_needed_and_a_wrong_one_refused() {
    let (rig, _dir) = rig(FAST).await;
    let url = format!("{}/fal-ai/flux/requests/{}/status", rig.url, uuid::Uuid::new_v4());
    let missing = rig.client.get(&url).send().await.unwrap();
    for header in ["Key wrong", "Key ", "Bearer", &format!("Bearer {}", rig.fal.key())] {
        let wrong = rig.client.get(&url).header("Authorization", header).send().await.unwrap();
        let (status, body) = parts(wrong).await;
        assert_eq!(status, 401, "{header}");
        assert!(body["detail"].is_string());
    }
    assert_eq!(parts(missing).await.0, 401);
    let (status, body) = rig.get(&url).await;
    assert_eq!((status, text(&body, "detail")), (404, "Request not found"));
    let post = rig.client.post(format!("{}/fal-ai/flux/dev", rig.url)).json(&input("x"));
    assert_eq!(post.send().await.unwrap().status(), 401);
}

#[actix_web::test]
async fn unknown_paths_and_other_apps_are_not_found() {
    let (rig, _dir) = rig(FAST).await;
    for path in ["fal-ai/none", "fal-ai/imagen4", "fal-ai/flux/dev/more", "fal-ai"] {
        let answer = rig.request(Method::POST, path).json(&input("x")).send().await.unwrap();
        let (status, body) = parts(answer).await;
        assert_eq!(status, 404, "{path}");
        assert!(body["detail"].is_string());
    }
    assert_eq!(rig.get("fal-ai/flux/dev").await.0, 405);
    let job = rig.submit("x").await;
    let elsewhere = format!("fal-ai/imagen4/requests/{}/status", text(&job, "request_id"));
    assert_eq!(rig.get(&elsewhere).await.0, 404);
}

#[actix_web::test]
async fn urls_leave_out_the_sub_path_and_keep_three_parts_of_workflows() {
    let (rig, _dir) = rig(FAST).await;
    let prompt = json!({ "prompt": "x" });
    for (path, app) in [
        ("fal-ai/imagen4/preview/fast", "fal-ai/imagen4"),
        ("fal-ai/nano-banana-2", "fal-ai/nano-banana-2"),
        ("workflows/sandbox/imagine", "workflows/sandbox/imagine"),
        ("comfy/sandbox/imagine", "comfy/sandbox/imagine"),
    ] {
        let job = rig.submit_to(path, &prompt).await;
        let url = format!("{}/{app}/requests/{}", rig.url, text(&job, "request_id"));
        assert_eq!(job["response_url"], url);
        assert_eq!(job["status_url"], format!("{url}/status"));
        assert_eq!(job["cancel_url"], format!("{url}/cancel"));
        rig.until(&job, "COMPLETED").await;
        assert_eq!(rig.result(&job).await.0, 200);
    }
}

#[actix_web::test]
async fn bad_inputs_fail_the_job_with_a_detail_list() {
    let (rig, _dir) = rig(FAST).await;
    let cases = [
        ("fal-ai/imagen4/preview", json!({}), "prompt", "missing"),
        ("fal-ai/imagen4/preview", json!({ "prompt": null }), "prompt", "missing"),
        ("fal-ai/imagen4/preview", json!({ "prompt": 7 }), "prompt", "string_type"),
        ("fal-ai/imagen4/preview", json!({ "prompt": "" }), "prompt", "string_too_short"),
        (
            "fal-ai/imagen4/preview",
            json!({ "prompt": "x", "aspect_ratio": "3:2" }),
            "aspect_ratio",
            "literal_error",
        ),
        (
            "fal-ai/imagen4/preview/ultra",
            json!({ "prompt": "x", "num_images": 5 }),
            "num_images",
            "less_than_equal",
        ),
        (
            "fal-ai/nano-banana-2",
            json!({ "prompt": "x", "num_images": 0 }),
            "num_images",
            "greater_than_equal",
        ),
        (
            "fal-ai/nano-banana-2",
            json!({ "prompt": "x", "num_images": "2" }),
            "num_images",
            "int_type",
        ),
        (
            "fal-ai/imagen4/preview/fast",
            json!({ "prompt": "x", "resolution": "1K" }),
            "resolution",
            "extra_forbidden",
        ),
        (
            "fal-ai/imagen4/preview",
            json!({ "prompt": "x", "negative_prompt": "" }),
            "negative_prompt",
            "extra_forbidden",
        ),
        (
            "fal-ai/flux/dev",
            json!({ "prompt": "x", "aspect_ratio": "1:1" }),
            "aspect_ratio",
            "extra_forbidden",
        ),
        (
            "fal-ai/flux/dev",
            json!({ "prompt": "x", "output_format": "webp" }),
            "output_format",
            "literal_error",
        ),
        ("fal-ai/flux/dev", json!({ "prompt": "x", "image_size": "huge" }), "image_size", "enum"),
        (
            "fal-ai/flux/dev",
            json!({ "prompt": "x", "image_size": { "width": 0, "height": 9 } }),
            "image_size",
            "int_type",
        ),
        (
            "fal-ai/flux/schnell",
            json!({ "prompt": "x", "num_inference_steps": 40 }),
            "num_inference_steps",
            "less_than_equal",
        ),
    ];
    for (path, input, field, kind) in cases {
        let job = rig.submit_to(path, &input).await;
        let status = rig.until(&job, "COMPLETED").await;
        assert_eq!(text(&status, "error"), "Invalid status code: 422", "{path} {input}");
        assert_eq!(status["error_type"], kind);
        let (code, body) = rig.result(&job).await;
        assert_eq!(code, 422);
        let entry = &body["detail"][0];
        assert_eq!((&entry["loc"][0], &entry["loc"][1]), (&json!("body"), &json!(field)));
        assert_eq!(entry["type"], kind);
        assert!(entry["msg"].is_string());
    }
    let broken = rig.request(Method::POST, "fal-ai/flux/dev").body("{").send().await.unwrap();
    assert_eq!(parts(broken).await.0, 422);
}

fn fault(call: &str) -> Fault {
    Fault {
        peer: Peer::Fal,
        call: call.into(),
        status: None,
        retry_after: None,
        delay_ms: None,
        reset: false,
        garbage: false,
        times: Some(1),
        share: None,
    }
}

#[actix_web::test]
async fn faults_hit_as_ordered() {
    let (rig, _dir) = rig(FAST).await;
    rig.faults.add(Fault { status: Some(429), retry_after: Some(3), ..fault("submit") });
    let post = || rig.request(Method::POST, "fal-ai/flux/schnell").json(&input("x")).send();
    let busy = post().await.unwrap();
    assert_eq!(
        (busy.status().as_u16(), &busy.headers()["retry-after"]),
        (429, &"3".parse().unwrap())
    );
    assert!(parts(busy).await.1["detail"].is_string());

    rig.faults.add(Fault { reset: true, ..fault("submit") });
    post().await.expect_err("the connection is cut");
    let cut = rig.journal.list().pop().unwrap();
    assert_eq!((cut.call.as_str(), cut.status), ("submit", 0));
    // The work was done all the same.
    let id = cut.request_id.unwrap();
    let orphan = json!({ "status_url": format!("{}/fal-ai/flux/requests/{id}/status", rig.url) });
    rig.until(&orphan, "COMPLETED").await;

    rig.faults.add(Fault { garbage: true, ..fault("status") });
    let url = text(&orphan, "status_url");
    let answer = rig.request(Method::GET, url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.expect_err("not JSON");

    rig.faults.add(Fault { status: Some(503), delay_ms: Some(20), ..fault("RESULT") });
    let asked = std::time::Instant::now();
    let result = format!("fal-ai/flux/requests/{id}");
    assert_eq!(rig.get(&result).await.0, 503);
    assert!(asked.elapsed().as_millis() >= 20);
    assert_eq!(rig.get(&result).await.0, 200);
}

#[actix_web::test]
async fn every_call_is_journaled() {
    let (rig, _dir) = rig(FAST).await;
    let job = rig.submit("a cat").await;
    rig.until(&job, "COMPLETED").await;
    rig.status(&job).await;
    let (_, result) = rig.result(&job).await;
    rig.cancel(&job).await;
    rig.client.get(text(&result["images"][0], "url")).send().await.unwrap();
    let calls = rig.journal.list();
    let seen: Vec<_> = calls.iter().map(|call| (call.call.as_str(), call.status)).collect();
    let wanted = [
        ("submit", 200),
        ("stream", 200),
        ("status", 200),
        ("result", 200),
        ("cancel", 400),
        ("file", 200),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(calls[0].body, input("a cat"));
    for call in &calls[..5] {
        assert_eq!(call.request_id.as_deref(), Some(text(&job, "request_id")));
    }
}

#[actix_web::test]
async fn the_pace_is_set_over_http() {
    let (rig, _dir) = rig(FAST).await;
    let change = json!({ "queue_ms": 7, "concurrency": 0 });
    let answer = rig.client.post(format!("{}/pace", rig.url)).json(&change).send().await.unwrap();
    let (status, pace) = parts(answer).await;
    assert_eq!((status, &pace["queue_ms"], &pace["run_ms"]), (200, &json!(7), &json!(0)));
    let job = rig.submit("x").await;
    assert_eq!(rig.status(&job).await.1["queue_position"], 0);
}
