// An operator does in a real browser whatever the dashboard lets them do, one thing after the other, and sees what
// came of it: what the page says afterwards, and in the sandbox's chat, in the JSON or on another page.
//
// Needs what dashboard.mjs needs, but no link: the operators are made by `aisha admin create`.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, clearFaults, info, journal, journalEnd, orderFault, Tally, url } from "../clients/sandbox.mjs";
import { chromium, Desk, FLAGS, makeOperator, SCREENSHOTS, sql, textOf, until, Visitor } from "./operator.mjs";
import { second } from "./second.mjs";

const suffix = randomBytes(4).toString("hex");
const owner = `own-${suffix}`;
/** What browsers say by themselves of a form that was not taken. */
const REFUSED = /^(422 for|console: Failed to load resource: the server responded with a status of 422)/;
const GONE = new RegExp(REFUSED.source.replaceAll("422", "(422|404)"));
const folder = process.env.AISHA_SERVE_DIR;
const config = join(folder, "config.toml");
const tally = new Tally("actions");

/** The desk of the owner, and somebody in the chat. */
let desk, ann;

const person = () => `/admin/people/${ann.id}`;
const balance = async () => (await desk.api(`people/${ann.id}`)).available;

/** Does something, sees that nothing went wrong in the browser, and keeps a picture of how it looks. */
const check = (name, slug, test, allowed) =>
  tally.check(name, async () => {
    desk.troubles.length = 0;
    await test();
    desk.clean(name, allowed);
    await desk.shoot(`act-${slug}`);
  });

/** A generation that hangs at the provider; gives its page. */
async function hangs(prompt) {
  await ann.orders(`${prompt} #stuck`);
  const found = await until(async () => {
    const { generations } = await desk.api(`generations?user=${ann.id}&limit=1`);
    return generations[0]?.prompt.startsWith(prompt) && generations[0].state === "queued" && generations[0];
  }, `${prompt} at the provider`);
  return `/admin/generations/${found.id}`;
}

const stateOf = async (page) => (await desk.api(page.replace("/admin/", ""))).generation.state;

// --- people ---------------------------------------------------------------------------------------

async function people() {
  await check("credits are given, and the person reads why", "credits-given", async () => {
    const before = await balance();
    await desk.does(person(), `${person()}/credits`, "done-credits", { way: "give", amount: "30" }, { reason: "for your patience" });
    const told = await ann.hears("for your patience");
    assert.ok(textOf(told).includes("30"), textOf(told));
    assert.equal(await balance(), before + 30);
    await desk.written("person.credits", `person/${ann.id}`);
  });
  await check("credits are taken back", "credits-taken", async () => {
    const before = await balance();
    await desk.does(person(), `${person()}/credits`, "done-credits", { way: "take", amount: "10" }, { reason: "given by mistake" });
    await ann.hears("given by mistake");
    assert.equal(await balance(), before - 10);
  });
  await check("more than they have is not taken", "credits-too-many", async () => {
    const before = await balance();
    await desk.go(person());
    await desk.sends(`${person()}/credits`, { way: "take", amount: "9000" });
    await desk.refuses();
    assert.equal(await balance(), before);
  }, REFUSED);
  await check("a person is written to", "written", async () => {
    await desk.does(person(), `${person()}/message`, "done-written", { words: "Good evening <there>,\nall is mended." });
    await ann.hears("Good evening <there>,\nall is mended.");
  });
  await check("a person is blocked, and served again", "blocked", async () => {
    await desk.does(person(), `${person()}/block`, "done-asked");
    await until(async () => (await desk.api(`people/${ann.id}`)).blocked, "that she is blocked");
    const before = await ann.last();
    await ann.say("/help");
    const closed = await ann.sees((message) => message.from?.is_bot && message.message_id > before && message, "an answer");
    assert.ok(!closed.reply_markup, `blocked people are answered ${textOf(closed)}`);
    await desk.go(person());
    assert.equal(await desk.page.locator("main .badge.bad").count(), 1, "the page does not show it");
    await desk.does(person(), `${person()}/unblock`, "done-asked");
    await until(async () => !(await desk.api(`people/${ann.id}`)).blocked, "that she is served");
    await ann.arrives();
  });
  await check("all that is known of a person is a file", "exported", async () => {
    await desk.go(person());
    const [download] = await Promise.all([desk.page.waitForEvent("download"), desk.sends(`${person()}/export`)]);
    const told = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.ok(JSON.stringify(told).includes(String(ann.id)) && JSON.stringify(told).includes("for your patience"));
    await desk.written("person.export", `person/${ann.id}`);
  });
  await check("somebody is deleted, and is not found any more", "deleted", async () => {
    const bob = new Visitor("Bob", "en");
    await bob.arrives();
    await bob.generates("a lighthouse to forget");
    const page = `/admin/people/${bob.id}`;
    await desk.go(page);
    await desk.sends(`${page}/delete`, { confirm: String(ann.id) });
    await desk.refuses();
    await desk.does(page, `${page}/delete`, "done-delete", { confirm: String(bob.id) });
    await until(async () => (await desk.page.goto(url + page)).status() === 404, "that he is gone");
    await desk.written("person.delete", `person/${bob.id}`);
  }, GONE);
}

