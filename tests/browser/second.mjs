// What one operator may not book alone: a first one wants it, a second one decides, in two browsers at once.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Desk, makeOperator, textOf } from "./operator.mjs";

/** A part of actions.mjs; it gives what its parts share. */
export async function second(browser, { desk, ann, check, balance, suffix, config }) {
  const person = `/admin/people/${ann.id}`;
  const name = `fin-${suffix}`;
  const fin = await Desk.signIn(browser, name, makeOperator(name, "finance"), { language: "ru" });
  const waiting = (window, reason) => window.page.locator(".waiting", { hasText: reason });
  /** What the page of the books offers to this operator first, to do with what waits. */
  const offered = async (window, reason) => {
    await window.go("/admin/ledger");
    return waiting(window, reason).locator("form").getAttribute("action");
  };
  const proposed = async (reason) => {
    await desk.does(person, `${person}/credits`, "done-proposed", { way: "give", amount: "20000" }, { reason });
    return offered(fin, reason);
  };
  /** Sells Imagen 4 at this price from now on; without one, as it is shipped. */
  const sells = async (price) => {
    if (price) {
      const shipped = readFileSync(new URL("../../config.toml", import.meta.url), "utf8");
      writeFileSync(config, shipped.replace(/^price = 5$/m, `price = ${price}`).replace('{ name = "1K", price = 5 }', `{ name = "1K", price = ${price} }`));
    } else {
      rmSync(config, { force: true });
    }
    await desk.does("/admin/catalogue", "/admin/catalogue/reload", "done-reloaded");
  };

  await check("so many credits need a second operator, and the first one cannot be that", "second", async () => {
    const before = await balance();
    const approve = await proposed("a prize");
    assert.match(approve, /\/approve$/);
    await fin.look("what waits", "act-second");
    await fin.page.setViewportSize({ width: 1280, height: 860 });
    assert.match(await offered(desk, "a prize"), /\/refuse$/);
    assert.equal(await balance(), before, "it was booked alone");
    await fin.does("/admin/ledger", approve, "done-approved");
    await ann.hears("a prize");
    assert.equal(await balance(), before + 20000);
    await desk.written("credits.propose", `person/${ann.id}`);
    await desk.written("credits.approve", `person/${ann.id}`);
  });
  await check("a second operator refuses", "second-refused", async () => {
    const before = await balance();
    const approve = await proposed("a mistake");
    await fin.does("/admin/ledger", approve, "done-refused", {}, { button: "button[formaction]" });
    assert.equal(await waiting(fin, "a mistake").count(), 0);
    assert.equal(await balance(), before);
  });
  await check("so dear a generation is refunded by two operators, once", "second-refund", async () => {
    const price = 12_000;
    const rich = await balance();
    try {
      await sells(price);
      await ann.generates("a lighthouse of gold");
    } finally {
      await sells();
    }
    const paid = rich - (await balance());
    assert.equal(paid, price);
    const { generations } = await desk.api(`generations?user=${ann.id}&limit=1`);
    const page = `/admin/generations/${generations[0].id}`;
    const subject = `generation/${generations[0].id}`;
    // Asked for twice, it waits once.
    await desk.does(page, `${page}/refund`, "done-proposed", {}, { reason: "it was brass" });
    await desk.does(page, `${page}/refund`, "done-proposed", {}, { reason: "it was brass" });
    assert.match(await offered(desk, "it was brass"), /\/refuse$/);
    assert.equal(await balance(), rich - paid, "it was booked alone");
    await desk.written("credits.propose", subject);
    const approve = await offered(fin, "it was brass");
    assert.match(approve, /\/approve$/);
    assert.equal(await waiting(fin, "it was brass").count(), 1);
    assert.equal(await waiting(fin, "it was brass").locator(`a[href="${page}"]`).count(), 1, "it does not say of what");
    await fin.does("/admin/ledger", approve, "done-approved");
    const told = await ann.hears("it was brass");
    assert.match(textOf(told), /12[\s,.]?000/);
    assert.equal(await balance(), rich);
    await desk.written("credits.approve", `person/${ann.id}`);
    await desk.go(page);
    assert.equal(await desk.page.locator(`form[action="${page}/refund"]`).count(), 0, "it is offered again");
  });
  fin.clean("the second operator");
  await fin.close();
}
