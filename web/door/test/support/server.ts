/**
 * The server as a phone sees it: it stores scans, folds them and answers like web/api/door.py, with any failure on the
 * way.
 */

import { fold } from "../../src/lib/fold.ts";
import type { DoorSetup, Entry, Scan, ScanResult } from "../../src/lib/types.ts";
import type { Phone } from "./phone.ts";

/** 18:00 of the evening. */
export const START = Date.UTC(2026, 9, 10, 13, 0);
export const HOUR = 3_600_000;

interface ScansBody {
  scans: (Scan & { code?: string })[];
  walk_ins: { id: string; name: string }[];
  shifts: { name: string; since: number }[];
  handed_in: number;
  waiting: number;
  version: string;
  device_time: number;
}

export interface SentRequest {
  path: string;
  token: string | null;
  body: ScansBody | null;
  at: number;
}

type Interception = (request: SentRequest) => Response | Promise<Response> | null;

export const SESSION = {
  id: 1,
  title: { en: "Evening" },
  starts_at: START,
  ends_at: START + 4 * HOUR,
  opens_at: null,
  capacity: null,
};

export function makeSetup(change: Partial<DoorSetup> = {}): DoorSetup {
  return {
    event: { id: 9, title: { en: "iTalk" }, starts_at: START, ends_at: START + 4 * HOUR, zone: "Asia/Dushanbe" },
    door: { id: 1, name: "North", closed: false },
    doors: [
      { id: 1, name: "North" },
      { id: 2, name: "South" },
    ],
    sessions: [SESSION],
    types: [{ id: 5, title: { en: "Seat" }, sessions: [1] }],
    keys: [],
    rules: {
      admit_unlisted: true,
      initials: false,
      held_until: START + 900_000,
      reentry: true,
      walk_ins: true,
      expires_at: START + 12 * HOUR,
    },
    ...change,
  };
}

export function makeEntry(number: number, more: Partial<Entry> = {}): Entry {
  const id = number.toString(16).padStart(16, "0");
  return { id, name: `Person ${number}`, status: "confirmed", sessions: [1], short: null, ...more };
}

export function problem(status: number, reason: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ type: `/problems/${reason}`, title: reason, status });
  return new Response(body, { status, headers: { "Content-Type": "application/problem+json", ...headers } });
}

export function webPage(status = 200): Response {
  return new Response("<h1>Sign in to this Wi-Fi</h1>", { status, headers: { "Content-Type": "text/html" } });
}

export class Server {
  setup = makeSetup();
  readonly entries = new Map<string, Entry>();
  readonly scans = new Map<string, Scan>();
  readonly names = new Map<string, string>();
  merged: Record<string, string> = {};
  removed: string[] = [];
  readonly requests: SentRequest[] = [];
  readonly phones: Phone[] = [];
  /** Scans that make a whole batch unreadable. */
  readonly unreadable = new Set<string>();
  /** Intercepts requests; null lets one through. */
  intercept: Interception = () => null;
  /** The difference of this clock to the test's. Milliseconds. */
  clockOffset = 0;
  /** The travel times of a request and of its answer. Milliseconds. */
  requestDelay = 0;
  responseDelay = 0;
  private revision = 1;
  private readonly revisions = new Map<string, number>();
  private readonly devices = new Map<string, number>();

  constructor(people = 3) {
    for (let number = 1; number <= people; number++) this.put(makeEntry(number));
    globalThis.fetch = ((path: string, init: RequestInit) => this.fetch(path, init)) as typeof fetch;
  }

  put(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.revision += 1;
    this.revisions.set(entry.id, this.revision);
  }

  /** Store a scan of another phone. */
  putScan(scan: Scan): void {
    this.scans.set(scan.id, scan);
    this.revision += 1;
    this.revisions.set(scan.id, this.revision);
  }

  /** Restore a backup without scans. */
  restoreWithoutScans(): void {
    this.scans.clear();
    this.names.clear();
    this.revision += 1_000;
  }

  /** Restore a backup with only these people and no scans. */
  restore(...people: Entry[]): void {
    for (const collection of [this.scans, this.names, this.entries, this.revisions]) collection.clear();
    this.revision = 1;
    for (const person of people) this.put(person);
  }

