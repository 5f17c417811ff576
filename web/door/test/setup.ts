/** How most tests of a phone begin and end: a server and a phone of their own, in a time that stands still. */

import { passTime, Phone, resumeTime, stopTime } from "./phone.ts";
import { Server } from "./server.ts";

export let server: Server;
export let phone: Phone;
let phones = 0;

/** A phone that was never at a door. */
export function makePhone(): void {
  stopTime();
  server = new Server();
  phone = new Phone(`phone ${(phones += 1)}`);
}

/** A phone that is paired and does nothing yet. */
export async function openPhone(): Promise<void> {
  makePhone();
  await phone.open(server);
}

/** A phone that has read its list. */
export async function startPhone(): Promise<void> {
  await openPhone();
  await startSync();
}

export async function startSync(): Promise<void> {
  phone.sync.start();
  await passTime(250);
}

export function tearDown(): void {
  server.stop();
  resumeTime();
}

/** What the server is while no network is there: `server.trouble = offline`. */
export const offline = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch"));
