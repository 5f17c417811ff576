/** Measures the cost of one scan on this phone with 10,000 people in the list; pairs, sends and keeps nothing. */

import * as ed25519 from "@noble/ed25519";
import { deleteDB } from "idb";

import { benchPass, makeList, makeTicket, type SignedTicket } from "./bench_list.ts";
import type { Store } from "./device/database.ts";
import { ReadAttempts } from "./device/read_attempts.ts";
import { readerPlace, readFrame } from "./device/reader.ts";
import { openStore, save, saveRoster } from "./device/store.ts";
import { Ledger } from "./engine/ledger.ts";
import { judgeEntry } from "./engine/verdict.ts";
import { stamp, startClock } from "./lib/clock.ts";
import { makeUuid } from "./lib/encodings.ts";
import { isSignedBy, verifyInScript } from "./lib/signature.ts";
import { readTicket } from "./lib/ticket.ts";
import type { Entry, Id, Pass, Scan } from "./lib/types.ts";

type Step = "decode" | "verify" | "verify_plain" | "judge" | "write" | "search";
interface Figures {
  p50: number;
  p95: number;
}

const DATABASE = "turnout-door-bench";
const PEOPLE = 10_000;
const INSIDE = 5_000;
const ROUNDS = 100;
const WARM_UP = 5;
/** A phone of five years ago compared with the development computer; on a phone only the measured figures count. */
const SLOWDOWN = 6;
const LIMIT = 100;
/** The steps between the code in the picture and the saved verdict. */
const ONE_SCAN: Step[] = ["decode", "verify", "judge", "write"];
const TYPED = ["Ҷаҳонгир", "карим рустам", "dj"];

/** Measure a step many times with performance marks; `before` prepares each round and is not measured. */
async function measure(
  step: Step,
  act: (turn: number) => unknown,
  before: (turn: number) => void = () => undefined,
): Promise<void> {
  for (let turn = 0; turn < ROUNDS + WARM_UP; turn++) {
    before(turn);
    performance.mark(step);
    await act(turn);
    if (turn >= WARM_UP) performance.measure(step, step);
  }
}