// --- generations ----------------------------------------------------------------------------------

async function generations() {
  await check("a generation is looked at now", "driven", async () => {
    const page = await hangs("a lighthouse to look at");
    const before = await journalEnd();
    await desk.does(page, `${page}/drive`, "done-driven");
    await until(async () => (await journal(before, { peer: "fal", call: "status" })).length > 0, "a look at the provider");
    await desk.does(page, `${page}/cancel`, "done-asked");
    await until(async () => (await stateOf(page)) === "cancelled", "its end");
  });
  await check("a generation is cancelled, and its credits are free", "cancelled", async () => {
    const before = await balance();
    const page = await hangs("a lighthouse to cancel");
    assert.ok((await balance()) < before, "nothing is held");
    await desk.does(page, `${page}/cancel`, "done-asked");
    await ann.hears("a lighthouse to cancel");
    await until(async () => (await stateOf(page)) === "cancelled" && (await balance()) === before, "free credits");
    await desk.go(page);
    assert.equal(await desk.page.locator(`form[action="${page}/cancel"]`).count(), 0, "it is offered again");
  });
  await check("a generation that hangs is ended", "released", async () => {
    const before = await balance();
    const page = await hangs("a lighthouse to release");
    await desk.does(page, `${page}/release`, "done-asked");
    await until(async () => (await stateOf(page)) === "failed" && (await balance()) === before, "free credits");
    await desk.written("generation.release", page.slice("/admin/".length).replace("generations", "generation"));
    await desk.go(page);
  });
  await ann.generates("a lighthouse to keep");
  const { generations: all } = await desk.api(`generations?user=${ann.id}&limit=1`);
  const page = `/admin/generations/${all[0].id}`;
  await check("a picture is delivered again", "delivered", async () => {
    const isPicture = (message) => message.photo && textOf(message).includes("a lighthouse to keep") && message;
    const lost = await ann.sees(isPicture, "the picture");
    const { telegram_token: token } = await info();
    await call("POST", `/bot${token}/deleteMessage`, { chat_id: ann.id, message_id: lost.message_id });
    await desk.does(page, `${page}/deliver`, "done-delivered");
    await ann.sees((message) => isPicture(message) && message.message_id > lost.message_id, "the picture again");
  });
  await check("a generation is refunded, once", "refunded", async () => {
    const before = await balance();
    await desk.does(page, `${page}/refund`, "done-refunded", {}, { reason: "it was too dark" });
    await ann.hears("it was too dark");
    assert.ok((await balance()) > before);
    await desk.go(page);
    assert.equal(await desk.page.locator(`form[action="${page}/refund"]`).count(), 0, "it is offered again");
  });
}

