//! Rows as years of use leave them: 100 000 people, of whom a few are busy, 440 000 generations, 1 000 000
//! pictures, 1 000 000 entries in books that are right.

use aisha_actors::domain::id::UserId;
use tokio_postgres::Client;

/// Who has 12 000 pictures more than others.
pub(crate) const HEAVY: UserId = UserId(100_000);

/// In order. Triggers are off: counters are set from the entries at the end.
const FILL: [&str; 12] = [
    "INSERT INTO person (id, first_name, username, language_code, created_at, name_folded, \
       username_folded) \
     SELECT n, name, 'User_' || n, CASE n % 3 WHEN 0 THEN 'ru' ELSE 'en' END, \
       now() - (100000 - n) * interval '5 minutes', lower(name), 'user_' || n \
     FROM (SELECT n, (ARRAY['Person ', 'Anna ', 'анна ', 'борис '])[1 + n % 4] || n AS name \
       FROM generate_series(1, 100000) AS n) AS made",
    "INSERT INTO account (id, kind) SELECT n, 'user' FROM generate_series(1, 100000) AS n",
    "CREATE TEMP TABLE made AS SELECT n, md5('g' || n)::uuid AS id, \
       CASE WHEN n % 100 = 50 THEN 100000 ELSE 1 + floor(99999 * power(random(), 3))::bigint END AS owner, \
       CASE WHEN n % 1000 = 7 THEN 'rare' WHEN n % 3 = 0 THEN 'nano-banana' ELSE 'imagen4' END AS model, \
       1 + n % 4 AS pictures, \
       CASE WHEN n % 11 <> 0 THEN 'delivered' \
         ELSE (ARRAY['failed', 'expired', 'cancelled'])[1 + (n / 11) % 3] END AS state, \
       now() - (440000 - n) * interval '18 seconds' AS at FROM generate_series(1, 440000) AS n",
    "INSERT INTO generation (id, user_id, model, prompt, ratio, count, seed, price, state, request_id, \
       status_url, response_url, cancel_url, submits, failure, captured, created_at, submitted_at, \
       finished_at, deadline_at) \
     SELECT id, owner, model, 'a fox in the snow, seen from far away, number ' || n, '16:9', pictures, n, 3, \
       state, 'request-' || n, 'http://fal/' || n || '/status', 'http://fal/' || n, \
       'http://fal/' || n || '/cancel', 1, \
       CASE WHEN state <> 'failed' THEN NULL WHEN n % 5000 = 0 THEN 'model_gone' ELSE 'safety' END, \
       CASE WHEN state = 'delivered' THEN pictures ELSE 0 END, at, at + interval '1 second', \
       at + (3 + n % 40) * interval '1 second', at + interval '10 minutes' FROM made",
    "INSERT INTO generation (id, user_id, model, prompt, ratio, count, seed, price, state, created_at, \
       deadline_at) \
     SELECT md5('live' || n)::uuid, n, 'imagen4', 'a fox', '16:9', 1, n, 3, \
       CASE WHEN n % 2 = 0 THEN 'queued' ELSE 'reserved' END, now(), now() \
     FROM generate_series(1, 200) AS n",
    "UPDATE generation SET request_id = 'live-' || seed, status_url = '', response_url = '', \
       cancel_url = '' WHERE state = 'queued'",
    "INSERT INTO picture (generation, n, owner, model, state, url, url_expires_at, bucket, object_key, mime, \
       size, hash, width, height, file_id, listed, listed_at, created_at) \
     SELECT id, p, owner, model, CASE WHEN made.n % 500 = 3 THEN 'fallback' ELSE 'stored' END, \
       'https://fal.media/files/' || id || '/' || p || '.jpg', at + interval '7 days', \
       CASE WHEN made.n % 500 <> 3 THEN model END, \
       CASE WHEN made.n % 500 <> 3 THEN '2026/09/21/' || id || '_' || p || '.jpg' END, \
       'image/jpeg', 400000 + made.n, decode(repeat(md5(made.n || '_' || p), 2), 'hex'), 1408, 768, \
       'AgACAgIAAxkDAAIB' || md5(id::text || p), TRUE, at + interval '5 seconds' - p * interval '1 ms', at \
     FROM made, generate_series(1, pictures) AS p WHERE state = 'delivered'",
    "UPDATE picture SET state = 'lost', listed = FALSE WHERE state = 'fallback' AND n = 4",
    "INSERT INTO failure (generation, reason, at) \
     SELECT id, 'it panicked ' || n, at FROM made WHERE n % 20 = 0",
    "INSERT INTO entry (id, kind, user_id, debit, credit, amount, generation, reason, actor, at) \
     SELECT md5(kind || n)::uuid, kind, user_id, \
       CASE WHEN kind = 'welcome' THEN -9000000000000000002 WHEN kind = 'grant' THEN -9000000000000000001 \
         WHEN kind = 'refund' THEN -9000000000000000003 ELSE user_id END, \
       CASE WHEN kind IN ('welcome', 'grant', 'refund') THEN user_id ELSE -9000000000000000003 END, \
       amount, generation, reason, actor, at FROM ( \
         SELECT 'welcome' AS kind, n, n AS user_id, 1000000 AS amount, NULL::uuid AS generation, '' AS reason, \
           'system' AS actor, now() - (100000 - n) * interval '5 minutes' AS at \
         FROM generate_series(1, 100000) AS n \
         UNION ALL SELECT 'grant', n, n * 20, 50, NULL, 'a gift', CASE WHEN n % 9 = 0 THEN 'eve' ELSE 'root' END, \
           now() - (5000 - n) * interval '30 minutes' FROM generate_series(1, 5000) AS n \
         UNION ALL SELECT 'hold', n, owner, pictures * 3, id, '', 'system', at FROM made \
         UNION ALL SELECT CASE WHEN state = 'delivered' THEN 'capture' ELSE 'release' END, n, owner, \
           CASE WHEN state = 'delivered' THEN pictures * 3 ELSE 0 END, id, '', 'system', \
           at + interval '9 seconds' FROM made \
         UNION ALL SELECT 'refund', n, owner, 1, id, 'test', 'eve', at + interval '1 hour' FROM made \
           WHERE state = 'delivered' AND n % 400 = 0 \
         UNION ALL SELECT 'hold', seed + 1000000, user_id, 3, id, '', 'system', created_at FROM generation \
           WHERE is_open) AS booked ORDER BY at",
    "UPDATE account SET credited = sums.credited, debited = sums.debited, held = sums.held FROM ( \
       SELECT user_id, sum(CASE WHEN kind IN ('welcome', 'grant', 'refund') THEN amount ELSE 0 END) AS credited, \
         sum(CASE WHEN kind IN ('withdrawal', 'capture') THEN amount ELSE 0 END) AS debited, \
         sum(CASE WHEN kind = 'hold' AND generation IN (SELECT id FROM generation WHERE is_open) \
           THEN amount ELSE 0 END) AS held \
       FROM entry GROUP BY user_id) AS sums WHERE sums.user_id = account.id",
    "INSERT INTO outbox (user_id, kind, generation, n, state, created_at, settled_at) \
     SELECT owner, 'picture', generation, n, 'done', created_at, created_at + interval '9 seconds' \
     FROM picture WHERE created_at > now() - interval '30 days' AND state = 'stored'",
];

