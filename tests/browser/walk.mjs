// A visitor walks through the product in a real browser: from /start to the picture in the gallery and
// back, in both languages, on a desktop and on a phone, all four at once. Needs SANDBOX_URL (the
// all-in-one) and AISHA_NODE_DIR (see ../clients/prepare.sh); CHROMIUM names the browser. Screenshots go
// to AISHA_SCREENSHOTS, when set. Buttons are found by what they do, never by their words.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { load, Tally, url } from "../clients/sandbox.mjs";

const { chromium } = load("playwright-core");
const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** For one answer of the bot, in milliseconds; it paces its messages, and the machine may be busy. */
const PATIENCE = 60_000;
/** For a generation, with others waiting before it. */
const PATIENCE_PICTURE = 120_000;
const SCREENSHOTS = process.env.AISHA_SCREENSHOTS;
const PEOPLE = { en: { name: "Ann", prompt: "a lighthouse over a calm sea at dusk" }, ru: { name: "Анна", prompt: "маяк над спокойным морем на закате" } };
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** Buttons of an action, whatever its arguments: `1im`, `1~cd.…`. */
const doing = (...codes) =>
  codes.flatMap((code) => [`1${code}`, `1~${code}`].flatMap((data) => [`[data-callback="${data}"]`, `[data-callback^="${data}."]`])).join(", ");

class Walk {
  shots = 0;
  troubles = [];

  constructor(browser, language, screen) {
    Object.assign(this, { browser, language, screen, ...PEOPLE[language] });
    this.id = 1_000_000 + Math.floor(Math.random() * 1e12);
  }

  async begin() {
    this.context = await this.browser.newContext({ ...SCREENS[this.screen], locale: this.language === "ru" ? "ru-RU" : "en-GB" });
    this.context.setDefaultTimeout(PATIENCE);
    const page = await this.context.newPage();
    await page.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && this.troubles.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => this.troubles.push(`exception: ${error.message}`));
    page.on("response", (response) => response.status() >= 400 && this.troubles.push(`${response.status()} for ${response.url()}`));
    page.on("request", (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(`${url}/`) || this.troubles.push(`foreign request ${request.url()}`));
    this.page = page;
  }

  // --- what can be seen -------------------------------------------------------------------------

  botMessages() {
    return this.page.locator('[data-testid="message"][data-from="bot"]');
  }

  last() {
    return this.botMessages().last();
  }

  /** Waits until the newest message of the bot has a button for each of these actions; gives the message. */
  async sees(...codes) {
    for (const code of codes) await this.last().locator(doing(code)).first().waitFor();
    return this.last();
  }

  /** What a message says, without the time below it. */
  async textOf(message) {
    const text = message.locator(".text").first();
    return text.evaluate((node) => [...node.childNodes].filter((child) => !child.classList?.contains("meta")).map((child) => child.textContent).join("").trim());
  }

  async speaksItsLanguage(message) {
    const text = await this.textOf(message);
    assert.equal(/[а-яё]/i.test(text), this.language === "ru", `in ${this.language} the bot says: ${text}`);
    return text;
  }

  /** All pictures in a message, once they have loaded; their widths and heights. */
  async pictures(message) {
    const images = message.locator('[data-testid="photo"].loaded img');
    await images.first().waitFor();
    return images.evaluateAll((all) => all.map((image) => [image.naturalWidth, image.naturalHeight]));
  }

