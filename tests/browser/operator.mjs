// What the checks of the dashboard share: a browser's window that notices what goes wrong, operators, and people in
// the sandbox's chat.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { call, load, url } from "../clients/sandbox.mjs";

export const { chromium } = load("playwright-core");
const AXE = load("axe-core").source;
export const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** For one answer, in milliseconds; the machine may be busy. */
export const PATIENCE = 60_000;
export const PATIENCE_PICTURE = 60_000;
export const SCREENSHOTS = process.env.AISHA_SCREENSHOTS;
const WIDTHS = { desktop: { width: 1280, height: 860 }, phone: { width: 360, height: 780 } };
export const LOCALES = { en: "en-GB", ru: "ru-RU" };

/** A browser's window on the dashboard, and what went wrong in it. */
export class Window {
  troubles = [];

  static async open(browser, { language = "en", scheme = "light", state } = {}) {
    const window = new this();
    const { width, height } = WIDTHS.desktop;
    window.language = language;
    window.scheme = scheme;
    window.context = await browser.newContext({ locale: LOCALES[language], colorScheme: scheme, viewport: { width, height }, storageState: state });
    window.context.setDefaultTimeout(PATIENCE);
    const page = await window.context.newPage();
    window.page = page;
    await page.exposeFunction("aishaViolation", (what) => window.troubles.push(`CSP: ${what}`));
    // Scripts of Playwright's own are not subject to the page's policy.
    await page.addInitScript({ content: AXE });
    await page.addInitScript(() => {
      globalThis.lives = 0;
      document.addEventListener("live", () => (globalThis.lives += 1));
      document.addEventListener("securitypolicyviolation", (event) => globalThis.aishaViolation(`${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && window.troubles.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => window.troubles.push(`exception: ${error.message}`));
    page.on("request", (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(`${url}/`) || window.troubles.push(`foreign request ${request.url()}`));
    page.on("response", (response) => response.status() >= 400 && window.troubles.push(`${response.status()} for ${response.url()}`));
    return window;
  }

  /** Nothing went wrong since the last call, but for what fits `allowed`. */
  clean(where, allowed = /^$/) {
    const troubles = this.troubles.splice(0).filter((trouble) => !allowed.test(trouble));
    assert.deepEqual(troubles, [], `${where}: troubles`);
  }

  /** Opens a page and waits until its parts live. */
  async go(path) {
    const answer = await this.page.goto(url + path);
    assert.equal(answer.status(), 200, `${path} answered ${answer.status()}`);
    await this.lives();
  }

  async lives() {
    await this.page.locator('[data-live="status"] .dot').waitFor();
  }

  /** axe finds nothing serious, whatever the standard that says so. */
  async accessible(where) {
    const faults = await this.page.evaluate(async () => {
      const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      const grave = result.violations.filter((each) => ["serious", "critical"].includes(each.impact));
      return grave.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
    });
    assert.deepEqual(faults, [], `${where}: axe`);
  }

  /** In its language, no wider than the window, with the landmarks and one heading of the first level. */
  async wellMade(where) {
    // Charts follow the window a moment later; one that does not is told of below.
    await this.page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth).catch(() => {});
    const seen = await this.page.evaluate(() => ({
      wide: [document.documentElement.scrollWidth, document.documentElement.clientWidth],
      language: document.documentElement.lang,
      headings: [...document.querySelectorAll("h1")].map((heading) => heading.textContent.trim()),
      mains: document.querySelectorAll("main").length,
      title: document.title,
    }));
    assert.ok(seen.wide[0] <= seen.wide[1], `${where}: the page is ${seen.wide[0]} px wide in a window of ${seen.wide[1]}`);
    assert.equal(seen.language, this.language, `${where}: the page's language`);
    assert.equal(seen.mains, 1, `${where}: landmarks of the content`);
    assert.equal(seen.headings.length, 1, `${where}: headings ${seen.headings}`);
    assert.ok(seen.headings[0].length > 0 && seen.title.startsWith(seen.headings[0]), `${where}: ${seen.title}`);
    return seen.headings[0];
  }

  async shoot(name) {
    if (!SCREENSHOTS) return;
    await this.page.screenshot({ path: join(SCREENSHOTS, `admin-${name}-${this.language}-${this.scheme}.png`), animations: "disabled" });
  }

  /** Looks at the page that is open, at both widths. */
  async look(where, name) {
    for (const [screen, viewport] of Object.entries(WIDTHS)) {
      await this.page.setViewportSize(viewport);
      const here = `${where}, ${screen}`;
      await this.wellMade(here);
      await this.accessible(here);
      await this.shoot(`${name}-${screen}`);
    }
  }

  /** The pages of the navigation: path and name. */
  navigation() {
    return this.page.locator("nav.side a").evaluateAll((all) => all.map((link) => ({ path: new URL(link.href).pathname, name: link.textContent.trim() })));
  }

  /** A page that the open one leads to, deeper down: a person, a generation, an operator. Not a file. */
  below(path) {
    return this.page.evaluate(async (path) => {
      const under = path === "/admin" ? undefined : `${path}/`;
      const links = [...document.querySelectorAll("main a[href]")].filter((link) => !link.hasAttribute("download") && new URL(link.href).pathname.startsWith(under));
      for (const link of links.slice(0, 3)) {
        const answer = await fetch(link.href, { method: "HEAD" });
        if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html")) return new URL(link.href).pathname;
      }
      return null;
    }, path);
  }
}

/** The window of an operator who does something. */
export class Desk extends Window {
  static async signIn(browser, name, password, options) {
    const desk = await this.open(browser, options);
    await desk.enter(name, password);
    return desk;
  }

  async enter(name, password, code) {
    const { page } = this;
    await page.goto(`${url}/admin/login`);
    await page.fill("[name=name]", name);
    await page.fill("[name=password]", password);
    if (code) await page.fill("[name=code]", code);
    await page.locator("main button.primary").click();
    await page.locator("nav.side a").first().waitFor();
  }

  /** Fills in a form of the open page, where it is folded up opens it, and sends it. */
  async sends(action, fields = {}, { reason = "tried in a browser", button = "button[type=submit]:not([formaction])" } = {}) {
    const form = this.page.locator(`form[action="${action}"]`);
    const fold = this.page.locator("main details:not([open])", { has: form });
    if ((await fold.count()) > 0) await fold.locator("> summary").click();
    for (const [name, value] of Object.entries(fields)) {
      const field = form.locator(`[name="${name}"]`);
      if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
      else await field.fill(value);
    }
    const why = form.locator("[name=reason]");
    if (reason && (await why.count()) > 0) await why.fill(reason);
    await form.locator(button).click();
  }

  /** The same from a page that is opened for it; the page that it leads to says that it was done. */
  async does(path, action, key, fields, options) {
    await this.go(path);
    await this.sends(action, fields, options);
    await this.said(key);
  }

  async said(key) {
    await this.page.waitForURL((address) => address.searchParams.get("done") === key);
    const notice = this.page.locator("main p.notice.good[role=status]");
    await notice.waitFor();
    this.speaks(await notice.textContent());
  }

  /** What a page says that takes a form not. */
  async refuses() {
    const alert = this.page.locator("main [role=alert]");
    await alert.waitFor();
    const words = await alert.textContent();
    this.speaks(words);
    return words;
  }

  /** These words are in the window's language. */
  speaks(words) {
    assert.equal(/[а-яё]/i.test(words), this.language === "ru", `in ${this.language} it says: ${words}`);
  }

  /** What the same says as JSON. */
  async api(path) {
    const answer = await this.context.request.get(`${url}/admin/api/${path}`);
    assert.equal(answer.status(), 200, path);
    return answer.json();
  }

  /** Whether a row of the audit log tells of it. */
  async written(action, subject) {
    const answer = await this.context.request.get(`${url}/admin/audit?subject=${encodeURIComponent(subject)}`);
    assert.ok((await answer.text()).includes(action), `${action} is not in the audit log of ${subject}`);
  }

  async close() {
    await this.context.close();
  }
}

/** Changes rows behind the program's back: time travel, and what a sandbox cannot provoke. */
export function sql(statement) {
  const script = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=20) as db: db.execute(sys.argv[2])";
  const file = join(process.env.AISHA_SERVE_DIR, "data", "aisha.db");
  const ran = spawnSync("python3", ["-c", script, file, statement], { encoding: "utf8", timeout: PATIENCE });
  assert.equal(ran.status, 0, ran.stderr);
}

/** An operator with a password that nobody knows. */
export function makeOperator(name, role) {
  const directory = process.env.AISHA_SERVE_DIR;
  const password = randomBytes(24).toString("base64url");
  const environment = { PATH: process.env.PATH, HOME: directory, DATA_DIR: join(directory, "data") };
  const made = spawnSync(process.env.AISHA_BINARY, ["admin", "create", name, "--role", role, "--password-stdin"], { cwd: directory, env: environment, input: password, encoding: "utf8", timeout: PATIENCE });
  assert.equal(made.status, 0, `aisha admin create: ${made.stderr}`);
  assert.ok(!`${made.stdout}${made.stderr}`.includes(password), "the password was shown");
  return password;
}

/** A visitor of the sandbox's chat. Buttons are found by what they do, never by their words. */
export class Visitor {
  constructor(name = "Live", language = "en") {
    this.id = 2_000_000_000 + Math.floor(Math.random() * 1e12);
    this.path = `/sandbox/chats/${this.id}`;
    this.person = { first_name: name, language_code: language };
  }

  say(text) {
    return call("POST", `${this.path}/messages`, { text, ...this.person });
  }

  async messages() {
    return (await call("GET", `${this.path}/messages`)).messages;
  }

  /** Waits until a message is as wanted, the newest first, and gives what `look` makes of it. */
  async sees(look, what, patience = PATIENCE) {
    return until(async () => {
      for (const message of (await this.messages()).toReversed()) {
        const found = look(message);
        if (found) return found;
      }
      return null;
    }, `${what} in the chat of ${this.person.first_name}`, patience, async () => JSON.stringify(await this.messages()).slice(-1500));
  }

  /** A message of the bot with these words, after the one of this id. */
  hears(words, after = 0) {
    return this.sees((message) => message.from?.is_bot && message.message_id > after && textOf(message).includes(words) && message, words);
  }

  finds(what, patience, after = 0) {
    return this.sees((message) => {
      if (message.message_id <= after) return null;
      const buttons = (message.reply_markup?.inline_keyboard ?? []).flat();
      const button = buttons.find(({ callback_data: data }) => data && what.test(data));
      return button && { message_id: message.message_id, data: button.callback_data };
    }, `a button ${what}`, patience);
  }

  async presses(what, patience) {
    return call("POST", `${this.path}/press`, await this.finds(what, patience));
  }

  async last() {
    return (await this.messages()).at(-1)?.message_id ?? 0;
  }

  /** Registered, and at home. */
  async arrives() {
    await this.say("/start");
    await this.finds(/^1~?im$/);
    return this;
  }

  /** Orders one picture; it is on its way then. */
  async orders(prompt) {
    await this.say("/start");
    await this.presses(/^1~?im$/);
    await this.finds(/^1~?ms/);
    await this.say(prompt);
    await this.presses(/^1~?rt\.1:1/);
    await this.presses(/^1~?ct\.1/);
    await this.presses(/^1~?go/);
  }

  /** Has one picture made. */
  async generates(prompt = "a lighthouse that is live") {
    const before = await this.last();
    await this.orders(prompt);
    return this.finds(/^1~?ag/, PATIENCE_PICTURE, before);
  }
}

export const textOf = (message) => message.text ?? message.caption ?? "";

/** Asks again and again, at a measured pace, until there is something. */
export async function until(look, what, patience = PATIENCE, told = async () => "") {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `never came: ${what} ${await told()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
