/** The setup of most tests of a phone: a server and a phone of their own, with time stopped. */

import { Phone, passTime, resumeTime, stopTime } from "./phone.ts";
import { Server } from "./server.ts";

export let server: Server;
export let phone: Phone;
let phones = 0;

/** Make a phone that was never paired. */
export function makePhone(): void {
  stopTime();
  server = new Server();
  phones += 1;
  phone = new Phone(`phone ${phones}`);
}

/** Open a paired phone that does not synchronize yet. */
export async function openPhone(): Promise<void> {
  makePhone();
  await phone.open(server);
}

/** Open a phone and let it read its list. */
export async function startPhone(): Promise<void> {
  await openPhone();
  await startSync();
}

export async function startSync(): Promise<void> {
  phone.door.start();
  await passTime(250);
}

export function tearDown(): void {
  server.stop();
  resumeTime();
}

/** The interception of a server without a network: `server.intercept = offline`. */
export const offline = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch"));
