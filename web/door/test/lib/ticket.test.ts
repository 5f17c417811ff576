import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64url, fromHex } from "../../src/lib/encodings.ts";
import { isSignedBy, verifyInScript } from "../../src/lib/signature.ts";
import { readPass, readShortCode, readTicket, shortCode, spellShortCode } from "../../src/lib/ticket.ts";
import { makeTicket } from "../support/tickets.ts";
import { vectors } from "../support/vectors.ts";

interface TicketVector {
  ticket_id: string;
  key_number: number;
  public: string;
  code: string;
  short_code: string;
}

for (const vector of vectors<TicketVector>("ticket_vectors.json"))
  test(`ticket ${vector.ticket_id} is read, verified and spelled as the server does`, async () => {
    const ticket = readTicket(`HTTPS://TURNOUT.EXAMPLE/T/${vector.code}`);
    const publicHalf = Buffer.from(fromHex(vector.public)).toString("base64url");
    assert.ok(ticket && (await isSignedBy(ticket, publicHalf)) && verifyInScript(ticket, publicHalf));
    assert.deepEqual(
      [ticket.id, ticket.key, shortCode(ticket.id)],
      [vector.ticket_id, vector.key_number, vector.short_code],
    );
  });

test("a genuine code is read and verified, with and without WebCrypto", async () => {
  const { code, publicHalf } = await makeTicket("00ff1234567890ab", 66051);
  const ticket = readTicket(`HTTPS://ANOTHER.HOST/T/${code}`);
  assert.ok(ticket);
  assert.equal(ticket.key, 66051);
  assert.equal(ticket.id, "00ff1234567890ab");
  assert.equal(fromBase64url(publicHalf).length, 32);
  assert.ok(await isSignedBy(ticket, publicHalf));
  assert.ok(verifyInScript(ticket, publicHalf));
});

test("another id under the same signature is forged", async () => {
  const { code, publicHalf } = await makeTicket("00ff1234567890ab", 1);
  const ticket = readTicket((code.startsWith("AAAAC") ? "AAAAE" : "AAAAC") + code.slice(5));
  assert.ok(ticket);
  ticket.signed[ticket.signed.length - 1] = (ticket.signed[ticket.signed.length - 1] ?? 0) ^ 1;
  assert.ok(!(await isSignedBy(ticket, publicHalf)));
  assert.ok(!verifyInScript(ticket, publicHalf));
});

test("other texts are no tickets", () => {
  for (const text of ["", "hello", "https://example.org/T/AB", "A".repeat(119), "1".repeat(120)])
    assert.equal(readTicket(text), null);
});

test("a short code is read through every look-alike, and a swap is noticed", () => {
  const code = shortCode("0123456789abcdef");
  assert.equal(code, "04HMASW9".slice(0, 7) + code.slice(7));
  assert.equal(readShortCode(spellShortCode(code).toLowerCase()), code);
  assert.equal(readShortCode(code.replace("0", "O").replace(/1/g, "l")), code);
  assert.equal(readShortCode(code.slice(1, 2) + code.slice(0, 1) + code.slice(2)), null);
});

test("a door pass is known by its fragment", () => {
  assert.equal(readPass("https://turnout.example/door/#4.1.secret"), "4.1.secret");
  assert.equal(readPass("https://turnout.example/door/"), null);
});
