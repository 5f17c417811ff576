/** Reads codes out of pixels with zxing in WebAssembly: in the reader's worker, or in the page where no worker starts. */

import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from "zxing-wasm/reader";

/** Its address with its content's hash, set by the build. */
declare const WASM: string;

/** More pixels cost time and find no more at arm's length. */
const PIXELS = 400_000;
/** The first look finds nearly every code in three fifths of the time; only what it finds nothing in is looked at again. */
const FIRST_LOOK: ReaderOptions = { formats: ["QRCode"], maxNumberOfSymbols: 8, tryHarder: false, tryRotate: false, tryInvert: false, tryDownscale: false };
const SECOND_LOOK: ReaderOptions = { formats: ["QRCode"], maxNumberOfSymbols: 8, tryHarder: true, tryDenoise: false };
const PHOTOGRAPH: ReaderOptions = { ...SECOND_LOOK, tryDenoise: true };

/** Fetch and compile the WebAssembly. */
export async function prepareReading(): Promise<void> {
  await prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
}

/** How large a frame is read. */
export function readableSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, Math.sqrt(PIXELS / (width * height)));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** The texts of the codes in a picture; in a frame the one nearest the middle comes first. */
export async function textsIn(picture: ImageData | Blob): Promise<string[]> {
  if (picture instanceof Blob) return (await codesIn(picture, PHOTOGRAPH)).map((code) => code.text);
  const first = await codesIn(picture, FIRST_LOOK);
  const found = first.length > 0 ? first : await codesIn(picture, SECOND_LOOK);
  found.sort((one, other) => awayFromMiddle(one, picture) - awayFromMiddle(other, picture));
  return found.map((code) => code.text);
}

async function codesIn(picture: ImageData | Blob, options: ReaderOptions): Promise<ReadResult[]> {
  return (await readBarcodes(picture, options)).filter((code) => code.isValid);
}

function awayFromMiddle({ position }: ReadResult, frame: ImageData): number {
  const corners = [position.topLeft, position.topRight, position.bottomRight, position.bottomLeft];
  const x = corners.reduce((sum, corner) => sum + corner.x, 0) / 4;
  const y = corners.reduce((sum, corner) => sum + corner.y, 0) / 4;
  return Math.hypot(x - frame.width / 2, y - frame.height / 2);
}
