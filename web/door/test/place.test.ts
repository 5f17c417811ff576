import assert from "node:assert/strict";
import { test } from "node:test";

import { Place } from "../src/place.ts";

/** A browser's way to keep tabs apart: its locks, or on plain http only what tabs say to each other. */
const WAYS = { "with locks": navigator.locks, "without locks": undefined };

// An open channel would keep the test from ending.
const Channel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends Channel {
  constructor(name: string) {
    super(name);
    (this as unknown as { unref(): void }).unref();
  }
};

let phones = 0;

/** Some tabs of one phone. */
function tabs(way: keyof typeof WAYS, number: number): Place[] {
  phones += 1;
  Object.defineProperty(navigator, "locks", { value: WAYS[way], configurable: true });
  return Array.from({ length: number }, () => new Place(`phone ${phones}`));
}

async function heard(fact: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !fact(); turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(fact(), String(fact));
}

for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
  test(`${way} one tab scans; another may take over, and the first is told once`, async () => {
    const [first, second] = tabs(way, 2) as [Place, Place];
    const lost = new Array<string>();
    assert.equal(await first.take(() => lost.push("first")), true);
    assert.equal(await first.take(() => lost.push("again")), true, "it has the place already");
    assert.equal(await second.take(() => lost.push("second")), false);
    assert.equal(lost.length, 0);
    assert.equal(await second.take(() => lost.push("second"), true), true);
    await heard(() => lost.length > 0);
    assert.deepEqual(lost, ["first"]);
    assert.equal(await first.take(() => undefined), false);
    assert.equal(await first.take(() => lost.push("first"), true), true, "and back again");
    await heard(() => lost.length > 1);
    assert.deepEqual(lost, ["first", "second"]);
    assert.equal(await second.take(() => undefined, true), true);
  });

  test(`${way} of tabs that begin at once one scans`, async () => {
    const all = tabs(way, 3);
    const taken = await Promise.all(all.map((place) => place.take(() => undefined)));
    assert.equal(taken.filter(Boolean).length, 1);
  });
}