// --- actors and what was set aside ----------------------------------------------------------------

async function actors() {
  await desk.go("/admin/actors");
  const node = await desk.page.locator("main .group a").first().getAttribute("href");
  const incarnation = async (kind) => {
    const { nodes } = await desk.api("actors");
    return nodes[0].singletons.find((actor) => actor.kind === kind).incarnation;
  };
  await check("an actor is restarted", "restarted", async () => {
    const before = await incarnation("ledger");
    await desk.does(`${node}/ledger`, `${node}/ledger/restart`, "done-restarted");
    assert.equal(await incarnation("ledger"), before + 1);
    await ann.arrives();
  });
  await check("a person's actor leads to the person, and is put away", "put-away", async () => {
    await desk.go("/admin/actors");
    await desk.page.locator(`main a[href="${person()}"]`).first().waitFor();
    await desk.does(`${node}/users/${ann.id}`, `${node}/users/${ann.id}/retire`, "done-retired");
    await desk.go(`${node}/users/${ann.id}`);
    assert.equal(await desk.page.locator(`form[action$="/retire"]`).count(), 0, "it still lives");
    await ann.arrives();
  });
  await check("the process drains, and is taken back", "drained", async () => {
    const ready = async () => (await fetch(`${url}/health/ready`)).status;
    await desk.does(node, `${node}/drain`, "done-drains");
    assert.equal(await ready(), 503);
    await desk.shoot("act-drains");
    await desk.does(node, `${node}/undrain`, "done-takes-in");
    assert.equal(await ready(), 200);
    await ann.arrives();
  });
  const aside = "/admin/actors/aside";
  const first = async () => {
    await desk.go(aside);
    const forms = desk.page.locator('main form[action$="/replay"]');
    return (await forms.count()) > 0 ? forms.first().getAttribute("action") : null;
  };
  await check("what was set aside is replayed, and then given up", "aside", async () => {
    await ann.say("/crash in a browser");
    const replay = await until(first, "something set aside");
    await desk.look("quarantine", "act-quarantine");
    await desk.page.setViewportSize({ width: 1280, height: 860 });
    await desk.does(aside, replay, "done-replayed");
    // It crashes as often again, and is set aside under a number of its own.
    const again = await until(async () => (await first()) !== replay && first(), "the same, set aside again");
    await desk.does(aside, again, "done-discarded", {}, { button: "button[formaction]" });
    await desk.go(aside);
    assert.equal(await desk.page.locator(`form[action="${again}"]`).count(), 0, "it is still set aside");
    await desk.written("aside.discard", again.split("/").slice(4, 6).join("/"));
    await ann.arrives();
  });
}

// --- the books and storage ------------------------------------------------------------------------

async function books() {
  await check("the books are checked", "books", async () => {
    await desk.does("/admin/ledger", "/admin/ledger/check", "done-books");
    assert.equal(await desk.page.locator("main .badge.good").first().isVisible(), true, "they are not right");
  });
  await check("entries are a file", "csv", async () => {
    await desk.go(`/admin/ledger?user=${ann.id}`);
    const link = desk.page.locator("main a[download]");
    const [download] = await Promise.all([desk.page.waitForEvent("download"), link.click()]);
    const lines = readFileSync(await download.path(), "utf8").trim().split(/\r?\n/);
    const { entries } = await desk.api(`entries?user=${ann.id}&limit=200`);
    assert.equal(lines.length, entries.length + 1, lines[0]);
    assert.ok(lines.slice(1).every((line) => line.includes(String(ann.id))), lines[1]);
  });
}

