/** Keeps the scanner's own files, so that it opens without a network and fetches its wasm once. Never touches /api. */

/// <reference lib="webworker" />

declare const self: ServiceWorkerGlobalScope;
declare const SHELL: string[];
declare const VERSION: string;

const PAGE = "/door/";
const KEPT = `door-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(fillShell());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

// A new version waits until the page says that nobody is scanning.
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(fromShell(PAGE, event.request));
  else if (SHELL.includes(pathname)) event.respondWith(fromShell(pathname, event.request));
});

async function fillShell(): Promise<void> {
  const cache = await caches.open(KEPT);
  await cache.addAll([PAGE, ...SHELL].map((path) => new Request(path, { cache: "reload" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("door-") && name !== KEPT).map((name) => caches.delete(name)));
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  return (await cache.match(path)) ?? fetch(request);
}

export {};
