import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, test } from "node:test";

import { prepareZXingModule as prepareReader } from "zxing-wasm/reader";
import { prepareZXingModule as prepareWriter, writeBarcode } from "zxing-wasm/writer";

import { textsIn } from "../../src/device/decoding.ts";

const WIDTH = 600;
const HEIGHT = 300;
const MODULE = 5;

before(async () => {
  await prepareReader({ overrides: { wasmBinary: wasm("reader") }, fireImmediately: true });
  await prepareWriter({ overrides: { wasmBinary: wasm("writer") }, fireImmediately: true });
});

function wasm(module: "reader" | "writer"): ArrayBuffer {
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`zxing-wasm/${module}/zxing_${module}.wasm`));
  return new Uint8Array(bytes).buffer;
}

/** Draw a frame with codes at these left edges, in pixels. */
async function frame(codes: Record<string, number>, [paper, ink] = [255, 0]): Promise<ImageData> {
  const pixels = new Uint32Array(WIDTH * HEIGHT).fill(grey(paper));
  for (const [text, left] of Object.entries(codes)) {
    const { symbol } = await writeBarcode(text, { format: "QRCode" });
    for (let y = 0; y < symbol.height * MODULE; y++)
      for (let x = 0; x < symbol.width * MODULE; x++) {
        const dark = symbol.data[Math.floor(y / MODULE) * symbol.width + Math.floor(x / MODULE)] === 0;
        if (dark) pixels[(y + 80) * WIDTH + x + left] = grey(ink);
      }
  }
  return { width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(pixels.buffer), colorSpace: "srgb" } as ImageData;
}

function grey(level = 0): number {
  return (0xff000000 | (level * 0x010101)) >>> 0;
}

test("the code nearest the middle comes first", async () => {
  assert.deepEqual(await textsIn(await frame({ EDGE: 20, MIDDLE: 260 }), false), ["MIDDLE", "EDGE"]);
  assert.deepEqual(await textsIn(await frame({ MIDDLE: 240, EDGE: 450 }), false), ["MIDDLE", "EDGE"]);
});

test("only a thorough attempt reads a light code on a dark ground", async () => {
  const inverted = await frame({ INVERTED: 240 }, [0, 255]);
  assert.deepEqual([await textsIn(inverted, false), await textsIn(inverted, true)], [[], ["INVERTED"]]);
});
