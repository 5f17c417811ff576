/** Sends the door API's four requests. */

import { retryAfter } from "../lib/backoff.ts";
import type { Exchange } from "../lib/clock.ts";
import type { PairAnswer, Pass, PassAnswer, RosterAnswer, ScansAnswer } from "../lib/types.ts";
import { type Batch, toPayload } from "./wire.ts";

/** The build of this scanner: the hash in its script's address. */
export const VERSION = new URL(import.meta.url).searchParams.get("v") ?? "unbuilt";

/**
 * Limits for the start of an answer and for reading it: a first list is large and a venue's network slow. Milliseconds.
 */
const TIMEOUT = 10_000;
const READ_TIMEOUT = 60_000;

/** A response of the server that is an error. */
export class ApiError extends Error {
  readonly status: number;
  /** The problem's name; null where something else answered, e.g. a network that asks to sign in. */
  readonly reason: string | null;
  /** The pause the server asks for. Milliseconds. */
  readonly pause: number;

  constructor(status: number, reason: string | null, pause: number) {
    super(`HTTP ${status} ${reason ?? ""}`);
    this.status = status;
    this.reason = reason;
    this.pause = pause;
  }
}

/** An answer and the times of its exchange. */
export interface Answer<T> {
  body: T;
  exchange: Exchange;
}

/** Fetch the event and the door of a pass; the pass is not used up. */
export function fetchPass(secret: string): Promise<Answer<PassAnswer>> {
  return request("/api/door/pass", null, { secret }, "door");
}

export function pair(secret: string, volunteer: string, device: string): Promise<Answer<PairAnswer>> {
  return request("/api/door/pair", null, { secret, volunteer, device }, "token");
}

export function fetchRoster(pass: Pass): Promise<Answer<RosterAnswer>> {
  const known = new URLSearchParams();
  if (pass.cursor !== null) known.set("since", pass.cursor);
  if (pass.setup) known.set("setup", pass.setup);
  return request(`/api/door/roster?${known}`, pass.token, null, "cursor");
}

/** Hand in a batch; an empty one is a heartbeat. */
export function sendScans({ pass, scans, walkIns, handedIn, waiting }: Batch): Promise<Answer<ScansAnswer>> {
  const status = { device_time: Date.now(), handed_in: handedIn, waiting, version: VERSION };
  return request("/api/door/scans", pass.token, { ...status, ...toPayload(pass.shifts, walkIns, scans) }, "results");
}

async function request<T extends { server_time: number }>(
  path: string,
  token: string | null,
  body: unknown,
  requiredField: keyof T,
): Promise<Answer<T>> {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), TIMEOUT);
  const sent = { at: Date.now(), ticks: performance.now() };
  try {
    const response = await fetch(path, requestOptions(token, body, controller.signal));
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), READ_TIMEOUT);
    if (!response.ok) throw await errorOf(response);
    const answer = (await response.json()) as Partial<T> | null;
    // A network that asks to sign in answers 200 in the server's place.
    if (typeof answer?.server_time !== "number" || answer[requiredField] === undefined)
      throw new TypeError("not our server");
    return { body: answer as T, exchange: exchangeSince(sent) };
  } finally {
    clearTimeout(timer);
  }
}

// performance.now() stands still while the phone sleeps, and Date.now() may be set meanwhile: the longer of both
// counts.
function exchangeSince(sent: { at: number; ticks: number }): Exchange {
  const receivedAt = Date.now();
  return { receivedAt, took: Math.ceil(Math.max(receivedAt - sent.at, performance.now() - sent.ticks)) };
}

function requestOptions(token: string | null, body: unknown, signal: AbortSignal): RequestInit {
  return {
    method: body ? "POST" : "GET",
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body ? { "Content-Type": "application/json" } : {}),
    },
    body: body ? JSON.stringify(body) : null,
    signal,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  };
}

async function errorOf(response: Response): Promise<ApiError> {
  const pause = retryAfter(response.headers.get("Retry-After"), Date.now());
  return new ApiError(response.status, await reasonOf(response).catch(() => null), pause);
}

async function reasonOf(response: Response): Promise<string | null> {
  if (!response.headers.get("Content-Type")?.includes("problem+json")) return null;
  const problem = (await response.json()) as { type?: unknown };
  return typeof problem.type === "string" ? (problem.type.split(/[/:#]/).pop() ?? null) : null;
}
