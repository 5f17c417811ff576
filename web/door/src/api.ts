/** The four sentences the phone says to the server. */

import type { OwnScan, PairAnswer, Pass, RosterAnswer, ScansAnswer } from "./types.ts";

const PATIENCE = 10_000;

/** The server answered, and refused. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** An answer, and the phone's own time in the middle of the exchange. */
export interface Answer<T> {
  body: T;
  deviceTime: number;
}

export function pair(secret: string, volunteer: string, device: string): Promise<Answer<PairAnswer>> {
  return ask("/api/door/pair", null, { secret, volunteer, device });
}

export function fetchRoster(pass: Pass): Promise<Answer<RosterAnswer>> {
  const since = pass.cursor === null ? "" : `?since=${encodeURIComponent(pass.cursor)}`;
  return ask(`/api/door/roster${since}`, pass.token, null);
}

export function sendScans(pass: Pass, scans: OwnScan[], handedIn: number): Promise<Answer<ScansAnswer>> {
  return ask("/api/door/scans", pass.token, {
    device_time: Date.now(),
    handed_in: handedIn,
    shifts: pass.shifts,
    walk_ins: [],
    scans: scans.map(onTheWire),
  });
}

function onTheWire({ scan, code }: OwnScan): Record<string, unknown> {
  const { id, person, session, kind, at, undoes, reason, doubtful } = scan;
  const who = code ? { code } : person ? { person } : {};
  return { id, ...who, session, kind, at, ...(undoes && { undoes }), ...(reason && { reason }), ...(doubtful && { doubtful }) };
}

async function ask<T>(path: string, token: string | null, body: unknown): Promise<Answer<T>> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const asked = Date.now();
  try {
    const response = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : null,
      signal: patience.signal,
      cache: "no-store",
      credentials: "omit",
    });
    if (!response.ok) throw new Refused(response.status);
    const answer = (await response.json()) as T;
    return { body: answer, deviceTime: Math.round((asked + Date.now()) / 2) };
  } finally {
    clearTimeout(timer);
  }
}