async function storage() {
  await ann.generates("a lighthouse to bring in");
  const ended = (tone) => desk.page.locator(`[data-live="upkeep"] .badge.${tone}`);
  await check("objects are compared with rows", "compared", async () => {
    await desk.does("/admin/storage", "/admin/storage/check", "done-begun");
    await ended("good").waitFor();
    await desk.go("/admin/storage");
    await desk.page.locator("main table").last().waitFor();
  });
  await check("objects are compared, and moved to where they belong", "moved", async () => {
    await desk.does("/admin/storage", "/admin/storage/move", "done-begun");
    await ended("good").waitFor();
    assert.match(await desk.page.locator('[data-live="upkeep"]').textContent(), /move/i);
    await desk.go("/admin/storage");
  });
  await check("bringing in is begun, watched and stopped, and ends when it is let", "backfill", async () => {
    // As three failures leave it: the writer does not touch it by itself.
    sql(`UPDATE picture SET state = 'fallback', attempts = 3 WHERE owner = ${ann.id} AND state = 'stored'`);
    assert.ok((await desk.api("storage")).aside > 0, "nothing is set aside");
    await orderFault({ peer: "fal", call: "file", delay_ms: 600_000 });
    await desk.does("/admin/storage", "/admin/storage/backfill", "done-begun");
    await desk.page.locator('[data-live="upkeep"] progress').waitFor();
    await desk.shoot("act-backfill-runs");
    await desk.go("/admin/storage");
    await desk.sends("/admin/storage/check");
    await desk.refuses();
    await desk.does("/admin/storage", "/admin/storage/stop", "done-stopping");
    await desk.page.locator('[data-live="upkeep"] progress').waitFor({ state: "hidden" });
    await clearFaults();
    await desk.does("/admin/storage", "/admin/storage/backfill", "done-begun");
    await ended("good").waitFor();
    assert.equal((await desk.api("storage")).aside, 0, "it was not brought in");
    await desk.go("/admin/storage");
  }, REFUSED);
}

// --- what is for sale, broadcasts, maintenance ----------------------------------------------------

async function catalogue() {
  const page = "/admin/catalogue/models/imagen4";
  const sold = async () => {
    await ann.say("/start");
    await ann.presses(/^1~?im$/);
    await ann.presses(/^1~?ms/);
    const offered = await ann.sees((message) => {
      const data = (message.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.callback_data ?? "");
      return data.some((each) => /^1~?md\./.test(each)) && data;
    }, "the models");
    return offered.some((each) => /^1~?md\.imagen4/.test(each));
  };
  await check("a model is taken off sale, and put back", "sale", async () => {
    assert.ok(await sold(), "it was not for sale");
    await desk.does(page, `${page}/off`, "done-sale", {}, { reason: "its pictures are green" });
    await until(async () => !(await sold()), "that it is not offered");
    await desk.shoot("act-off-sale");
    await desk.does(page, `${page}/on`, "done-sale");
    await until(sold, "that it is offered again");
    await desk.does(page, `${page}/lift`, "done-sale");
    await desk.go("/admin/catalogue");
    await desk.page.getByText("its pictures are green").first().waitFor();
  });
  await check("the file is read again, and a wrong one is refused", "file", async () => {
    const called = async (title) => {
      await desk.go(page);
      return (await desk.page.locator("h1").textContent()) === title;
    };
    const shipped = readFileSync(new URL("../../config.toml", import.meta.url), "utf8");
    try {
      writeFileSync(config, shipped.replace(/^title = "Imagen 4"$/m, 'title = "Imagen of the file"'));
      await desk.does("/admin/catalogue", "/admin/catalogue/reload", "done-reloaded");
      assert.ok(await called("Imagen of the file"), "the new file does not count");
      writeFileSync(config, shipped.replace(/^price = 5$/m, "price = -5"));
      await desk.go("/admin/catalogue");
      await desk.sends("/admin/catalogue/reload");
      assert.match(await desk.refuses(), /price/);
      await desk.shoot("act-file-refused");
      assert.ok(await called("Imagen of the file"), "the old models did not stay");
    } finally {
      rmSync(config, { force: true });
    }
    await desk.does("/admin/catalogue", "/admin/catalogue/reload", "done-reloaded");
    assert.ok(!(await called("Imagen of the file")));
  }, REFUSED);
  await check("the provider is asked about a model", "probed", async () => {
    await desk.go(page);
    await desk.page.locator(`main a[href="${page}/probe"]`).click();
    await desk.page.locator("main p.notice.good[role=status]").waitFor();
  });
}

