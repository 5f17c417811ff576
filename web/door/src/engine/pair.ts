/** Pairs a phone with a door. */

import type { Store } from "../device/database.ts";
import { deviceOf, readClock, readPassOf, saveClock, savePass } from "../device/store.ts";
import { startClock } from "../lib/clock.ts";
import { sessionToScan } from "../lib/sessions.ts";
import type { Pass } from "../lib/types.ts";
import { pair } from "./api.ts";

/**
 * Pair this phone; its waiting scans stay. Throws ApiError where the server refuses the pass, and the errors of fetch.
 */
export async function pairPhone(store: Store, secret: string, volunteer: string): Promise<Pass> {
  const { body, exchange } = await pair(secret, volunteer, await deviceOf(store));
  const { server_time, ...facts } = body;
  const previous = await readPassOf(store, body.event.id);
  // The list is read from the beginning: another pass may open another door with another list.
  const initial = {
    cursor: null,
    merged: previous?.merged ?? {},
    listed_at: null,
    shifts: previous?.shifts ?? [],
    state: "paired" as const,
    over_at: null,
  };
  const session = sessionToScan(body.sessions, previous?.session, server_time) ?? body.event.id;
  const pass: Pass = { id: body.event.id, volunteer, ...facts, ...initial, session };
  if (!(await readClock(store))) await saveClock(store, startClock(server_time, exchange.receivedAt));
  await savePass(store, pass);
  return pass;
}
