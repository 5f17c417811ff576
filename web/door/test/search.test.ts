import assert from "node:assert/strict";
import { test } from "node:test";

import { matches, searchKey } from "../src/search.ts";
import { vectors } from "./vectors.ts";

for (const { about, key, texts } of vectors<{ about: string; key: string; texts: string[] }>("search_vectors.json"))
  test(`search key: ${about}`, () => {
    for (const text of texts) assert.equal(searchKey(text), key, text);
  });

test("a typed beginning finds any word of a name", () => {
  const name = searchKey("Шариф Чахонгир");
  assert.ok(matches(name, searchKey("sharif")));
  assert.ok(matches(name, searchKey("ҷаҳ шар")));
  assert.ok(!matches(name, searchKey("arif")));
});
