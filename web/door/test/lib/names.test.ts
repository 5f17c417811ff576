import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOrder, normalizeName, prefixesOf, searchWords } from "../../src/lib/names.ts";
import { vectors } from "../support/vectors.ts";

const searchKey = (text: string) => searchWords(text).join(" ");

interface Vector {
  about: string;
  key: string;
  texts: string[];
  apart?: string[];
  beginnings?: Record<string, string[]>;
}

/** True where every typed word begins a word of the name, as in Roster.find. */
function isFound(typed: string, key: string): boolean {
  return prefixesOf(typed).every((keys) => keys.some((begun) => key.split(" ").some((word) => word.startsWith(begun))));
}

for (const { about, key, texts, apart = [], beginnings: typed = {} } of vectors<Vector>("search_vectors.json"))
  test(`search key: ${about}`, () => {
    for (const text of texts) assert.equal(searchKey(text), key, text);
    for (const otherKey of apart.map(searchKey))
      assert.ok(!otherKey.startsWith(key) && !key.startsWith(otherKey), otherKey);
    for (const text of texts) for (const otherText of apart) assert.ok(!isFound(text, searchKey(otherText)), otherText);
    for (const text of texts)
      for (let end = 1; end <= text.length; end++) assert.ok(isFound(text.slice(0, end), key), text.slice(0, end));
    for (const [text, keys] of Object.entries(typed))
      assert.deepEqual(prefixesOf(text), keys.length > 0 ? [keys] : [], text);
  });

test("names stand by the Tajik alphabet, which holds the Russian one", () => {
  const names = vectors<string>("names_in_order.json");
  const sorted = [...names].reverse().sort((a, b) => (nameOrder(a) < nameOrder(b) ? -1 : 1));
  assert.deepEqual(sorted, names);
});

for (const { about, typed, kept } of vectors<{ about: string; typed: string; kept: string }>("name_vectors.json"))
  test(`a name: ${about}`, () => assert.equal(normalizeName(typed), kept));
