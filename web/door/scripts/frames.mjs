/**
 * Reads frames from stdin: width, height and reader (32 bits each, little endian), then the grey pixels.
 *
 * The argument is a JSON list of readers: options of zxing-wasm, or null for the door's own reader. A frame names its
 * reader by the index in that list. Each answer is one line: [text or null, milliseconds].
 */

import { readFileSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { textsIn } from "../src/device/decoding.ts";

const wasmBinary = readFileSync(createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm"));
const readers = JSON.parse(process.argv[2] ?? "[null]").map((options) =>
  options ? (frame) => readWith(options, frame) : readAsDoor,
);

async function readAsDoor(frame) {
  return (await textsIn(frame))[0] ?? null;
}

async function readWith(options, frame) {
  const [code] = await readBarcodes(frame, { formats: ["QRCode"], ...options });
  return code?.isValid ? code.text : null;
}

/** Read a number of bytes from stdin; null at its end. */
function take(size) {
  const bytes = Buffer.alloc(size);
  for (let filled = 0; filled < size; ) {
    const read = readSync(0, bytes, filled, size - filled, null);
    if (read === 0) return null;
    filled += read;
  }
  return bytes;
}

function takeFrame() {
  const head = take(12);
  if (!head) return null;
  const [width, height, reader] = [0, 4, 8].map((at) => head.readUInt32LE(at));
  const grey = take(width * height);
  const pixels = new Uint32Array(grey.length);
  for (let at = 0; at < grey.length; at++) pixels[at] = 0xff000000 | (grey[at] * 0x010101);
  return { reader, picture: { width, height, data: new Uint8ClampedArray(pixels.buffer) } };
}

await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
for (let frame = takeFrame(); frame; frame = takeFrame()) {
  const began = performance.now();
  const text = await readers[frame.reader](frame.picture);
  writeSync(1, `${JSON.stringify([text, performance.now() - began])}\n`);
}
