use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn what_is_counted_is_shown() {
    let metrics = Metrics::new();
    let other_hand = metrics.clone();
    other_hand.count_updates("polling", 3);
    other_hand.set_turns(1, 0);
    other_hand.set_generations(4, 1);
    other_hand.set_restarts("tracker", 1);
    other_hand.set_quarantined("update", 1);
    other_hand.count_send("sent");
    other_hand.count_cache("hit");
    other_hand.set_redis(3, 2, 1, 2);
    other_hand.set_outbox_open(7);
    other_hand.ask_backup_age(|| Duration::from_millis(3_600_900));
    other_hand.set_live_users(9);
    other_hand.count_http("/health/live", "2xx", Duration::from_millis(1));
    let page = metrics.render();
    for line in [
        "aisha_updates_total{source=\"polling\"} 3",
        "aisha_turns_total{outcome=\"done\"} 1",
        "aisha_generations{stage=\"open\"} 4",
        "aisha_restarts_total{actor=\"tracker\"} 1",
        "aisha_quarantined{item=\"update\"} 1",
        "aisha_sends_total{outcome=\"sent\"} 1",
        "aisha_cache_reads_total{outcome=\"hit\"} 1",
        "aisha_redis_failures_total{outcome=\"late\"} 3",
        "aisha_redis_breaker_openings_total 1",
        "aisha_redis_breaker 2",
        "aisha_outbox_open 7",
        "aisha_backup_age_seconds 3600",
        "aisha_live_users 9",
        "aisha_http_requests_total{route=\"/health/live\",status=\"2xx\"} 1",
        "# EOF",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is missing in\n{page}");
    }
}

/// Every figure with all its labels.
fn filled() -> Metrics {
    let metrics = Metrics::new();
    for source in ["polling", "webhook", "operator"] {
        metrics.count_updates(source, 1);
    }
    metrics.set_turns(1, 1);
    metrics.set_generations(1, 1);
    metrics.set_line(1, 1);
    for actor in ["session", "tracker", "writer", "ledger"] {
        metrics.set_restarts(actor, 1);
        metrics.inside.set_actor(actor, ActorFigures::default());
    }
    for item in ["update", "outbox", "storage"] {
        metrics.set_quarantined(item, 1);
    }
    for outcome in ["sent", "delayed", "refused", "failed"] {
        metrics.count_send(outcome);
    }
    metrics.count_cache("hit");
    metrics.count_cache("miss");
    metrics.set_redis(1, 1, 1, 1);
    metrics.count_http("other", "2xx", Duration::from_millis(1));
    metrics.inside.set_dependency("database", 0);
    let mut traffic = aisha_actors::session::Traffic::default();
    traffic.turns.add(Duration::from_millis(3));
    traffic.pictures.add(Duration::from_secs(5000));
    metrics.inside.set_traffic(&traffic);
    metrics.studio.set_hour(Some(Hour::default()));
    metrics.studio.set_backlog(1, 1, 1, Some(1));
    metrics.studio.set_pictures([("stored", 1, 1)]);
    metrics.studio.set_models([("active", 1)]);
    metrics.studio.set_broadcasts([("done", 1)]);
    metrics
}

/// Name and type of a family, as Prometheus knows them.
fn families(page: &str) -> BTreeMap<String, String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let named = types.filter_map(|line| line.split_once(' ')).map(|(name, kind)| {
        let ending = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        (format!("{name}{ending}"), kind.to_owned())
    });
    named.collect()
}

/// Rows of the document's tables: name, type, labels.
fn documented() -> BTreeMap<String, (String, String)> {
    let rows = include_str!("../../docs/metrics.md").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `aisha_")?.split(" | ").map(str::to_owned);
        let name = format!("aisha_{}", cells.next()?.trim_end_matches('`'));
        Some((name, (cells.next()?, cells.next()?)))
    });
    rows.collect()
}

#[test]
fn the_document_names_what_is_registered() {
    let page = filled().render();
    let sources =
        [include_str!("../metrics.rs"), include_str!("inside.rs"), include_str!("studio.rs")];
    let registered: usize =
        sources.iter().map(|text| text.matches("registry.register(").count()).sum();
    let families = families(&page);
    assert_eq!(families.len(), registered, "this test does not fill every figure");
    let told: BTreeMap<_, _> =
        documented().into_iter().map(|(name, (kind, _))| (name, kind)).collect();
    assert_eq!(told, families);
}

#[test]
fn the_document_names_every_label_and_its_words() {
    let page = filled().render();
    let documented = documented();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once('{') else { continue };
        let name = name.trim_end_matches("_bucket");
        let (_, labels) = &documented[name];
        let pairs = rest.split_once('}').unwrap().0;
        for (label, word) in pairs.split(',').map(|pair| pair.split_once('=').unwrap()) {
            if matches!(label, "le" | "version") {
                continue;
            }
            let word = word.trim_matches('"');
            assert!(labels.contains(&format!("`{label}`")), "{label} of {name}");
            assert!(labels.contains(&format!("`{word}`")), "{label}={word} of {name}");
        }
    }
}

/// Names of ours in a text, without what is appended to a histogram's.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with("aisha_"));
    let bare = words.map(|word| {
        let word = word.strip_suffix("_bucket").unwrap_or(word);
        word.strip_suffix("_seconds_count")
            .map_or(word.to_owned(), |bare| format!("{bare}_seconds"))
    });
    bare.collect()
}

#[test]
fn the_dashboard_and_the_rules_ask_for_figures_that_there_are() {
    let documented = documented();
    let dashboard = include_str!("../../docs/grafana.json");
    serde_json::from_str::<serde_json::Value>(dashboard).unwrap();
    for text in [dashboard, include_str!("../../docs/alerts.yml")] {
        let names = names(text);
        assert!(names.len() > 8, "{names:?}");
        for name in names {
            assert!(documented.contains_key(&name), "{name} is not a figure of ours");
        }
    }
}

#[test]
fn durations_that_others_count_become_a_histogram() {
    let page = filled().render();
    for line in [
        "aisha_turn_seconds_bucket{le=\"0.002\"} 0",
        "aisha_turn_seconds_bucket{le=\"0.004\"} 1",
        "aisha_turn_seconds_bucket{le=\"+Inf\"} 1",
        "aisha_turn_seconds_count 1",
        "aisha_turn_seconds_sum 0.003",
        "aisha_picture_seconds_bucket{le=\"1048.576\"} 0",
        "aisha_picture_seconds_bucket{le=\"+Inf\"} 1",
        "aisha_picture_seconds_sum 5000.0",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is missing in\n{page}");
    }
}
