/** The four sentences the phone says to the server. */

import { askedPause } from "./backoff.ts";
import type { Exchange } from "./clock.ts";
import type { PairAnswer, Pass, PassAnswer, RosterAnswer, ScansAnswer } from "./types.ts";
import { written, type Batch } from "./wire.ts";

/** The build of this scanner: the hash of its script, as its address says. */
export const VERSION = new URL(import.meta.url).searchParams.get("v") ?? "unbuilt";

/** How long until the server begins to answer, and how long its answer may take to arrive: a first list is large, a venue's network slow. */
const PATIENCE = 10_000;
const PATIENCE_READING = 60_000;

/** The server answered, and refused. */
export class Refused extends Error {
  readonly status: number;
  /** The problem's name; null where it was not our server that answered, e.g. a network that asks to sign in. */
  readonly reason: string | null;
  /** How long the server asks to be left alone. Milliseconds. */
  readonly pause: number;

  constructor(status: number, reason: string | null, pause: number) {
    super(`HTTP ${status} ${reason ?? ""}`);
    this.status = status;
    this.reason = reason;
    this.pause = pause;
  }
}

/** An answer, and when it was heard. */
export interface Answer<T> {
  body: T;
  exchange: Exchange;
}

/** Which event and door a pass is for; nothing of it is used up. */
export function askAbout(secret: string): Promise<Answer<PassAnswer>> {
  return ask("/api/door/pass", null, { secret }, "door");
}

export function pair(secret: string, volunteer: string, device: string): Promise<Answer<PairAnswer>> {
  return ask("/api/door/pair", null, { secret, volunteer, device }, "token");
}

export function fetchRoster(pass: Pass): Promise<Answer<RosterAnswer>> {
  const since = pass.cursor === null ? "" : `?since=${encodeURIComponent(pass.cursor)}`;
  return ask(`/api/door/roster${since}`, pass.token, null, "cursor");
}

/** Hand in a batch; an empty one says that this phone is well. */
export function sendScans({ pass, scans, walkIns, handedIn, waiting }: Batch): Promise<Answer<ScansAnswer>> {
  const facts = { device_time: Date.now(), handed_in: handedIn, waiting, version: VERSION };
  return ask("/api/door/scans", pass.token, { ...facts, ...written(pass.shifts, walkIns, scans) }, "results");
}

async function ask<T extends { server_time: number }>(path: string, token: string | null, body: unknown, part: keyof T): Promise<Answer<T>> {
  const patience = new AbortController();
  let timer = setTimeout(() => patience.abort(), PATIENCE);
  const asked = { at: Date.now(), ticks: performance.now() };
  try {
    const response = await fetch(path, request(token, body, patience.signal));
    clearTimeout(timer);
    timer = setTimeout(() => patience.abort(), PATIENCE_READING);
    if (!response.ok) throw await refusalOf(response);
    const answer = (await response.json()) as Partial<T> | null;
    // A network that asks to sign in answers 200 in the server's place.
    if (typeof answer?.server_time !== "number" || answer[part] === undefined) throw new TypeError("This is not our server's answer");
    return { body: answer as T, exchange: exchangeSince(asked) };
  } finally {
    clearTimeout(timer);
  }
}

// The page's own ticks stand still while the phone sleeps, and its clock may be set meanwhile.
function exchangeSince(asked: { at: number; ticks: number }): Exchange {
  const heard = Date.now();
  return { heard, took: Math.ceil(Math.max(heard - asked.at, performance.now() - asked.ticks)) };
}

function request(token: string | null, body: unknown, signal: AbortSignal): RequestInit {
  return {
    method: body ? "POST" : "GET",
    headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : null,
    signal,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  };
}

async function refusalOf(response: Response): Promise<Refused> {
  const pause = askedPause(response.headers.get("Retry-After"), Date.now());
  return new Refused(response.status, await reasonOf(response).catch(() => null), pause);
}

async function reasonOf(response: Response): Promise<string | null> {
  if (!response.headers.get("Content-Type")?.includes("problem+json")) return null;
  const problem = (await response.json()) as { type?: unknown };
  return typeof problem.type === "string" ? (problem.type.split(/[/:#]/).pop() ?? null) : null;
}
