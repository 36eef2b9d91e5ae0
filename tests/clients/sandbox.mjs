// What every check in JavaScript needs of a running sandbox, and a tally that prints a line per check.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

export const url = process.env.SANDBOX_URL.replace(/\/$/, "");

/** Loads a package of package.json, which lives outside the clone: `run.sh` says where. */
export const load = createRequire(join(process.env.AISHA_NODE_DIR, "package.json"));

/** Makes a call to the sandbox that must work, and gives its JSON (null for an empty answer). */
export async function call(method, path, body) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : null;
}

export const info = () => call("GET", "/sandbox/info");
export const orderFault = (fault) => call("POST", "/sandbox/faults", fault);
export const clearFaults = () => call("DELETE", "/sandbox/faults");
export const setPace = (pace) => call("POST", "/sandbox/fal/pace", pace);

/** The instant of the last call in the journal, to ask later for those after it. */
export async function journalEnd() {
  return (await call("GET", "/sandbox/journal")).at(-1)?.at_us ?? 0;
}

/** The calls after an instant whose fields have the wanted values. */
export async function journal(sinceUs, wanted) {
  const calls = await call("GET", `/sandbox/journal?since_us=${sinceUs}`);
  return calls.filter((each) => Object.entries(wanted).every(([name, value]) => each[name] === value));
}

/** Runs checks one by one and prints a line for each. */
export class Tally {
  passed = 0;
  failed = 0;

  constructor(who) {
    this.who = who;
  }

  /** Runs `test`; true when it passed. */
  async check(name, test) {
    try {
      await test();
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED ${this.who}: ${name}: ${String(error?.message ?? error).replace(/\s+/g, " ").slice(0, 2000)}`);
      console.error(error);
      return false;
    }
    this.passed += 1;
    console.log(`ok ${this.who}: ${name}`);
    return true;
  }

  /** Sets the exit code. */
  close() {
    if (this.passed + this.failed === 0) console.log(`FAILED ${this.who}: nothing was checked`);
    process.exitCode = this.passed > 0 && this.failed === 0 ? 0 : 1;
  }
}