  async shoot(name) {
    const { page } = this;
    const wide = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide[0] <= wide[1], `${name}: the page is ${wide[0]} px wide in a window of ${wide[1]}`);
    this.shots += 1;
    if (!SCREENSHOTS) return;
    const file = `${this.language}-${this.screen}-${String(this.shots).padStart(2, "0")}-${name}.png`;
    await page.screenshot({ path: join(SCREENSHOTS, file), animations: "disabled" });
  }

  // --- what can be done -------------------------------------------------------------------------

  /** Presses the newest button for an action and waits until the bot has answered the press. */
  async press(code) {
    const button = this.page.locator(doing(code)).last();
    const answered = this.page.waitForResponse((response) => response.url().endsWith(`/sandbox/chats/${this.id}/press`));
    await button.click();
    assert.equal((await answered).status(), 200, `press of ${code}`);
    await this.page.waitForFunction(() => !document.querySelector('[data-testid="button"].busy'), undefined, { timeout: PATIENCE });
  }

  async say(text) {
    await this.page.getByTestId("composer").fill(text);
    await this.page.getByTestId("send").click();
    await this.page.locator('[data-testid="message"][data-from="visitor"]').last().getByText(text).waitFor();
  }

  // --- the way ----------------------------------------------------------------------------------

  async open() {
    const { page } = this;
    const query = new URLSearchParams({ chat: this.id, lang: this.language, name: this.name });
    await page.goto(`${url}/sandbox?${query}`);
    await page.locator('[data-testid="status"][data-state="live"]').waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), this.language);
    await this.shoot("empty");
    await page.getByTestId("start").click();
    await this.speaksItsLanguage(await this.sees("im", "gl", "bl", "st", "hp"));
    await this.shoot("home");
  }

  async commands() {
    const { page } = this;
    await page.getByTestId("composer").fill("/");
    await page.getByTestId("command").first().waitFor();
    const commands = await page.getByTestId("command").evaluateAll((all) => all.map((each) => each.dataset.command));
    for (const command of ["start", "imagine", "gallery", "balance", "help"]) assert.ok(commands.includes(command), `/${command} is not in ${commands}`);
    // The bot that has just started may still be setting its lists, one per language.
    const spoken = this.language === "ru" ? /[а-яё]/i : /^[^а-яё]+$/i;
    await page.getByTestId("command").filter({ hasText: spoken }).first().waitFor();
    await this.shoot("commands");
    await page.getByTestId("composer").fill("");
  }

  async quote() {
    await this.press("im");
    await this.speaksItsLanguage(await this.sees("ms", "bk", "hm"));
    await this.say(this.prompt);
    await this.speaksItsLanguage(await this.sees("rt"));
    await this.shoot("ratios");
    await this.press("rt.16:9");
    await this.sees("ct");
    await this.press("ct.2");
    const text = await this.speaksItsLanguage(await this.sees("go", "rs", "cs", "ep"));
    assert.ok(text.includes(this.prompt), `the quote does not say the prompt: ${text}`);
    assert.ok(text.includes("16:9"), `the quote does not say the ratio: ${text}`);
    await this.shoot("quote");
  }

  async generate() {
    const { page } = this;
    await this.press("go");
    await page.locator(doing("cn")).last().waitFor();
    await this.shoot("progress");
    await page.locator(doing("ag")).last().waitFor({ timeout: PATIENCE_PICTURE });
    const photos = page.locator('[data-testid="message"][data-from="bot"] [data-testid="photo"].loaded');
    await photos.nth(1).waitFor();
    assert.equal(await photos.count(), 2);
    for (const size of await this.pictures(page.locator("#list"))) assert.ok(size[0] > size[1], `16:9 came as ${size}`);
    await this.speaksItsLanguage(await this.sees("ag", "nr", "fp", "cd", "hm", "fv", "or", "da"));
    await this.shoot("pictures");
  }

  async viewer() {
    const { page } = this;
    await page.getByTestId("photo").last().click();
    const shown = page.getByTestId("viewer");
    await shown.locator("img").waitFor();
    await page.waitForFunction(() => document.querySelector('[data-testid="viewer"] img')?.naturalWidth > 0);
    await this.shoot("viewer");
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "detached" });
  }

  async gallery() {
    const { page } = this;
    const onResult = await this.sees("fv");
    await this.press("fv");
    // Set, not toggled: the button now offers to take it out.
    await onResult.locator('[data-callback^="1fv."][data-callback$=".0.r"]').waitFor();
    const before = await this.botMessages().count();
    await this.press("cd");
    await page.waitForFunction((count) => document.querySelectorAll('[data-testid="message"][data-from="bot"]').length > count, before);
    const card = await this.sees("no", "fv", "fl", "ss", "da", "bk", "hm");
    assert.equal((await this.pictures(card)).length, 1);
    const first = await this.speaksItsLanguage(card);
    await this.shoot("gallery");
    // Two pictures: from this one there is exactly one way, and from there exactly the way back.
    const [there, back] = (await card.locator(doing("ol")).count()) > 0 ? ["ol", "nw"] : ["nw", "ol"];
    assert.equal(await card.locator(doing(back)).count(), 0);
    await this.press(there);
    await this.sees(back);
    assert.equal(await this.last().locator(doing(there)).count(), 0);
    assert.notEqual(await this.textOf(this.last()), first);
    await this.pictures(this.last());
    await this.press(back);
    await this.sees(there);
    assert.equal(await this.textOf(this.last()), first);
  }

  async filters() {
    await this.press("fl");
    await this.sees("fms", "fds", "ff", "gl");
    await this.shoot("filters");
    await this.press("fds");
    await this.sees("fd", "fc");
    await this.press("fd.y");
    await this.sees("fms", "fr");
    await this.press("gl");
    // Nothing was made yesterday: a screen of its own, with the way out.
    await this.last().locator('[data-testid="photo"]').waitFor({ state: "detached" });
    await this.speaksItsLanguage(await this.sees("fr", "fl"));
    await this.shoot("nothing-matches");
    await this.press("fr");
    await this.sees("fv", "no", "fl");
    await this.press("fl");
    await this.sees("fms", "ff");
    await this.press("ff.1");
    await this.sees("fr");
    await this.press("gl");
    const card = await this.sees("fl", "fv", "no");
    assert.equal((await this.pictures(card)).length, 1);
    assert.equal(await card.locator(doing("ol", "nw")).count(), 0, "one favourite, yet there is another");
    await this.shoot("favourites");
    await this.press("fl");
    await this.sees("fr");
    await this.press("fr");
    await this.last().locator(doing("fr")).waitFor({ state: "detached" });
  }

  async back() {
    await this.press("bk");
    await this.last().locator(doing("hm", "im")).first().waitFor();
    if ((await this.last().locator(doing("hm")).count()) > 0) await this.press("hm");
    await this.speaksItsLanguage(await this.sees("im", "gl"));
    await this.shoot("back-home");
  }

  async reload() {
    const { page } = this;
    const ids = () => page.locator('[data-testid="message"]').evaluateAll((all) => all.map((each) => `${each.dataset.messageId} ${each.innerText}`));
    const before = await ids();
    await page.reload();
    await page.locator('[data-testid="status"][data-state="live"]').waitFor();
    await this.sees("im");
    assert.deepEqual(await ids(), before);
  }

  async clean() {
    this.troubles.push(...(await this.page.evaluate(() => globalThis.violations)).map((violation) => `CSP: ${violation}`));
    assert.deepEqual(this.troubles, []);
  }

  /** Goes the whole way; a step that fails ends it. */
  async run(tally) {
    const steps = ["open", "commands", "quote", "generate", "viewer", "gallery", "filters", "back", "reload", "clean"];
    await this.begin();
    for (const step of steps) {
      // What follows starts where this step ends.
      if (await tally.check(step, () => this[step]())) continue;
      await this.page.screenshot({ path: SCREENSHOTS && join(SCREENSHOTS, `${this.language}-${this.screen}-failed-${step}.png`) }).catch(() => {});
      console.error(`${this.language} ${this.screen}: ${(await this.page.locator("#list").innerText().catch(() => "")).slice(-1500)}`);
      console.error(this.troubles.join("\n"));
      break;
    }
    await this.context.close();
  }
}

if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
// A new, empty profile for each start is what Playwright does; its headless mode has no sandbox either.
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const tallies = [];
try {
  const walks = Object.keys(PEOPLE).flatMap((language) => Object.keys(SCREENS).map((screen) => [language, screen]));
  await Promise.all(
    walks.map(async ([language, screen]) => {
      const tally = new Tally(`walk, ${language}, ${screen}`);
      tallies.push(tally);
      await new Walk(browser, language, screen).run(tally);
    }),
  );
} finally {
  await browser.close();
}
const sum = (name) => tallies.reduce((total, tally) => total + tally[name], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("passed") > 0 && sum("failed") === 0 ? 0 : 1;
