/** Ed25519 signatures (RFC 8032) of tickets, by the browser where it supports them, else by noble. */

import * as ed25519 from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

import { fromBase64url } from "./encodings.ts";
import type { TicketCode } from "./ticket.ts";
import type { TicketKey } from "./types.ts";

// noble uses WebCrypto's SHA-512, which a page over plain http does not have.
ed25519.hashes.sha512 = sha512;

const imported = new Map<string, Promise<CryptoKey | null>>();

/** The known key that signed a ticket; null where none did. */
export async function signerOf(code: TicketCode | null, keys: TicketKey[]): Promise<TicketKey | null> {
  const key = code && keys.find((each) => each.number === code.key);
  return code && key && (await isSignedBy(code, key.public)) ? key : null;
}

/** True where the key with this public half (base64url) signed the ticket. */
export async function isSignedBy(ticket: TicketCode, publicHalf: string): Promise<boolean> {
  const key = await importKey(publicHalf);
  const verify = (): boolean => verifyInScript(ticket, publicHalf);
  return key ? crypto.subtle.verify("Ed25519", key, ticket.signature, ticket.signed).catch(verify) : verify();
}

/** Verify without WebCrypto; false for a malformed key or signature. */
export function verifyInScript(ticket: TicketCode, publicHalf: string): boolean {
  try {
    return ed25519.verify(ticket.signature, ticket.signed, fromBase64url(publicHalf));
  } catch {
    return false;
  }
}

function importKey(publicHalf: string): Promise<CryptoKey | null> {
  const cached = imported.get(publicHalf);
  if (cached) return cached;
  const subtle = globalThis.crypto?.subtle;
  const key = subtle
    ? subtle.importKey("raw", fromBase64url(publicHalf), "Ed25519", false, ["verify"]).catch(() => null)
    : Promise.resolve(null);
  imported.set(publicHalf, key);
  return key;
}
