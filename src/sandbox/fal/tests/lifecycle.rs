use super::*;

#[actix_web::test]
async fn two_run_and_the_others_wait_in_turn() {
    let (rig, _dir) = rig(HELD).await;
    let mut jobs = Vec::new();
    for number in 0..4 {
        jobs.push(rig.submit(&format!("picture {number}")).await);
    }
    assert_eq!(text(&jobs[3], "status"), "IN_QUEUE");
    rig.until(&jobs[0], "IN_PROGRESS").await;
    rig.until(&jobs[1], "IN_PROGRESS").await;
    for (job, position) in [(&jobs[2], 0), (&jobs[3], 1)] {
        let (code, status) = rig.status(job).await;
        assert_eq!((code, text(&status, "status")), (202, "IN_QUEUE"));
        assert_eq!(status["queue_position"], position);
        assert_eq!(status["response_url"], job["response_url"]);
    }
    let (code, status) = rig.status(&jobs[0]).await;
    assert_eq!((code, text(&status, "status")), (202, "IN_PROGRESS"));
    assert_eq!(status["logs"][0]["level"], "INFO");
    let (code, early) = rig.result(&jobs[0]).await;
    assert_eq!((code, text(&early, "detail")), (400, "Request is still in progress"));

    rig.fal.set_pace(FAST);
    for job in &jobs {
        let status = rig.until(job, "COMPLETED").await;
        assert!(status["metrics"]["inference_time"].as_f64().unwrap() > 0.0);
        assert_eq!(status.get("error"), None);
        assert_eq!(rig.status(job).await.0, 200);
        assert_eq!(rig.result(job).await.0, 200);
    }
}

#[actix_web::test]
async fn the_stream_tells_all_states_with_growing_logs() {
    let (rig, _dir) = rig(Pace { concurrency: 0, ..FAST }).await;
    let job = rig.submit("a cat").await;
    // The queue opens when the stream has told that the job waits.
    let events = rig.events_until(&job, "COMPLETED", |_| rig.fal.set_pace(FAST)).await;
    assert_eq!(text(&events[0], "status"), "IN_QUEUE");
    assert_eq!(events[0]["queue_position"], 0);
    let last = events.last().unwrap();
    assert_eq!(last["logs"].as_array().unwrap().len(), 6);
}

#[actix_web::test]
async fn a_waiting_job_is_taken_out_by_a_cancel() {
    let (rig, _dir) = rig(Pace { concurrency: 0, ..FAST }).await;
    let (first, second) = (rig.submit("one").await, rig.submit("two").await);
    assert_eq!(rig.status(&second).await.1["queue_position"], 1);
    let (code, body) = rig.cancel(&first).await;
    assert_eq!((code, text(&body, "status")), (202, "CANCELLATION_REQUESTED"));
    assert_eq!(rig.status(&second).await.1["queue_position"], 0);
    let (code, status) = rig.status(&first).await;
    assert_eq!((code, text(&status, "status")), (200, "COMPLETED"));
    assert_eq!(text(&status, "error_type"), "client_cancelled");
    let (code, body) = rig.result(&first).await;
    assert_eq!((code, text(&body, "detail")), (499, "Request was cancelled"));
    let (code, body) = rig.cancel(&first).await;
    assert_eq!((code, text(&body, "status")), (400, "ALREADY_COMPLETED"));
}

#[actix_web::test]
async fn a_running_job_stops_and_gives_its_place_away() {
    let (rig, _dir) = rig(Pace { concurrency: 1, ..HELD }).await;
    let (first, second) = (rig.submit("one").await, rig.submit("two").await);
    rig.until(&first, "IN_PROGRESS").await;
    assert_eq!(rig.cancel(&first).await.0, 202);
    let status = rig.until(&first, "COMPLETED").await;
    assert_eq!(text(&status, "error"), "Request was cancelled");
    assert_eq!(rig.result(&first).await.0, 499);
    rig.until(&second, "IN_PROGRESS").await;
}

