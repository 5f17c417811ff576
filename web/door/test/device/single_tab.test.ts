import assert from "node:assert/strict";
import { test } from "node:test";

import type { SingleTab } from "../../src/device/single_tab.ts";
import { channels, LOCK_KINDS, newTab, openTabs } from "../support/tabs.ts";

/** Put the last opened tab to sleep. Returns a function that wakes it once another has taken over. */
function putToSleep(): () => Promise<void> {
  const channel = channels[channels.length - 1] as BroadcastChannel;
  const { onmessage } = channel;
  const queued: MessageEvent[] = [];
  channel.onmessage = (event) => queued.push(event);
  return async () => {
    await until(() => queued.some(({ data }) => data.says === "mine"));
    channel.onmessage = onmessage;
    for (const event of queued) onmessage?.call(channel, event);
  };
}

async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (await fact()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail(String(fact));
}

for (const kind of LOCK_KINDS) {
  test(`${kind} one tab scans; another may take over, and the first is notified once`, async () => {
    const [first, second] = openTabs(kind, 2) as [SingleTab, SingleTab];
    const lost: string[] = [];
    assert.equal(await first.take(() => lost.push("first")), true);
    assert.equal(await first.take(() => lost.push("again")), true, "it has the lock already");
    assert.equal(await second.take(() => lost.push("second")), false);
    assert.equal(lost.length, 0);
    assert.equal(await second.take(() => lost.push("second"), true), true);
    await until(() => lost.length > 0);
    assert.deepEqual(lost, ["first"]);
    assert.equal(await first.take(() => undefined), false);
    assert.equal(await first.take(() => lost.push("first"), true), true, "and back again");
    await until(() => lost.length > 1);
    assert.deepEqual(lost, ["first", "second"]);
    assert.equal(await second.take(() => undefined, true), true);
  });

  test(`${kind} two requests of one tab are both granted`, async () => {
    const [first, second] = openTabs(kind, 2) as [SingleTab, SingleTab];
    const lost: string[] = [];
    const granted = await Promise.all(["first", "again"].map((name) => first.take(() => lost.push(name))));
    assert.deepEqual(granted, [true, true]);
    assert.equal(await second.take(() => undefined), false);
    assert.equal(await second.take(() => undefined, true), true);
    await until(() => lost.length > 0);
    assert.deepEqual(lost, ["first"], "it is notified once");
  });

  test(`${kind} a released lock is free for any tab, without a notice`, async () => {
    const [first, second] = openTabs(kind, 2) as [SingleTab, SingleTab];
    const lost: string[] = [];
    assert.equal(await first.take(() => lost.push("first")), true);
    first.release();
    await until(async () => await second.take(() => lost.push("second")));
    assert.equal(await first.take(() => lost.push("first")), false);
    second.release();
    await until(async () => await first.take(() => lost.push("first")));
    assert.deepEqual(lost, []);
  });

  test(`${kind} of tabs that begin at once one scans`, async () => {
    const all = openTabs(kind, 3);
    const granted = await Promise.all(all.map((tab) => tab.take(() => undefined)));
    assert.equal(granted.filter(Boolean).length, 1);
  });

  test(`${kind} of tabs that take over at once one scans, and the other is notified`, async () => {
    for (let round = 0; round < 5; round++) {
      const pair = openTabs(kind, 2);
      const lost: SingleTab[] = [];
      const granted = await Promise.all(pair.map((tab) => tab.take(() => lost.push(tab), true)));
      assert.deepEqual(granted, [true, true]);
      await until(() => lost.length > 0);
      const [loser] = lost as [SingleTab];
      assert.equal(await loser.take(() => undefined), false, "the other still scans");
      assert.deepEqual(lost, [loser]);
    }
  });

  test(`${kind} another tab may take over after the clock was set back`, async (context) => {
    const [first, second] = openTabs(kind, 2) as [SingleTab, SingleTab];
    const lost: string[] = [];
    assert.equal(await first.take(() => lost.push("first")), true);
    assert.equal(await second.take(() => undefined), false);
    const before = Date.now() - 3_600_000;
    context.mock.method(Date, "now", () => before);
    for (const [tab, name] of [
      [second, "second"],
      [first, "first"],
      [second, "second"],
    ] as const) {
      const before = lost.length;
      assert.equal(await tab.take(() => lost.push(name), true), true);
      await until(() => lost.length > before);
    }
    assert.deepEqual(lost, ["first", "second", "first"]);
  });
}

for (const [clock, late, winner] of [
  ["goes on", 1, "second"],
  ["was set back", -3_600_000, "first"],
] as const) {
  test(`without locks a tab wakes after another took over: one scans, also if the clock ${clock}`, async (context) => {
    const [first] = openTabs("without locks", 1) as [SingleTab];
    const lost: string[] = [];
    assert.equal(await first.take(() => lost.push("first")), true);
    const wake = putToSleep();
    const second = newTab();
    const then = Date.now() + late;
    context.mock.method(Date, "now", () => then);
    assert.equal(await second.take(() => lost.push("second")), true);
    await wake();
    await until(() => lost.length > 0);
    assert.deepEqual(lost, [winner === "first" ? "second" : "first"]);
  });
}
