import assert from "node:assert/strict";
import { test } from "node:test";

import { searchKey } from "../src/search.ts";
import { vectors } from "./vectors.ts";

for (const { about, key, texts } of vectors<{ about: string; key: string; texts: string[] }>("search_vectors.json"))
  test(`search key: ${about}`, () => {
    for (const text of texts) assert.equal(searchKey(text), key, text);
  });