#[actix_web::test]
async fn a_finished_job_cannot_be_cancelled_and_an_unknown_one_is_not_found() {
    let (rig, _dir) = rig(FAST).await;
    let job = rig.submit("done").await;
    rig.until(&job, "COMPLETED").await;
    let (code, body) = rig.cancel(&job).await;
    assert_eq!((code, text(&body, "status")), (400, "ALREADY_COMPLETED"));
    assert_eq!(rig.result(&job).await.0, 200);
    let unknown = json!({ "cancel_url": format!("{}/fal-ai/flux/requests/none/cancel", rig.url) });
    let (code, body) = rig.cancel(&unknown).await;
    assert_eq!((code, text(&body, "status")), (404, "NOT_FOUND"));
}

#[actix_web::test]
async fn low_priority_waits_for_all_others_and_a_start_limit_times_out() {
    let (rig, _dir) = rig(Pace { concurrency: 0, ..FAST }).await;
    let submit = |name, value| {
        let request = rig.request(Method::POST, "fal-ai/flux/schnell");
        request.header(name, value).json(&input("x")).send()
    };
    let (_, low) = parts(submit("X-Fal-Queue-Priority", "low").await.unwrap()).await;
    let normal = rig.submit("normal").await;
    assert_eq!(rig.status(&normal).await.1["queue_position"], 0);
    assert_eq!(rig.status(&low).await.1["queue_position"], 1);
    let (_, late) = parts(submit("X-Fal-Request-Timeout", "0.01").await.unwrap()).await;
    rig.until(&late, "COMPLETED").await;
    let answer = rig.request(Method::GET, text(&late, "response_url")).send().await.unwrap();
    assert_eq!(answer.headers()["x-fal-error-type"], "request_timeout");
    assert_eq!(answer.status(), 504);
}

#[actix_web::test]
async fn everything_goes_on_after_a_restart() {
    let (first, dir) = rig(FAST).await;
    let done = first.submit("a cat").await;
    first.until(&done, "COMPLETED").await;
    first.fal.set_pace(Pace { concurrency: 1, ..HELD });
    let (running, waiting) = (first.submit("runs").await, first.submit("waits").await);
    first.until(&running, "IN_PROGRESS").await;
    let doomed = first.submit("doomed #stuck").await;
    let (key, user_id) = (first.fal.key(), first.fal.user_id());
    let jwks = first.get(".well-known/jwks.json").await.1;
    let file = file_name(&first.result(&done).await.1);
    drop(first);

    let second = open(dir.path(), Pace { concurrency: 1, ..HELD }).await;
    assert_eq!((second.fal.key(), second.fal.user_id()), (key, user_id));
    assert_eq!(second.get(".well-known/jwks.json").await.1, jwks);
    // The port is another one, so the URLs are made anew from the id.
    let here = |job: &Value| {
        let url = format!("{}/fal-ai/flux/requests/{}", second.url, text(job, "request_id"));
        json!({ "status_url": format!("{url}/status"), "cancel_url": format!("{url}/cancel"),
                "response_url": url })
    };
    let (done, running, waiting, doomed) =
        (here(&done), here(&running), here(&waiting), here(&doomed));
    let (code, result) = second.result(&done).await;
    assert_eq!((code, file_name(&result)), (200, file));
    let url = text(&result["images"][0], "url");
    assert!(url.starts_with(&second.url));
    assert_eq!(second.client.get(url).send().await.unwrap().status(), 200);
    assert_eq!(text(&second.status(&running).await.1, "status"), "IN_PROGRESS");
    assert_eq!(second.status(&waiting).await.1["queue_position"], 0);
    assert_eq!(second.cancel(&doomed).await.0, 202);
    second.fal.set_pace(FAST);
    second.until(&running, "COMPLETED").await;
    second.until(&waiting, "COMPLETED").await;
    assert_eq!(second.result(&running).await.0, 200);
    assert_eq!(second.result(&waiting).await.0, 200);
}

fn file_name(result: &Value) -> String {
    text(&result["images"][0], "file_name").to_owned()
}
