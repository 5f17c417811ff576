import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { moduleOf, readSchemas, WRITTEN } from "../../scripts/contract.mjs";
import { sendScans } from "../../src/engine/api.ts";
import { makeScanFile } from "../../src/engine/wire.ts";
import type { OwnScan, PairAnswer, Pass, PassAnswer, RosterAnswer, ScansAnswer, WalkIn } from "../../src/lib/types.ts";
import type * as contract from "../support/contract.ts";
import { makeSetup, START } from "../support/server.ts";

/** The compiler refuses an answer of the server that the phone's type for it does not fit. */
type Reads<Phone, Server extends Phone> = Server;
export type Readable = [
  Reads<PassAnswer, contract.PassAnswer>,
  Reads<PairAnswer, contract.PairAnswer>,
  Reads<RosterAnswer, contract.RosterAnswer>,
  Reads<ScansAnswer, contract.ScansAnswer>,
];

interface Schema {
  properties: Record<string, unknown>;
  required: string[];
}

const SCHEMAS = readSchemas() as Record<string, Schema>;
const WALK_IN: WalkIn = { id: "walk-in", event: 9, name: "Шариф", language: "tg", ticket_type: 5, sent: false };
const SCANS: OwnScan[] = [
  {
    id: "first",
    event: 9,
    scan: { id: "first", person: "walk-in", session: 1, kind: "in", at: START, device: 1, door: 1, standing: true },
    code: null,
    result: null,
  },
  {
    id: "second",
    event: 9,
    scan: {
      id: "second",
      person: null,
      session: 1,
      kind: "undo",
      at: START,
      device: 1,
      door: 1,
      undoes: "first",
      reason: "mistake",
      doubtful: true,
      standing: true,
    },
    code: "CODE",
    result: null,
  },
];
const PASS: Pass = {
  ...makeSetup(),
  id: 9,
  token: "token",
  volunteer: "Манижа",
  cursor: null,
  merged: {},
  listed_at: null,
  session: 1,
  shifts: [{ name: "Манижа", since: START }],
  state: "paired",
  over_at: null,
};

/** The fields that the contract does not name, and those that it requires and that are missing. */
function faults(name: string, sent: unknown): string[] {
  const { properties, required } = SCHEMAS[name]!;
  const fields = Object.keys(sent as object);
  return [...fields.filter((field) => !(field in properties)), ...required.filter((field) => !fields.includes(field))];
}

function faultsOfItems(sent: { shifts: unknown[]; walk_ins: unknown[]; scans: unknown[] }): string[] {
  return [
    ...sent.shifts.flatMap((shift) => faults("ShiftInput", shift)),
    ...sent.walk_ins.flatMap((walkIn) => faults("WalkInInput", walkIn)),
    ...sent.scans.flatMap((scan) => faults("ScanInput", scan)),
  ];
}

test("the types of the answers are made from the contract", () => {
  assert.equal(readFileSync(WRITTEN, "utf8"), moduleOf(readSchemas()), "run node scripts/contract.mjs");
});

test("a batch has the fields of the contract", async () => {
  const bodies: string[] = [];
  globalThis.fetch = (async (_path: string, init: RequestInit) => {
    bodies.push(init.body as string);
    return Response.json({ server_time: 1, resend: false, results: [] });
  }) as typeof fetch;
  await sendScans({ pass: PASS, scans: SCANS, walkIns: [WALK_IN], handedIn: 0, waiting: 0 });
  const sent = JSON.parse(bodies[0]!);
  assert.deepEqual([...faults("ScansRequest", sent), ...faultsOfItems(sent)], []);
});

test("a file of scans has the fields of the contract", () => {
  const sent = JSON.parse(makeScanFile(PASS, "phone", [WALK_IN], SCANS, START).content);
  assert.deepEqual([...faults("HandInFile", sent), ...faultsOfItems(sent)], []);
});
