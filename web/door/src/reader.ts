/** Reads codes from pictures, with zxing in WebAssembly from our own origin. */

import { prepareZXingModule, readBarcodes, type ReaderOptions } from "zxing-wasm/reader";

const WASM = "/static/built/zxing_reader.wasm";
const FRAME: ReaderOptions = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true, tryDenoise: false };

/** Fetch and compile the reader before the first person comes. */
export async function prepareReader(): Promise<void> {
  await prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
}

/** The text of the code in a camera's frame; null where there is none. */
export async function readFrame(frame: ImageData): Promise<string | null> {
  const [found] = await readBarcodes(frame, FRAME);
  return found?.isValid ? found.text : null;
}

/** The text of the code in a photograph; slower and more thorough than a frame. */
export async function readPicture(picture: Blob): Promise<string | null> {
  const [found] = await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true });
  return found?.isValid ? found.text : null;
}
