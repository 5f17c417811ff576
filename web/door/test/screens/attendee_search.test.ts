import assert from "node:assert/strict";
import { test } from "node:test";

import { readShortCode } from "../../src/lib/ticket.ts";
import type { Entry } from "../../src/lib/types.ts";
import { walkInName } from "../../src/screens/attendee_search.ts";
import { makeEntry, makeSetup } from "../support/server.ts";

function nameOf(typed: string, ...entries: Entry[]): string | null {
  return walkInName({ pass: makeSetup(), find: () => entries } as unknown as Parameters<typeof walkInName>[0], typed);
}

test("a name that reads as a short code is a name, unless it is somebody's code", () => {
  const code = readShortCode("Mahliyoi");
  assert.notEqual(code, null);
  assert.equal(nameOf("Mahliyoi"), "Mahliyoi");
  assert.equal(nameOf("Mahliyoi", makeEntry(1, { name: "Mahliyoi R.", short: "ABCD-EFGH" })), "Mahliyoi");
  assert.equal(nameOf("Mahliyoi", makeEntry(1, { short: code })), null);
});

test("letters and digits that read as a short code are no name", () => {
  assert.equal(nameOf(readShortCode("Mahliyoi")!), null);
});

test("invisible characters are not a name, nor part of one", () => {
  assert.equal(nameOf("\u3164\u3164"), null);
  assert.equal(nameOf("\u200bНиг\u00adора  Саидова"), "Нигора Саидова");
});