function figuresOf(step: Step): Figures {
  const times = performance.getEntriesByName(step, "measure").map((entry) => entry.duration);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/**
 * Read the sample as a camera shows it: off centre, at an angle and a little blurred, in one attempt or two. Returns
 * the number of codes read.
 */
async function decode(sample: HTMLImageElement): Promise<number> {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const wanted = sample.dataset.text;
  const attempts = new ReadAttempts();
  const readOnce = async (): Promise<string | undefined> => (await readFrame(canvas, attempts.next()))[0];
  let read = 0;
  await measure(
    "decode",
    async () => (read += ((await readOnce()) ?? (await readOnce())) === wanted ? 1 : 0),
    (turn) => drawFrame(canvas, sample, turn),
  );
  return read;
}

function drawFrame(canvas: HTMLCanvasElement, sample: HTMLImageElement, turn: number): void {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  const light = context.createLinearGradient(0, 0, 1280, 720);
  light.addColorStop(0, "#3a3a40");
  light.addColorStop(1, "#b9b4a8");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.filter = "none";
  context.fillStyle = light;
  context.fillRect(0, 0, 1280, 720);
  context.filter = "blur(0.8px) contrast(80%)";
  context.translate(640 + 120 * Math.sin(turn), 360 + 60 * Math.cos(turn));
  context.rotate(0.2 * Math.sin(turn * 1.7));
  context.drawImage(sample, -180, -180, 360, 360);
  // Browsers draw late; reading a pixel draws now, outside the measurement.
  context.getImageData(0, 0, 1, 1);
}

/** Verify, judge and save scans of people who are not inside yet. */
async function scan(store: Store, pass: Pass, list: Entry[], ledger: Ledger): Promise<void> {
  const { secretKey, publicKey } = ed25519.keygen();
  const publicHalf = btoa(String.fromCharCode(...publicKey));
  const tickets = list.slice(INSIDE, INSIDE + ROUNDS + WARM_UP).map((entry) => makeTicket(entry, secretKey));
  const ticketOf = (turn: number): SignedTicket => tickets[turn] as SignedTicket;
  await measure("verify", async (turn) => {
    const ticket = readTicket(ticketOf(turn).text);
    if (!ticket || !(await isSignedBy(ticket, publicHalf))) throw new Error("not verified");
  });
  await measure("verify_plain", (turn) => verifyInScript(ticketOf(turn).ticket, publicHalf));
  await measure("judge", (turn) => judge(ticketOf(turn).entry, pass, ledger));
  let clock = startClock(Date.now(), Date.now());
  await measure("write", (turn) => {
    clock = stamp(clock, Date.now());
    const scan = makeScan(ticketOf(turn).entry, pass.session, clock.last);
    return save(store, { own: [{ id: scan.id, event: pass.id, scan, code: null, result: null }], clock });
  });
}

function judge(entry: Entry, pass: Pass, ledger: Ledger): void {
  const { kind } = judgeEntry(entry, { pass, ledger, state: "paired", direction: "in", now: Date.now() });
  if (kind !== "admitted") throw new Error(kind);
  ledger.putScan(makeScan(entry, pass.session, Date.now()));
  ledger.countInside(pass.session);
}

function makeScan(entry: Entry, session: Id, at: number): Scan {
  return { id: makeUuid(), person: entry.id, session, kind: "in", at, device: "bench", door: "bench", standing: true };
}

async function fill(store: Store, pass: Pass, list: Entry[]): Promise<Ledger> {
  const ledger = new Ledger();
  const scans = list.slice(0, INSIDE).map((entry, index) => makeScan(entry, pass.session, Date.now() - INSIDE + index));
  for (const entry of list) ledger.putEntry(entry);
  for (const each of scans) ledger.putScan(each);
  await saveRoster(store, { pass, entries: list, removed: [], scans });
  return ledger;
}

async function bench(sample: HTMLImageElement): Promise<object> {
  await sample.decode();
  const read = await decode(sample);
  const pass = benchPass();
  const list = makeList(PEOPLE);
  await deleteDB(DATABASE);
  const store = await openStore(DATABASE);
  try {
    const ledger = await fill(store, pass, list);
    await scan(store, pass, list, ledger);
    await measure("search", (turn) => ledger.find(TYPED[turn % TYPED.length] ?? "", 31));
  } finally {
    store.close();
    await deleteDB(DATABASE);
  }
  return {
    ...results(),
    place: await readerPlace(),
    shown: ROUNDS + WARM_UP,
    read,
    people: PEOPLE,
    agent: navigator.userAgent,
  };
}

function results(): { steps: Record<Step, Figures>; sum: Figures; slower: Figures; limit: number } {
  const names: Step[] = ["decode", "verify", "verify_plain", "judge", "write", "search"];
  const steps = Object.fromEntries(names.map((step) => [step, figuresOf(step)])) as Record<Step, Figures>;
  const together = (share: keyof Figures): number => ONE_SCAN.reduce((sum, step) => sum + steps[step][share], 0);
  const sum = { p50: together("p50"), p95: together("p95") };
  return { steps, sum, slower: { p50: sum.p50 * SLOWDOWN, p95: sum.p95 * SLOWDOWN }, limit: LIMIT };
}

function show(rows: Record<string, Figures>): void {
  for (const [name, figures] of Object.entries(rows))
    for (const [share, milliseconds] of Object.entries(figures)) {
      const cell = document.querySelector(`[data-row="${name}"] [data-share="${share}"]`);
      if (cell) cell.textContent = milliseconds.toFixed(1);
    }
}

function setState(state: "running" | "done" | "failed"): void {
  for (const sentence of document.querySelectorAll<HTMLElement>("[data-while]"))
    sentence.hidden = sentence.dataset.while !== state;
  document.body.dataset.state = state;
}

async function run(): Promise<void> {
  const sample = document.querySelector<HTMLImageElement>("img[data-text]");
  if (!sample) return;
  const figures = await bench(sample);
  Object.assign(window, { benchResults: figures });
  const { steps, sum, slower } = results();
  show({ ...steps, sum, slower });
  setState("done");
}

run().catch((error: unknown) => {
  Object.assign(window, { benchResults: { failed: String(error) } });
  setState("failed");
});
