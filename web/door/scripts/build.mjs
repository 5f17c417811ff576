/** Builds web/static/built: the door's page and service worker, the code reader, the site's fonts, the door's icons. */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

import { drawBand, drawIcon } from "./icons.mjs";
import { languagesIn, moduleOf } from "./languages.mjs";
import { catalogueOf, idsIn } from "./messages.mjs";

const DOOR = dirname(dirname(fileURLToPath(import.meta.url)));
const PROJECT = join(DOOR, "..", "..");
const OLDEST_BROWSERS = ["chrome87", "ios15.4", "safari15.4", "firefox115"];
const FONTS = ["latin", "cyrillic", "cyrillic-ext"];
const ICONS = { "door-192.png": [192], "door-512.png": [512], "door-maskable-512.png": [512, { maskable: true }] };
const WASM = "zxing_reader.wasm";
const FILES = ["door.js", "door.css", "reader.js", WASM, "door-ikat.svg", ...FONTS.map(fontName)];
/** Files with an address of their own; all others are below /static/built. */
const ADDRESSES = { "reader.js": "/door/reader.js" };

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(PROJECT, "web/static/built") },
    locale: { type: "string", default: join(PROJECT, "shared/locale") },
  },
});

const LANGUAGES = languagesIn(join(PROJECT, "shared/config.py"), values.locale);

/** The new build replaces the old one only when it is complete, so that a running server misses no file. */
const OUT = `${values.out}.new`;

function fontName(subset) {
  return `fonts/noto-sans-${subset}.woff2`;
}

function catalogues() {
  const ids = idsIn(join(DOOR, "src"));
  const all = {};
  for (const [language, { unbroken }] of Object.entries(LANGUAGES)) {
    const { catalogue, missing } = catalogueOf(ids, join(values.locale, language, "LC_MESSAGES/messages.po"), {
      unbroken,
    });
    all[language] = catalogue;
    if (missing.length > 0) console.warn(`${language}: ${missing.length} of ${ids.length} messages are missing`);
  }
  return all;
}

const cataloguePlugin = {
  name: "catalogues",
  setup(build) {
    build.onResolve({ filter: /^catalogues$/ }, () => ({ path: "catalogues", namespace: "catalogues" }));
    build.onLoad({ filter: /.*/, namespace: "catalogues" }, () => ({
      contents: JSON.stringify(catalogues()),
      loader: "json",
    }));
  },
};

async function bundle(entry, options = {}) {
  await esbuild.build({
    entryPoints: { [entry.name]: join(DOOR, entry.source) },
    outdir: OUT,
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: OLDEST_BROWSERS,
    external: ["/static/*"],
    logLevel: "warning",
    ...options,
  });
}

function hashOf(file) {
  return createHash("sha256").update(readFileSync(join(OUT, file)));
}

function addressOf(file) {
  return ADDRESSES[file] ?? `/static/built/${file}`;
}

/** The address with the hash of the content, as web/templating.py writes it; browsers may keep it for a year. */
function versionedAddressOf(file) {
  return `${addressOf(file)}?v=${hashOf(file).digest("hex").slice(0, 12)}`;
}

function versionOf(files) {
  const hashes = files.map((file) => hashOf(file).digest("hex"));
  return createHash("sha256").update(hashes.join("")).digest("hex").slice(0, 12);
}

function copyAssets() {
  const modules = join(DOOR, "node_modules");
  mkdirSync(join(OUT, "fonts"), { recursive: true });
  copyFileSync(join(modules, "zxing-wasm/dist/reader/zxing_reader.wasm"), join(OUT, WASM));
  for (const subset of FONTS)
    copyFileSync(
      join(modules, `@fontsource/noto-sans/files/noto-sans-${subset}-400-normal.woff2`),
      join(OUT, fontName(subset)),
    );
  writeFileSync(join(OUT, "door-ikat.svg"), drawBand());
  for (const [name, drawing] of Object.entries(ICONS)) writeFileSync(join(OUT, name), drawIcon(...drawing));
}

writeFileSync(join(DOOR, "src/lib/languages.ts"), moduleOf(LANGUAGES));
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
copyAssets();
// The order matters: each bundle contains the content hash of the previous one.
const define = { WASM: JSON.stringify(versionedAddressOf(WASM)) };
await bundle({ name: "reader", source: "src/reader_worker.ts" }, { format: "iife", define });
define.READER = JSON.stringify(versionedAddressOf("reader.js"));
await bundle({ name: "door", source: "src/main.ts" }, { format: "esm", plugins: [cataloguePlugin], define });
await bundle({ name: "bench", source: "src/bench.ts" }, { format: "esm", plugins: [cataloguePlugin], define });
await bundle({ name: "bench", source: "src/bench.css" });
await bundle({ name: "door", source: "src/door.css" });
const files = Object.fromEntries(FILES.map((file) => [addressOf(file), hashOf(file).digest("base64")]));
const constants = {
  FILES: JSON.stringify(files),
  SCRIPT: JSON.stringify(versionedAddressOf("door.js")),
  VERSION: JSON.stringify(versionOf(FILES)),
};
await bundle({ name: "sw", source: "src/sw.ts" }, { format: "iife", define: constants });
rmSync(values.out, { recursive: true, force: true });
renameSync(OUT, values.out);
