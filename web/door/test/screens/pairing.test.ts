import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../src/engine/api.ts";
import { problemOf } from "../../src/screens/pairing.ts";

test("a full storage is not explained as a lost connection", () => {
  for (const name of ["QuotaExceededError", "UnknownError", "InvalidStateError"])
    assert.match(problemOf(new DOMException("", name)), /cannot store/, name);
});

test("a failed or slow network is explained as such", () => {
  for (const error of [new TypeError("Failed to fetch"), new DOMException("", "AbortError")])
    assert.match(problemOf(error), /No connection/);
  assert.match(problemOf(new ApiError(410, "pass-expired", 0)), /has expired/);
});

test("a revoked phone is explained as such, not as a server that is away", () => {
  assert.match(problemOf(new ApiError(401, "device-revoked", 0)), /revoked.*allow it again/);
});
