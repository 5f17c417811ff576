/** Reads codes from the camera and from pictures, in a worker or in the page where no worker starts. */

import { middleOf, prepareDecoder, readableSize, type Size, textsIn } from "./decoding.ts";
import type { ReadAttempt } from "./read_attempts.ts";
import { type Picture, WorkerReader } from "./worker_reader.ts";

interface Reader {
  readonly place: "worker" | "page";
  bitmaps: boolean;
  read(picture: Picture, isThorough: boolean): Promise<string[]>;
}

const RETRY_AFTER = 2_000;

let reader: Promise<Reader> | null = null;

/** Fetch and compile the reader before the first scan. Throws where neither the worker nor the page can. */
export async function prepareReader(): Promise<void> {
  await currentReader();
}

/** The place where codes are read on this phone. */
export async function readerPlace(): Promise<Reader["place"]> {
  return (await currentReader()).place;
}

/** The texts of the codes found by one attempt, the one nearest the middle first. */
export async function readFrame(source: Source, { region, isThorough }: ReadAttempt): Promise<string[]> {
  const current = await currentReader();
  const frame = current.bitmaps
    ? await bitmapOf(source, region).catch(() => withoutBitmaps(current))
    : pixelsOf(source, region);
  return frame ? current.read(frame, isThorough) : [];
}

/** The text of the code in a photograph; null where there is none. */
export async function readPicture(picture: Blob): Promise<string | null> {
  const current = await currentReader();
  const texts = await current.read(picture, true).catch(() => []);
  return texts[0] ?? (await readDrawn(picture, current));
}

// The browser reads more picture formats than zxing, and a blurred picture is sharper when it is smaller.
async function readDrawn(picture: Blob, current: Reader): Promise<string | null> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  const pixels = bitmap && pixelsOfPicture(bitmap);
  return pixels ? ((await current.read(pixels, true))[0] ?? null) : null;
}

function withoutBitmaps(current: Reader): null {
  current.bitmaps = false;
  return null;
}

function currentReader(): Promise<Reader> {
  reader ??= setReader(WorkerReader.start(setPageReader).catch(startReaderInPage));
  return reader;
}

function setPageReader(): void {
  void setReader(startReaderInPage()).catch(() => undefined);
}

// A first load without a network fails: try again, but not for every frame.
function setReader(started: Promise<Reader>): Promise<Reader> {
  reader = started;
  started.catch(() => setTimeout(() => (reader = null), RETRY_AFTER));
  return started;
}

async function startReaderInPage(): Promise<Reader> {
  await prepareDecoder();
  return {
    place: "page",
    bitmaps: false,
    read: async (picture, isThorough) => (picture instanceof ImageBitmap ? [] : textsIn(picture, isThorough)),
  };
}

type Source = HTMLVideoElement | HTMLCanvasElement;

let drawing: CanvasRenderingContext2D | null = null;

/** A region of a frame as a bitmap, without reading pixels back; null before the first frame. */
async function bitmapOf(source: Source, region: ReadAttempt["region"]): Promise<ImageBitmap | null> {
  const frame = sizeOf(source);
  if (!frame) return null;
  if (region === "whole") return createImageBitmap(source);
  const middle = middleOf(frame);
  return createImageBitmap(source, ...cornerOf(frame, middle), middle.width, middle.height);
}

/** The pixels of a region of a frame; null before the first frame. */
function pixelsOf(source: Source, region: ReadAttempt["region"]): ImageData | null {
  const frame = sizeOf(source);
  return frame && drawRegion(source, frame, region === "middle" ? middleOf(frame) : frame);
}

/** The pixels of a photograph; null for an empty one. */
function pixelsOfPicture(picture: ImageBitmap): ImageData | null {
  return picture.width && picture.height ? drawRegion(picture, picture, picture) : null;
}

function drawRegion(source: Source | ImageBitmap, frame: Size, region: Size): ImageData | null {
  drawing ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!drawing) return null;
  const { canvas } = drawing;
  const { width, height } = readableSize(region);
  if (canvas.width < width || canvas.height < height) Object.assign(canvas, { width, height });
  drawing.drawImage(source, ...cornerOf(frame, region), region.width, region.height, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height);
}

/** The top left corner of a region in the middle of a frame. */
function cornerOf(frame: Size, region: Size): [number, number] {
  return [Math.floor((frame.width - region.width) / 2), Math.floor((frame.height - region.height) / 2)];
}

function sizeOf(source: Source): Size | null {
  const width = "videoWidth" in source ? source.videoWidth : source.width;
  const height = "videoHeight" in source ? source.videoHeight : source.height;
  return width && height ? { width, height } : null;
}