/// The inbox of two weeks, and the samples of all days but the last one.
const BESIDE: [&str; 2] = [
    "INSERT INTO inbox (source, update_id, user_id, payload, state, received_at, settled_at) \
     SELECT 'telegram', n, 1 + n % 100000, repeat('x', 300), 'done', at, at FROM ( \
       SELECT n, now() - (500000 - n) * interval '2.4 seconds' AS at \
       FROM generate_series(1, 500000) AS n) AS made",
    "INSERT INTO sample (minute, updates, begun, delivered, failed, expired, cancelled, captured, refunded, \
       latencies, inbox_seq) \
     SELECT date_trunc('minute', now()) - n * interval '1 minute', 25, 3, 3, 0, 0, 0, 30, 0, \
       '6:1 9:2 ' || n % 20 || ':1', 0 FROM generate_series(1441, 57600) AS n",
];

/// Puts them all in.
pub(crate) async fn fill(client: &Client) {
    for tables in ["entry", "generation"] {
        let off = format!("ALTER TABLE {tables} DISABLE TRIGGER USER");
        client.batch_execute(&off).await.expect("triggers off");
    }
    for statement in FILL.into_iter().chain(BESIDE) {
        client.batch_execute(statement).await.expect(statement);
    }
    for tables in ["entry", "generation"] {
        let on = format!("ALTER TABLE {tables} ENABLE TRIGGER USER");
        client.batch_execute(&on).await.expect("triggers on");
    }
    client.batch_execute("VACUUM ANALYZE").await.expect("statistics");
}
