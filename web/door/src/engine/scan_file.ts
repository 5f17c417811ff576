/** A phone's scans as a file, for an organizer to upload where the phone cannot hand them in. */

import type { OwnScan, Pass, WalkIn } from "../lib/types.ts";
import { toPayload } from "./wire.ts";

export interface ScanFile {
  name: string;
  content: string;
}

/** Make the file of an event's scans, with those already handed in: the server recognizes them by id. */
export function makeScanFile(pass: Pass, phone: string, walkIns: WalkIn[], scans: OwnScan[], now: number): ScanFile {
  const inOrder = [...scans].sort((a, b) => a.scan.at - b.scan.at);
  const facts = { format: "turnout-scans", version: 1, event: pass.event.id, phone, made_at: now };
  const content = JSON.stringify({ ...facts, ...toPayload(pass.shifts, walkIns, inOrder) });
  return { name: `turnout-scans-${pass.event.id}-${phone.slice(0, 8)}-${stampOf(now)}.json`, content };
}

function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
}