async function broadcasts() {
  const listeners = Array.from({ length: 48 }, (_, n) => new Visitor(`Listener ${n}`, "ru"));
  await Promise.all(listeners.map((each) => each.arrives()));
  const heard = async (words) => {
    const all = await Promise.all(listeners.map((each) => each.messages()));
    return all.filter((messages) => messages.some((message) => textOf(message).includes(words))).length;
  };
  const draft = async (words) => {
    await desk.go("/admin/broadcasts");
    await desk.sends("/admin/broadcasts", { segment: "language:ru", text_en: `${words} in English`, text_ru: `${words} по-русски` });
    await desk.said("done-broadcast-draft");
    const preview = await desk.page.locator("main .said").allTextContents();
    assert.deepEqual(preview, [`${words} in English`, `${words} по-русски`]);
    return new URL(desk.page.url()).pathname;
  };
  await check("a broadcast is drafted, looked at, begun, paused, and goes on to its end", "broadcast", async () => {
    const page = await draft(`News ${suffix}`);
    await desk.look("a draft", "act-broadcast-draft");
    await desk.page.setViewportSize({ width: 1280, height: 860 });
    assert.equal(await heard(`News ${suffix}`), 0, "a draft was sent");
    await desk.does(page, `${page}/start`, "done-broadcast-started");
    await desk.sends(`${page}/pause`);
    await desk.said("done-broadcast-paused");
    await desk.go(page);
    assert.equal(await desk.page.locator(`form[action="${page}/resume"]`).count(), 1, "it was over before it was paused");
    assert.ok((await heard(`News ${suffix}`)) < listeners.length, "it was not paused");
    await desk.does(page, `${page}/resume`, "done-broadcast-resumed");
    await until(async () => (await heard(`News ${suffix} по-русски`)) === listeners.length, "the news everywhere", 60_000);
    await desk.page.locator("#progress:not([hx-get]) .badge.good").waitFor();
    assert.equal(await desk.page.locator("main form[method=post]").count(), 0, "something can still be done to it");
  });
  await check("a broadcast is cancelled under way", "broadcast-cancelled", async () => {
    const page = await draft(`Mistake ${suffix}`);
    await desk.does(page, `${page}/start`, "done-broadcast-started");
    await desk.sends(`${page}/cancel`);
    await desk.said("done-broadcast-cancelled");
    assert.ok((await heard(`Mistake ${suffix}`)) < listeners.length, "everybody got it");
    assert.equal(await desk.page.locator("main form[method=post]").count(), 0, "something can still be done to it");
  });
}

async function maintenance() {
  await check("maintenance begins, people are told, and it ends", "maintenance", async () => {
    await desk.does("/admin/maintenance", "/admin/maintenance/on", "done-maintenance-on");
    await desk.page.locator(".banner .notice").waitFor();
    await desk.shoot("act-maintenance");
    const before = await balance();
    await ann.say("/imagine a lighthouse in the fog");
    await ann.hears("maintenance");
    assert.equal(await balance(), before, "something was charged");
    await desk.does("/admin/maintenance", "/admin/maintenance/off", "done-maintenance-off");
    assert.equal(await desk.page.locator(".banner .notice").count(), 0);
    await ann.generates("a lighthouse after the fog");
  });
}

// --- operators and the own account ----------------------------------------------------------------

