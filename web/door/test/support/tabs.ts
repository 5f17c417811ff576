/** Tabs of one phone, in browsers with and without locks. */

import { SingleTab } from "../../src/device/single_tab.ts";

/** A browser's way to keep tabs apart: its locks, or on plain http only what tabs say to each other. */
const LOCK_MANAGERS = { "with locks": navigator.locks, "without locks": undefined };

export type LockKind = keyof typeof LOCK_MANAGERS;
export const LOCK_KINDS = Object.keys(LOCK_MANAGERS) as LockKind[];

/** What tabs say to each other, one for each tab without locks. */
export const channels: BroadcastChannel[] = [];

// An open channel would keep the test from ending.
const Channel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends Channel {
  constructor(name: string) {
    super(name);
    (this as unknown as { unref(): void }).unref();
    channels.push(this);
  }
};

let phones = 0;

/** Some tabs of a phone of their own. */
export function openTabs(kind: LockKind, number: number): SingleTab[] {
  phones += 1;
  Object.defineProperty(navigator, "locks", { value: LOCK_MANAGERS[kind], configurable: true });
  return Array.from({ length: number }, newTab);
}

/** One more tab of the latest phone. */
export function newTab(): SingleTab {
  return new SingleTab(`phone ${phones}`);
}
