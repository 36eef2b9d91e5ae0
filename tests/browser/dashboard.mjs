// An operator goes through the dashboard in a real browser: signs in by the sandbox's link and by a password, with the
// keyboard alone, and opens every page of the navigation in both languages, light and dark, on a desktop and
// on a phone. Nothing here names a page: it follows the links, so a page that is new is covered.
//
// Needs SANDBOX_URL (the all-in-one), ADMIN_LINK (the link that it printed), AISHA_BINARY and AISHA_SERVE_DIR (the folder that it runs
// in, to make an operator in) and AISHA_NODE_DIR (see ../clients/prepare.sh); CHROMIUM names the browser.
// Screenshots go to AISHA_SCREENSHOTS, when set.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { Tally, url } from "../clients/sandbox.mjs";
import { chromium, FLAGS, LOCALES, makeOperator, SCREENSHOTS, Visitor, Window } from "./operator.mjs";

// --- the checks -----------------------------------------------------------------------------------

const person = `pat-${randomBytes(4).toString("hex")}`;
/** What browsers say by themselves of an answer that is not 200; the check of the step knows of it. */
const REFUSED = /^(403 for|console: Failed to load resource: the server responded with a status of 403)/;

/** Signs in by the link, once; gives the state of that browser. */
async function byLink(browser) {
  const window = await Window.open(browser);
  const { page } = window;
  // The link names the address that the program is bound to.
  await page.goto(process.env.ADMIN_LINK);
  await window.look("the link", "link");
  await page.locator("main button[type=submit].primary").click();
  await page.locator("nav.side a").first().waitFor();
  window.clean("the link");
  const state = await window.context.storageState();
  const session = state.cookies.find((cookie) => cookie.value.length === 64);
  assert.ok(session?.httpOnly && session.sameSite === "Strict", "the session's cookie is for the server alone");
  await page.goto(process.env.ADMIN_LINK);
  await page.locator("main button[type=submit].primary").click();
  await page.locator("main [role=alert]").waitFor();
  window.clean("the used link", REFUSED);
  await window.context.close();
  return state;
}

/** Tabs until the element that fits has the focus, and sees that this can be seen. */
async function tabTo(page, selector, most = 40) {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((selector) => {
      const { activeElement: element } = document;
      if (!element?.matches(selector)) return null;
      const style = getComputedStyle(element);
      return style.outlineStyle !== "none" || style.boxShadow !== "none";
    }, selector);
    if (found === null) continue;
    assert.ok(found, `the focus on ${selector} cannot be seen`);
    return;
  }
  assert.fail(`${selector} cannot be reached by the keyboard`);
}

