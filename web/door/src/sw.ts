/** Caches the scanner's files, so that it opens without a network and fetches its wasm once. Never touches /api. */

/// <reference lib="webworker" />

declare const self: ServiceWorkerGlobalScope;
/**
 * The files of this version by path, with the SHA-256 of their content (base64); the page is recognized by its script's
 * address.
 */
declare const FILES: Record<string, string>;
declare const SCRIPT: string;
declare const VERSION: string;

const PAGE = "/door/";
const CACHE = `door-${VERSION}`;
const MATCH_OPTIONS = { ignoreSearch: true, ignoreVary: true };

self.addEventListener("install", (event) => {
  event.waitUntil(cacheFiles());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(deleteOldCaches().then(() => self.clients.claim()));
});

// A new version waits until the page reports that no one scans; that page knows only itself.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(pageFromCache(event));
  else if (pathname in FILES) event.respondWith(fileFromCache(pathname, event.request));
});

async function takeOver(): Promise<void> {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.filter((client) => new URL(client.url).pathname.startsWith(PAGE)).length <= 1) await self.skipWaiting();
}

/** Fetch all files of this version or none: during an update of the server, answers of two versions may mix. */
async function cacheFiles(): Promise<void> {
  const files = Object.entries(FILES).map(
    ([path, sum]) => new Request(path, { cache: "reload", integrity: `sha256-${sum}` }),
  );
  const [page, ...answers] = await Promise.all([
    fetchComplete(new Request(PAGE, { cache: "reload" })),
    ...files.map(fetchComplete),
  ]);
  if (!page || !(await page.clone().text()).includes(SCRIPT)) throw new Error("the page is of another version");
  const cache = await caches.open(CACHE);
  await Promise.all([
    cache.put(PAGE, page),
    ...answers.map((answer, index) => cache.put(files[index]?.url ?? "", answer)),
  ]);
}

async function fetchComplete(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} for ${request.url}`);
  return answer;
}

async function deleteOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("door-") && name !== CACHE).map((name) => caches.delete(name)),
  );
}

// A phone short of space may have dropped some files: then the page comes from the network, and missing files are
// fetched again.
async function pageFromCache(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CACHE);
  const page = await cache.match(PAGE, MATCH_OPTIONS);
  const files = await Promise.all(Object.keys(FILES).map((path) => cache.match(path, MATCH_OPTIONS)));
  if (page && files.every(Boolean)) return page;
  event.waitUntil(cacheFiles().catch(() => undefined));
  return fetch(event.request).catch((error: unknown) => {
    if (page) return page;
    throw error;
  });
}

async function fileFromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path, MATCH_OPTIONS)) ?? fetch(request);
}

export {};
