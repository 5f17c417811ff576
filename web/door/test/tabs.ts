/** Tabs of one phone, in browsers with and without locks. */

import { SingleTab } from "../src/single_tab.ts";

/** A browser's way to keep tabs apart: its locks, or on plain http only what tabs say to each other. */
const LOCKS = { "with locks": navigator.locks, "without locks": undefined };

export type Way = keyof typeof LOCKS;
export const WAYS = Object.keys(LOCKS) as Way[];

/** What tabs say to each other, one for each tab without locks. */
export const channels = new Array<BroadcastChannel>();

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
export function tabs(way: Way, number: number): SingleTab[] {
  phones += 1;
  Object.defineProperty(navigator, "locks", { value: LOCKS[way], configurable: true });
  return Array.from({ length: number }, newTab);
}

/** One more tab of the latest phone. */
export function newTab(): SingleTab {
  return new SingleTab(`phone ${phones}`);
}
