/** Keeps the scanner's own files, so that it opens without a network and fetches its wasm once. Never touches /api. */

/// <reference lib="webworker" />

declare const self: ServiceWorkerGlobalScope;
/** Each file of this version, by its path, and the SHA-256 of its content (base64); the page is told by naming its script. */
declare const SHELL: Record<string, string>;
declare const SCRIPT: string;
declare const VERSION: string;

const PAGE = "/door/";
const KEPT = `door-${VERSION}`;
const AS_KEPT = { ignoreSearch: true, ignoreVary: true };

self.addEventListener("install", (event) => {
  event.waitUntil(fillShell());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

// A new version waits until the page says that nobody is scanning; that page knows of itself only.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(thePage(event));
  else if (pathname in SHELL) event.respondWith(fromShell(pathname, event.request));
});

async function takeOver(): Promise<void> {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.filter((page) => new URL(page.url).pathname.startsWith(PAGE)).length <= 1) await self.skipWaiting();
}

/** Fetch all of this version or nothing: while a server is being replaced it may answer with files of two. */
async function fillShell(): Promise<void> {
  const files = Object.entries(SHELL).map(([path, sum]) => new Request(path, { cache: "reload", integrity: `sha256-${sum}` }));
  const [page, ...answers] = await Promise.all([fetchWhole(new Request(PAGE, { cache: "reload" })), ...files.map(fetchWhole)]);
  if (!page || !(await page.clone().text()).includes(SCRIPT)) throw new Error("the page is of another version");
  const cache = await caches.open(KEPT);
  await Promise.all([cache.put(PAGE, page), ...answers.map((answer, place) => cache.put(files[place]?.url ?? "", answer))]);
}

async function fetchWhole(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} for ${request.url}`);
  return answer;
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("door-") && name !== KEPT).map((name) => caches.delete(name)));
}

// A phone short of space may have thrown some files away: then the network has the page, and what is missing is fetched again.
async function thePage(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(PAGE, AS_KEPT);
  const held = await Promise.all(Object.keys(SHELL).map((path) => cache.match(path, AS_KEPT)));
  if (kept && held.every(Boolean)) return kept;
  event.waitUntil(fillShell().catch(() => undefined));
  return fetch(event.request).catch((error: unknown) => {
    if (kept) return kept;
    throw error;
  });
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  return (await cache.match(path, AS_KEPT)) ?? fetch(request);
}

export {};
