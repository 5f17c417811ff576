/** Ticket codes, door passes and short codes as text. */

import { CROCKFORD, fromBase32, fromHex, toHex } from "./encodings.ts";

const CODE = /^[A-Z2-7]{120}$/;
const PASS = /\/door\/?#(.+)$/;
const PREFIX = new TextEncoder().encode("turnout ticket v1\n");
const HEAD = 11;

export interface TicketCode {
  text: string;
  key: number;
  id: string;
  signed: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
}

/**
 * Parse a ticket code, unverified; null for any other text. The host is ignored, so that a changed domain voids no
 * ticket.
 */
export function readTicket(text: string): TicketCode | null {
  const code = text.trim().toUpperCase().split("/").pop() ?? "";
  const bytes = CODE.test(code) ? fromBase32(code) : null;
  if (!bytes) return null;
  const head = bytes.slice(0, HEAD);
  const signed = new Uint8Array(PREFIX.length + HEAD);
  signed.set(PREFIX);
  signed.set(head, PREFIX.length);
  const key = ((head[0] ?? 0) << 16) | ((head[1] ?? 0) << 8) | (head[2] ?? 0);
  return { text: code, key, id: toHex(head.slice(3)), signed, signature: bytes.slice(HEAD) };
}

/** The secret of a door pass's address; null for any other text. */
export function readPass(text: string): string | null {
  return PASS.exec(text.trim())?.[1] ?? null;
}

/** True for a ticket id; walk-ins have a UUID. */
export function isTicket(person: string): boolean {
  return /^[0-9a-f]{16}$/.test(person);
}

/** The short code of a ticket id: its first 35 bits in Crockford base32 and a check character, e.g. "ABCDEFGH". */
export function shortCode(id: string): string {
  const bytes = fromHex(id);
  let letters = "";
  for (let at = 0; at < 7; at++) letters += CROCKFORD[fiveBits(bytes, at * 5)];
  return letters + checkLetter(letters);
}

function fiveBits(bytes: Uint8Array, from: number): number {
  const two = ((bytes[from >> 3] ?? 0) << 8) | (bytes[(from >> 3) + 1] ?? 0);
  return (two >> (11 - (from & 7))) & 31;
}

function checkLetter(letters: string): string {
  let sum = 0;
  for (let at = 0; at < letters.length; at++) sum += (2 * at + 1) * CROCKFORD.indexOf(letters[at] ?? "");
  return CROCKFORD[sum % 32] ?? "";
}

/** A typed short code in its standard spelling; null where it is none or its check character is wrong. */
export function readShortCode(typed: string): string | null {
  const letters = typed.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(letters)) return null;
  return checkLetter(letters.slice(0, 7)) === letters[7] ? letters : null;
}

/** A short code as it is read aloud: "ABCD-EFGH". */
export function spellShortCode(code: string): string {
  const letters = code.replace("-", "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
