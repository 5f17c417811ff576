/** Decodes codes from pixels with zxing in WebAssembly, in the reader's worker or in the page. */

import { prepareZXingModule, type ReaderOptions, type ReadResult, readBarcodes } from "zxing-wasm/reader";

/** The address of the WebAssembly file with the hash of its content, set by the build. */
declare const WASM: string;

/** The most pixels to decode in one attempt: more find no more codes in the time they cost. */
const MAX_PIXELS = 400_000;
/**
 * The share of each side of a frame that is read unscaled. Of 1280 × 720 this reads a quarter more frames than the
 * whole scaled down, in less time.
 */
const MIDDLE_SHARE = 3 / 5;
/** Reads as many dark-on-light codes as the thorough options, in three fifths of the time. */
const QUICK: ReaderOptions = {
  formats: ["QRCode"],
  maxNumberOfSymbols: 8,
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
};
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

/**
 * The size to which a picture is scaled. A canvas interpolates while it draws: without that, 0.55 of generated frames
 * are read instead of 0.68.
 */
export function readableSize(picture: Size): Size {
  return scaled(picture, Math.min(1, readableShare(picture)));
}

/** The size of a frame's middle that is read unscaled; the whole of a small frame. */
export function middleOf(frame: Size): Size {
  const share = readableShare(frame);
  return scaled(frame, share >= 1 ? 1 : Math.min(MIDDLE_SHARE, share));
}

/** The share of each side that can be read unscaled; over 1 for a small picture. */
function readableShare({ width, height }: Size): number {
  return Math.sqrt(MAX_PIXELS / (width * height));
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/**
 * The texts of the codes in a picture; in a frame the one nearest the middle comes first. A photograph in a file is
 * always read thoroughly.
 */
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
