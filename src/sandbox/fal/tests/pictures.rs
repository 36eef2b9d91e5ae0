use super::*;

async fn fetch(rig: &Rig, image: &Value) -> image::DynamicImage {
    // Media need no key.
    let answer = rig.client.get(text(image, "url")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], text(image, "content_type"));
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(image["file_size"], bytes.len());
    assert_eq!(image::guess_format(&bytes).unwrap().to_mime_type(), text(image, "content_type"));
    image::load_from_memory(&bytes).unwrap()
}

#[actix_web::test]
async fn pictures_have_the_asked_shape_type_and_number() {
    let (rig, _dir) = rig(FAST).await;
    let cases = [
        (json!({ "aspect_ratio": "16:9", "output_format": "jpeg" }), (1024, 576), "image/jpeg"),
        (json!({ "aspect_ratio": "9:16", "output_format": "webp" }), (576, 1024), "image/webp"),
        (json!({}), (1024, 1024), "image/png"),
    ];
    for (mut input, (width, height), kind) in cases {
        input["prompt"] = "sea at night".into();
        let (status, result) = rig.outcome("fal-ai/imagen4/preview", &input).await;
        assert_eq!(status, 200, "{result}");
        assert_eq!(result["images"].as_array().unwrap().len(), 1);
        assert_eq!(result.get("seed"), None);
        assert!(result["description"].is_string());
        let image = &result["images"][0];
        assert_eq!(image["content_type"], kind);
        let picture = fetch(&rig, image).await;
        assert_eq!((picture.width(), picture.height()), (width, height));
        assert_eq!(
            (image["width"].as_u64(), image["height"].as_u64()),
            (Some(u64::from(width)), Some(u64::from(height)))
        );
    }
}

#[actix_web::test]
async fn flux_gives_several_pictures_its_seed_and_units() {
    let (rig, _dir) = rig(FAST).await;
    let mut input = input("forest");
    input["num_images"] = 3.into();
    input["seed"] = 42.into();
    let job = rig.submit_to("fal-ai/flux/dev", &input).await;
    rig.until(&job, "COMPLETED").await;
    let answer = rig.request(Method::GET, text(&job, "response_url")).send().await.unwrap();
    assert_eq!(answer.headers()["x-fal-request-id"], text(&job, "request_id"));
    assert_eq!(answer.headers()["x-fal-billable-units"], "3");
    let (_, result) = parts(answer).await;
    assert_eq!(result["seed"], 42);
    let images = result["images"].as_array().unwrap();
    assert_eq!(images.len(), 3);
    let mut seen = Vec::new();
    for image in images {
        let picture = fetch(&rig, image).await;
        assert_eq!((picture.width(), picture.height()), (48, 32));
        assert!(!seen.contains(&picture), "each picture is another one");
        seen.push(picture);
    }
}

#[actix_web::test]
async fn the_wide_model_draws_its_widest_and_inline() {
    let (rig, _dir) = rig(FAST).await;
    let input = json!({ "prompt": "city", "aspect_ratio": "8:1", "resolution": "0.5K",
                        "output_format": "jpeg", "sync_mode": true });
    let (status, result) = rig.outcome("fal-ai/nano-banana-2", &input).await;
    assert_eq!(status, 200);
    assert!(text(&result["images"][0], "url").starts_with("data:image/jpeg;base64,"));
    assert_eq!(
        (&result["images"][0]["width"], &result["images"][0]["height"]),
        (&json!(512), &json!(64))
    );
}

#[actix_web::test]
async fn magic_words_make_jobs_misbehave() {
    let (rig, _dir) = rig(FAST).await;
    let outcome = async |prompt: &str| {
        let mut input = input(prompt);
        input["num_images"] = 2.into();
        rig.outcome("fal-ai/flux/schnell", &input).await
    };
    let (status, body) = outcome("a thing, #Unsafe!").await;
    assert_eq!((status, text(&body["detail"][0], "type")), (422, "content_policy_violation"));
    let (status, body) = outcome("a thing #fail").await;
    assert_eq!((status, text(&body["detail"][0], "type")), (500, "internal_server_error"));
    let (status, body) = outcome("#garbage").await;
    assert_eq!((status, body["images"].is_array()), (200, false));
    let (status, body) = outcome("#partial").await;
    assert_eq!((status, body["images"].as_array().unwrap().len()), (200, 1));
    let (_, body) = outcome("#testurl").await;
    assert!(text(&body["images"][0], "url").starts_with("https://example.com/"));
    fetch(&rig, &body["images"][1]).await;
    let (_, body) = outcome("#lost").await;
    for image in body["images"].as_array().unwrap() {
        assert_eq!(rig.client.get(text(image, "url")).send().await.unwrap().status(), 404);
    }
    let (status, body) = outcome("#failure is not the word").await;
    assert_eq!((status, body["images"].as_array().unwrap().len()), (200, 2));
}

#[actix_web::test]
async fn stuck_and_slow_jobs() {
    let (rig, _dir) = rig(Pace { concurrency: 1, ..FAST }).await;
    let stuck = rig.submit("#stuck").await;
    rig.until(&stuck, "IN_PROGRESS").await;
    // It holds no place: others pass, and it is still there.
    let next = rig.submit("next").await;
    rig.until(&next, "COMPLETED").await;
    assert_eq!(text(&rig.status(&stuck).await.1, "status"), "IN_PROGRESS");
    rig.cancel(&stuck).await;
    rig.until(&stuck, "COMPLETED").await;

    rig.fal.set_pace(Pace { run_ms: 30, ..FAST });
    let slow = rig.submit("#slow").await;
    let status = rig.until(&slow, "COMPLETED").await;
    assert!(status["metrics"]["inference_time"].as_f64().unwrap() >= 0.3);
}
