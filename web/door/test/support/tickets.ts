/** Tickets as a server makes them, with a key of their own. */

export interface Ticket {
  code: string;
  publicHalf: string;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[parseInt(five, 2)]).join("");
}

/** A ticket and the public half of the key, drawn for it, that made it. */
export async function makeTicket(id: string, key: number): Promise<Ticket> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const head = Buffer.concat([Buffer.from([key >> 16, key >> 8, key]), Buffer.from(id, "hex")]);
  const signature = await crypto.subtle.sign(
    "Ed25519",
    pair.privateKey,
    Buffer.concat([Buffer.from("turnout ticket v1\n"), head]),
  );
  const publicHalf = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("base64url");
  return { code: toBase32(Buffer.concat([head, Buffer.from(signature)])), publicHalf };
}
