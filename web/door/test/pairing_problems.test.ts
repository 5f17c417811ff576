import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../src/api.ts";
import { problemOf } from "../src/screens/pairing_problems.ts";

test("a phone that cannot keep its pass is not said to lack a connection", () => {
  for (const name of ["QuotaExceededError", "UnknownError", "InvalidStateError"])
    assert.match(problemOf(new DOMException("", name)), /cannot keep/, name);
});

test("a network that fails or is too slow is said to be the trouble", () => {
  for (const error of [new TypeError("Failed to fetch"), new DOMException("", "AbortError")]) assert.match(problemOf(error), /No connection/);
  assert.match(problemOf(new ApiError(410, "pass-expired", 0)), /has ended/);
});

test("a phone that may not pair until an organizer allows it says so, and not that the server is away", () => {
  assert.match(problemOf(new ApiError(401, "device-revoked", 0)), /revoked.*allow it again/);
});
