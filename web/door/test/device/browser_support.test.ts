import assert from "node:assert/strict";
import { test } from "node:test";

import { type Browser, containingApp, openProblem, readProblem } from "../../src/device/browser_support.ts";

const ANDROID =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const WHOLE: Browser = {
  agent: ANDROID,
  telegram: false,
  secure: true,
  serviceWorker: true,
  camera: true,
  standalone: false,
};

const browsers: [string, Partial<Browser>, string | null][] = [
  ["Chrome", {}, null],
  ["Safari", { agent: `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1` }, null],
  [
    "Firefox on a desk without a camera",
    { agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", camera: false },
    null,
  ],
  [
    "a home-screen app on an iPhone",
    { agent: `${IPHONE} Mobile/15E148`, serviceWorker: false, standalone: true },
    null,
  ],
  ["plain http, where every browser lacks both", { secure: false, serviceWorker: false, camera: false }, null],
  ["Instagram", { agent: `${IPHONE} Mobile/15E148 Instagram 300.0.0.0` }, "Instagram"],
  ["Facebook", { agent: `${ANDROID} [FB_IAB/FB4A;FBAV/400.0.0]` }, "Facebook"],
  ["Telegram, which says nothing of itself", { telegram: true }, "Telegram"],
  ["an app's browser on Android", { agent: ANDROID.replace("; K)", "; K; wv)") }, "another app"],
  ["an app's browser on an iPhone", { agent: `${IPHONE} Mobile/15E148`, serviceWorker: false }, "another app"],
  ["an app's browser without a camera", { camera: false }, "another app"],
];

for (const [name, seen, app] of browsers)
  test(`${name} is ${app ? `inside ${app}` : "a browser of its own"}`, () =>
    assert.equal(containingApp({ ...WHOLE, ...seen }), app));

test("an older version in another tab is explained differently from a browser that keeps nothing", () => {
  assert.equal(
    openProblem(new DOMException("", "BlockedError")),
    "Close all other tabs with this page, then open the page again.",
  );
  for (const error of [new DOMException("", "SecurityError"), new TypeError("no indexedDB"), null])
    assert.match(openProblem(error), /^This browser does not store data/);
});

test("a failed read is not explained as a browser that keeps nothing", () => {
  assert.match(readProblem(new DOMException("", "BlockedError")), /^Close all other tabs/);
  for (const error of [new DOMException("", "DataError"), new DOMException("", "TimeoutError"), null])
    assert.match(readProblem(error), /could not be read/);
});
