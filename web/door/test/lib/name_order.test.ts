import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOrder } from "../../src/lib/name_order.ts";
import { vectors } from "../support/vectors.ts";

test("names stand by the Tajik alphabet, which holds the Russian one", () => {
  const names = vectors<string>("names_in_order.json");
  const sorted = [...names].reverse().sort((a, b) => (nameOrder(a) < nameOrder(b) ? -1 : 1));
  assert.deepEqual(sorted, names);
});
