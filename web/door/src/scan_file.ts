/** A phone's scans as a file, for an organizer to upload where the phone cannot hand them in. */

import type { OwnScan, Pass, WalkIn } from "./types.ts";
import { written } from "./wire.ts";

export interface HandInFile {
  name: string;
  content: string;
}

/** Every scan of the event, also those that were handed in: the server knows them by their ids. */
export function handInFile(pass: Pass, phone: string, walkIns: WalkIn[], scans: OwnScan[], now: number): HandInFile {
  const inOrder = [...scans].sort((one, other) => one.scan.at - other.scan.at);
  const facts = { format: "turnout-scans", version: 1, event: pass.event.id, phone, made_at: now };
  const content = JSON.stringify({ ...facts, ...written(pass.shifts, walkIns, inOrder) });
  return { name: `turnout-scans-${pass.event.id}-${phone.slice(0, 8)}-${stampOf(now)}.json`, content };
}

function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
}
