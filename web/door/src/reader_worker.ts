/** The reader's worker: decodes beside the page, so that the camera's picture does not stutter. */

/// <reference lib="webworker" />

declare const self: DedicatedWorkerGlobalScope;

let canvas: OffscreenCanvas | null = null;

self.addEventListener("message", ({ data }: MessageEvent<ReadRequest>) => void answer(data));

async function answer({ id, picture, isThorough }: ReadRequest): Promise<void> {
  try {
    tell({ id, texts: await textsIn(takeOver(picture), isThorough) });
  } catch (error) {
    tell({ id, failed: String(error) });
  }
}

function takeOver(picture: ReadRequest["picture"]): ImageData | Blob {
  if (picture instanceof Blob || picture instanceof ImageData) return picture;
  const pixels = pixelsOf(picture);
  picture.close();
  return pixels;
}

function pixelsOf(frame: ImageBitmap): ImageData {
  const size = readableSize(frame);
  if (!canvas || canvas.width < size.width || canvas.height < size.height)
    canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no drawing in a worker");
  context.drawImage(frame, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}

function tell(answer: ReadResponse): void {
  self.postMessage(answer);
}

// Safari before 16.4 has no OffscreenCanvas, and some later versions have one that cannot draw.
function canDraw(): boolean {
  return typeof OffscreenCanvas !== "undefined" && new OffscreenCanvas(1, 1).getContext("2d") !== null;
}

prepareDecoder().then(
  () => tell({ id: 0, bitmaps: canDraw() }),
  (error: unknown) => tell({ id: 0, failed: String(error) }),
);

import { prepareDecoder, readableSize, textsIn } from "./device/decoding.ts";
import type { ReadRequest, ReadResponse } from "./device/worker_reader.ts";