  scanPosts(): ScansBody[] {
    return this.requests
      .filter((request) => request.path.endsWith("/scans"))
      .map((request) => request.body as ScansBody);
  }

  rosterReads(): SentRequest[] {
    return this.requests.filter((request) => request.path.includes("/roster"));
  }

  stop(): void {
    for (const phone of this.phones) phone.door.stop();
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    if (this.requestDelay > 0) await after(this.requestDelay);
    const response = await this.answer(path, init);
    if (this.responseDelay > 0) await after(this.responseDelay);
    return response;
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const token = new Headers(init.headers).get("Authorization")?.replace("Bearer ", "") ?? null;
    const request: SentRequest = {
      path,
      token,
      body: init.body ? (JSON.parse(init.body as string) as ScansBody) : null,
      at: Date.now(),
    };
    this.requests.push(request);
    const interception = this.intercept(request);
    if (interception) return Promise.race([interception, aborted(init.signal as AbortSignal)]);
    if (path.endsWith("/pair"))
      return Response.json(this.pair(request.body as unknown as { secret: string; device: string }));
    if (path.includes("/roster")) return Response.json(this.roster(path, token));
    return this.take(request.body as ScansBody, token ?? "");
  }

  private now(): number {
    return Date.now() + this.clockOffset;
  }

  private pair({ secret, device }: { secret: string; device: string }): object {
    if (!this.devices.has(device)) this.devices.set(device, this.devices.size + 1);
    const token = `${device} ${secret}`;
    return { ...this.setupOf(token), token, server_time: this.now() };
  }

  private setupOf(token: string | null): DoorSetup {
    return token?.endsWith(" south") ? { ...this.setup, door: { id: 2, name: "South", closed: false } } : this.setup;
  }

  private roster(path: string, token: string | null): object {
    const known = new URL(path, "https://turnout.example").searchParams;
    const setup = this.setupOf(token);
    const hash = JSON.stringify(setup);
    const cursor = Number(known.get("since") ?? 0);
    const since = cursor <= this.revision ? cursor : 0;
    const isNew = ({ id }: { id: string }): boolean => (this.revisions.get(id) ?? 0) > since;
    return {
      ...(known.get("setup") === hash ? {} : setup),
      setup: hash,
      cursor: String(this.revision),
      whole: since === 0,
      entries: [...this.entries.values()].filter(isNew),
      removed: this.removed,
      scans: [...this.scans.values()].filter((scan) => isNew(scan) && scan.kind !== "refused"),
      merged: this.merged,
      server_time: this.now(),
    };
  }

  private take(body: ScansBody, token: string): Response {
    if (body.scans.some((scan) => this.unreadable.has(scan.id))) return problem(422, "invalid");
    const device = this.devices.get(token.split(" ")[0] ?? "") ?? 0;
    const before = [...this.scans.values()].filter((scan) => scan.device === device).length;
    for (const { id, name } of body.walk_ins) this.nameWalkIn(id, name);
    const fresh = new Set(body.scans.filter((scan) => !this.scans.has(scan.id)).map((scan) => scan.id));
    for (const scan of body.scans) if (fresh.has(scan.id)) this.store(scan, device);
    const results = body.scans.map(({ id, person }) => ({ id, result: this.resultOf(id, person ?? null, fresh) }));
    return Response.json({ server_time: this.now(), resend: before < body.handed_in, results });
  }

  private nameWalkIn(id: string, name: string): void {
    this.names.set(id, name);
    this.put({ id, name, status: "confirmed", sessions: [1], short: null, walk_in: true });
  }

  private store(scan: Scan & { code?: string }, device: number): void {
    this.putScan({
      ...scan,
      person: scan.person ?? (scan.code ? "coded" : null),
      device,
      standing: scan.kind !== "refused",
    });
  }

  private resultOf(id: string, person: string | null, fresh: Set<string>): ScanResult {
    const { conflicts } = fold(this.scans.values(), this.merged);
    if (conflicts.flat().some((scan) => scan.id === id)) return "conflict";
    if (!fresh.has(id)) return "replay";
    return person === null || this.entries.has(person) ? "accepted" : "unknown";
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}