async function operators(browser) {
  const name = `sue-${suffix}`;
  const page = `/admin/operators/${name}`;
  let password = randomBytes(24).toString("base64url");
  let sue;
  const isIn = async () => {
    await sue.page.goto(`${url}/admin/people`);
    return (await sue.page.locator("nav.side a").count()) > 0;
  };
  await check("an operator is made, and signs in", "operator-made", async () => {
    await desk.does("/admin/operators", "/admin/operators", "done-created", { name, role: "viewer", password });
    sue = await Desk.signIn(browser, name, password, { language: "ru" });
    await desk.does("/admin/operators", "/admin/operators", "done-created", { name: `${name}-2`, role: "finance", password: randomBytes(24).toString("base64url") });
    await desk.go("/admin/operators");
    await desk.sends("/admin/operators", { name, role: "viewer", password });
    await desk.refuses();
  }, REFUSED);
  await check("a viewer sees everything, and no button", "viewer", async () => {
    await sue.go("/admin");
    const own = new Set(["/admin/account", "/admin/logout", "/admin/preferences"]);
    for (const { path } of await sue.navigation()) {
      await sue.go(path);
      const deeper = await sue.below(path);
      for (const place of deeper ? [path, deeper] : [path]) {
        await sue.go(place);
        const forms = await sue.page.locator("main form[method=post]").evaluateAll((all) => all.map((form) => new URL(form.action).pathname));
        assert.deepEqual(forms.filter((action) => !own.has(action)), [], place);
      }
    }
    await sue.page.goto(`${url}/admin/operators`);
    assert.equal(await sue.page.locator("main .card form").count(), 0);
    sue.clean("a viewer", /^(403 for|console: Failed to load resource: the server responded with a status of 403)/);
    await sue.go(person());
    await sue.shoot("act-viewer");
  });
  await check("an operator's role is changed", "operator-role", async () => {
    await desk.does(page, `${page}/role`, "done-role", { role: "support" });
    assert.ok(await isIn());
    await sue.go(person());
    assert.equal(await sue.page.locator(`form[action="${person()}/message"]`).count(), 1);
    assert.equal(await sue.page.locator(`form[action="${person()}/credits"]`).count(), 0);
  });
  await check("an operator's sessions end", "operator-sessions", async () => {
    await desk.does(page, `${page}/sessions`, "done-sessions");
    assert.ok(!(await isIn()), "the session lives");
    await sue.enter(name, password);
  });
  await check("an operator is disabled, and let in again", "operator-disabled", async () => {
    await desk.does(page, `${page}/disable`, "done-disabled");
    assert.ok(!(await isIn()), "the session lives");
    await sue.page.goto(`${url}/admin/login`);
    await sue.page.fill("[name=name]", name);
    await sue.page.fill("[name=password]", password);
    await sue.page.locator("main button.primary").click();
    await sue.refuses();
    await desk.does(page, `${page}/enable`, "done-enabled");
    await sue.enter(name, password);
  });
  await check("an operator who lost their password gets another one", "operator-password", async () => {
    password = randomBytes(24).toString("base64url");
    await desk.does(page, `${page}/password`, "done-password", { password });
    assert.ok(!(await isIn()), "the session lives");
    await sue.enter(name, password);
  });
  await own(sue, name, password);
  await sue.close();
}

/** The code of this half minute, by the letters that the page shows (RFC 6238). */
function code(letters) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...letters.replaceAll(/[^A-Z2-7]/g, "")].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const span = Buffer.alloc(8);
  span.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(span).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** What an operator does to their own account. */