/** Nothing but keys, from the address to a page of the navigation and out again. */
async function byKeyboard(browser, password) {
  const window = await Window.open(browser);
  const { page } = window;
  await page.goto(`${url}/admin`);
  await window.look("signing in", "login");
  assert.equal(await page.evaluate(() => document.activeElement.name), "name", "the name is to be typed at once");
  await page.keyboard.type(person);
  await tabTo(page, "[name=password]");
  await page.keyboard.type(password);
  await tabTo(page, "button.primary");
  await page.keyboard.press("Enter");
  await page.locator("nav.side a").first().waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips the navigation");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.reload();
  const last = (await window.navigation()).at(-1);
  await tabTo(page, `nav.side a[href="${last.path}"]`);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}${last.path}`);
  await tabTo(page, "details.menu summary");
  await page.keyboard.press("Enter");
  await page.locator(".sheet").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".sheet").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await tabTo(page, 'form[action="/admin/logout"] button');
  await page.keyboard.press("Enter");
  await page.locator("[name=password]").waitFor();
  // The way back leads to nothing that was seen before.
  await page.goto(`${url}${last.path}`);
  await page.locator("[name=password]").waitFor();
  window.clean("by keyboard");
  await window.context.close();
}

async function wrongPassword(browser) {
  const window = await Window.open(browser);
  const { page } = window;
  await page.goto(`${url}/admin/login`);
  const words = [];
  for (const name of [person, "nobody-of-this-name"]) {
    await page.fill("[name=name]", name);
    await page.fill("[name=password]", randomBytes(18).toString("base64url"));
    await page.locator("button.primary").click();
    const alert = page.locator("main [role=alert]");
    await alert.waitFor();
    words.push(await alert.textContent());
    await window.accessible("a wrong password");
    assert.equal(await page.locator("nav.side").count(), 0);
    await page.goto(`${url}/admin/login`);
  }
  assert.equal(words[0], words[1], "who is there can be learnt");
  window.clean("a wrong password", REFUSED);
  await window.context.close();
}

/** Language and colours are chosen under the operator's name, and kept. */
async function preferences(browser, state) {
  const window = await Window.open(browser, { state });
  const { page } = window;
  await window.go("/admin");
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  for (const [name, value] of [["theme", "dark"], ["language", "ru"]]) {
    await page.locator("details.menu summary").click();
    await page.locator(`button[name=${name}][value=${value}]`).click();
    await page.locator(`html[${name === "theme" ? "data-theme" : "lang"}=${value}]`).waitFor();
  }
  assert.notEqual(await paper(), light, "dark looks like light");
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("lang"), "ru");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  window.clean("preferences");
  await window.context.close();
}

/** Every page of the navigation, the first page below each, the account, and what is not there. */
async function everyPage(tally, browser, state, language, scheme) {
  const window = await Window.open(browser, { language, scheme, state });
  const { page } = window;
  await window.go("/admin");
  const pages = await window.navigation();
  await tally.check("the navigation has pages, each by a name in the language", async () => {
    assert.ok(pages.length >= 2);
    for (const { path, name } of pages) assert.equal(/[а-яё]/i.test(name), language === "ru", `${path} is called ${name}`);
    assert.equal(new Set(pages.map(({ path }) => path)).size, pages.length);
  });
  const one = async (path, slug, isInNavigation) => {
    await window.go(path);
    if (isInNavigation) assert.equal(await page.locator('nav.side a[aria-current="page"]').count(), 1, `${path} is not marked in the navigation`);
    await window.look(path, slug);
    window.clean(path);
  };
  const slug = (path) => path.replace(/^\/admin\/?/, "").replaceAll("/", "-") || "home";
  for (const { path } of pages) {
    let deeper;
    await tally.check(path, async () => {
      await one(path, slug(path), true);
      deeper = await window.below(path);
    });
    if (deeper) await tally.check(`a page below ${path}`, () => one(deeper, `${slug(path)}-one`, true));
    window.troubles.length = 0;
  }
  await tally.check("the account", () => one("/admin/account", "account", false));
  await tally.check("what is not there", async () => {
    await page.goto(`${url}/admin/nothing-here`);
    await window.look("what is not there", "not-found");
    window.clean("what is not there", /^(404 for|console: Failed to load resource: the server responded with a status of 404)/);
  });
  await window.context.close();
}

/** A generation in the chat changes what an open page shows, and the page is not loaded again for it. */
async function liveUpdate(browser, state) {
  const window = await Window.open(browser, { state });
  const { page } = window;
  await window.go("/admin");
  const parts = () => page.locator("[data-live]").evaluateAll((all) => all.filter((part) => part.dataset.live !== "status").map((part) => part.textContent).join("\n"));
  // The first page with figures of its own: the overview, where there is one.
  let watched;
  for (const { path } of await window.navigation()) {
    await window.go(path);
    if ((await page.locator('[data-live]:not([data-live="status"])').count()) > 0) {
      watched = path;
      break;
    }
  }
  await page.evaluate(() => (globalThis.untouched = true));
  // What the server sent at first stands there.
  await page.waitForFunction(() => globalThis.lives > 0);
  const before = await parts();
  await new Visitor().generates();
  // Where no page has figures of its own, `go` has seen the line at the top come by the same stream.
  if (watched) {
    await page.waitForFunction((before) => [...document.querySelectorAll("[data-live]")].filter((part) => part.dataset.live !== "status").map((part) => part.textContent).join("\n") !== before, before);
  }
  assert.equal(await page.evaluate(() => globalThis.untouched), true, "the page was loaded again");
  window.clean(`live, on ${watched ?? "the frame"}`);
  await window.context.close();
}

// --- all of them ----------------------------------------------------------------------------------

for (const name of ["ADMIN_LINK", "AISHA_BINARY", "AISHA_SERVE_DIR"]) assert.ok(process.env[name], `${name} is not set: see the head of this file`);
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const tally = new Tally("dashboard");
const tallies = [tally];
try {
  let state, password;
  await tally.check("a link of the sandbox signs in, once", async () => (state = await byLink(browser)));
  await tally.check("an operator is made while the program runs", () => (password = makeOperator(person, "owner")));
  await tally.check("signing in by password, and out, needs no more than a keyboard", () => byKeyboard(browser, password));
  await tally.check("a wrong password lets nobody in, and tells nothing", () => wrongPassword(browser));
  if (state) {
    await tally.check("language and colours can be chosen", () => preferences(browser, state));
    const kinds = Object.keys(LOCALES).flatMap((language) => ["light", "dark"].map((scheme) => [language, scheme]));
    await Promise.all(
      kinds.map(async ([language, scheme]) => {
        const own = new Tally(`dashboard, ${language}, ${scheme}`);
        tallies.push(own);
        await own.check("nothing was left out", () => everyPage(own, browser, state, language, scheme));
      }),
    );
    await tally.check("a generation changes an open page", () => liveUpdate(browser, state));
  }
} finally {
  await browser.close();
}
const sum = (name) => tallies.reduce((total, each) => total + each[name], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("passed") > 0 && sum("failed") === 0 ? 0 : 1;
