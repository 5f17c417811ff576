/** Reads codes out of pixels with zxing in WebAssembly: in the reader's worker, or in the page where no worker starts. */

import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from "zxing-wasm/reader";

/** Its address with its content's hash, set by the build. */
declare const WASM: string;

/** Pixels of a code are what finds it, and every pixel of a frame costs time: so many at most. */
const MAX_PIXELS = 400_000;
/** So much of each side of a frame is read as it is: of 1280 × 720 that reads a quarter more frames than all of it scaled down, in less time. */
const MIDDLE_SHARE = 3 / 5;
/** Reads as many codes that are dark on light as a thorough look does, in three fifths of the time. */
const QUICK: ReaderOptions = { formats: ["QRCode"], maxNumberOfSymbols: 8, tryHarder: false, tryRotate: false, tryInvert: false, tryDownscale: false };
const THOROUGH: ReaderOptions = { formats: ["QRCode"], maxNumberOfSymbols: 8, tryHarder: true, tryDenoise: false };
const PHOTOGRAPH: ReaderOptions = { ...THOROUGH, tryDenoise: true };

/** Fetch and compile the WebAssembly. */
export async function prepareDecoder(): Promise<void> {
  await prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
}

export interface Size {
  width: number;
  height: number;
}

/** How large a picture is read. It is drawn as a canvas interpolates by itself: without that, 0.55 of generated frames are read instead of 0.68. */
export function readableSize(picture: Size): Size {
  return scaled(picture, Math.min(1, readableShare(picture)));
}

/** How much of the middle of a frame is read at full size: all of a small one. */
export function middleOf(frame: Size): Size {
  const share = readableShare(frame);
  return scaled(frame, share >= 1 ? 1 : Math.min(MIDDLE_SHARE, share));
}

/** Which part of each side can be read as it is; over 1 where there are pixels to spare. */
function readableShare({ width, height }: Size): number {
  return Math.sqrt(MAX_PIXELS / (width * height));
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** The texts of the codes in a picture; in a frame or its middle part the one nearest the middle comes first. A photograph in a file is always read thoroughly. */
export async function textsIn(picture: ImageData | Blob, isThorough = true): Promise<string[]> {
  if (picture instanceof Blob) return (await codesIn(picture, PHOTOGRAPH)).map((code) => code.text);
  const quick = await codesIn(picture, QUICK);
  const codes = quick.length > 0 || !isThorough ? quick : await codesIn(picture, THOROUGH);
  codes.sort((a, b) => distanceFromMiddle(a, picture) - distanceFromMiddle(b, picture));
  return codes.map((code) => code.text);
}

async function codesIn(picture: ImageData | Blob, options: ReaderOptions): Promise<ReadResult[]> {
  return (await readBarcodes(picture, options)).filter((code) => code.isValid);
}

function distanceFromMiddle({ position }: ReadResult, frame: ImageData): number {
  const corners = [position.topLeft, position.topRight, position.bottomRight, position.bottomLeft];
  const x = corners.reduce((sum, corner) => sum + corner.x, 0) / 4;
  const y = corners.reduce((sum, corner) => sum + corner.y, 0) / 4;
  return Math.hypot(x - frame.width / 2, y - frame.height / 2);
}