async function own(sue, name, password) {
  const isOut = () => sue.page.locator("form[action='/admin/login']").waitFor();
  // A code is good once; the half minute in which the next one counts is not waited for.
  const anew = () => sql(`UPDATE operator SET totp_used = 0 WHERE name = '${name}'`);
  const next = randomBytes(24).toString("base64url");
  await tally.check("an operator changes their password", async () => {
    await sue.go("/admin/account");
    await sue.sends("/admin/account/password", { password, new: "too short" });
    await sue.refuses();
    await sue.sends("/admin/account/password", { password, new: next });
    await isOut();
    await sue.enter(name, next);
    sue.troubles.length = 0;
  });
  await tally.check("an operator sets up a second factor, signs in by it, and switches it off", async () => {
    await sue.go("/admin/account/totp");
    await sue.look("the second factor", "act-totp");
    await sue.page.setViewportSize({ width: 1280, height: 860 });
    const letters = await sue.page.locator("main ol.steps code").first().textContent();
    await sue.sends("/admin/account/totp", { code: "000000" });
    await sue.refuses();
    await sue.sends("/admin/account/totp", { code: code(letters) });
    await isOut();
    anew();
    await sue.page.fill("[name=name]", name);
    await sue.page.fill("[name=password]", next);
    await sue.page.locator("main button.primary").click();
    await sue.refuses();
    await sue.enter(name, next, code(letters));
    await sue.go("/admin/account");
    await sue.shoot("act-account");
    await sue.sends("/admin/account/totp/off");
    await isOut();
    await sue.enter(name, next);
    sue.troubles.length = 0;
  });
  await tally.check("an operator ends their other sessions, and signs out", async () => {
    await sue.go("/admin/account");
    await sue.sends("/admin/account/sessions");
    await sue.said("done-sessions");
    await sue.page.locator("details.menu summary").click();
    await sue.page.locator("form[action='/admin/logout'] button").click();
    await isOut();
    await sue.page.goto(`${url}/admin/people`);
    await isOut();
    sue.clean("signed out");
  });
}

// --- refusals -------------------------------------------------------------------------------------

async function refusals() {
  desk.language = "ru";
  await desk.context.addCookies([{ name: "aisha_admin_language", value: "ru", url: `${url}/admin` }]);
  await check("what has no reason is not done", "no-reason", async () => {
    await desk.go(person());
    await desk.sends(`${person()}/block`, {}, { reason: null });
    const missing = await desk.page.locator(`form[action="${person()}/block"] [name=reason]`).evaluate((field) => field.validity.valueMissing);
    assert.ok(missing, "the browser lets it pass");
    await desk.page.locator(`form[action="${person()}/block"]`).evaluate((form) => {
      form.noValidate = true;
      form.requestSubmit();
    });
    await desk.refuses();
    assert.equal((await desk.api(`people/${ann.id}`)).blocked, false);
  }, REFUSED);
  await check("before money the password is asked for again, and a wrong one opens nothing", "step-up", async () => {
    const before = await balance();
    sql(`UPDATE admin_session SET proved_at = proved_at - 660000000 WHERE operator = (SELECT id FROM operator WHERE name = '${owner}')`);
    await desk.go(person());
    await desk.sends(`${person()}/credits`, { way: "give", amount: "7" });
    await desk.page.waitForURL(`${url}/admin/proof?**`);
    await desk.shoot("act-proof");
    await desk.sends("/admin/proof", { password: randomBytes(18).toString("base64url") });
    await desk.refuses();
    await desk.sends("/admin/proof", { password: secret });
    await desk.said("done-proved");
    assert.equal(await balance(), before, "it was booked without being sent again");
    await desk.does(person(), `${person()}/credits`, "done-credits", { way: "give", amount: "7" });
    assert.equal(await balance(), before + 7);
  }, REFUSED);
}

// --- all of it ------------------------------------------------------------------------------------

for (const name of ["AISHA_BINARY", "AISHA_SERVE_DIR"]) assert.ok(process.env[name], `${name} is not set: see the head of this file`);
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
const secret = makeOperator(owner, "owner");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
try {
  desk = await Desk.signIn(browser, owner, secret);
  ann = await new Visitor("Ann").arrives();
  const only = process.argv.slice(2);
  for (const part of [people, second, generations, actors, books, storage, catalogue, broadcasts, maintenance, operators, refusals]) {
    if (only.length > 0 && !only.includes(part.name)) continue;
    await tally.check(`nothing was left out: ${part.name}`, () => part(browser, { desk, ann, check, balance, suffix, config }));
  }
} finally {
  await browser.close();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
tally.close();
