import assert from "node:assert/strict";
import { test } from "node:test";

import { searchKey } from "../src/search.ts";
import { vectors } from "./vectors.ts";

interface Vector {
  about: string;
  key: string;
  texts: string[];
  apart?: string[];
}

for (const { about, key, texts, apart = [] } of vectors<Vector>("search_vectors.json"))
  test(`search key: ${about}`, () => {
    for (const text of texts) assert.equal(searchKey(text), key, text);
    for (const other of apart.map(searchKey)) assert.ok(!other.startsWith(key) && !key.startsWith(other), other);
  });
