/** One frame of the camera, or the middle of it, as the reader takes it. */

import { middleOf, readableSize, type Size } from "./decoding.ts";
import type { ReadAttempt } from "./read_attempts.ts";

export type Source = HTMLVideoElement | HTMLCanvasElement;

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/** A part of a frame as a bitmap, which is neither read back nor copied here; null before the first one. */
export async function bitmapOf(source: Source, region: ReadAttempt["region"]): Promise<ImageBitmap | null> {
  const frame = sizeOf(source);
  if (!frame) return null;
  if (region === "whole") return createImageBitmap(source);
  const middle = middleOf(frame);
  return createImageBitmap(source, ...cornerOf(frame, middle), middle.width, middle.height);
}

/** The pixels of a part of a frame; null before the first one. */
export function pixelsOf(source: Source, region: ReadAttempt["region"]): ImageData | null {
  const frame = sizeOf(source);
  return frame && drawRegion(source, frame, region === "middle" ? middleOf(frame) : frame);
}

/** The pixels of a photograph; null of an empty one. */
export function pixelsOfPicture(picture: ImageBitmap): ImageData | null {
  return picture.width && picture.height ? drawRegion(picture, picture, picture) : null;
}

function drawRegion(source: Source | ImageBitmap, frame: Size, region: Size): ImageData | null {
  if (!context) return null;
  const { width, height } = readableSize(region);
  if (canvas.width < width || canvas.height < height) Object.assign(canvas, { width, height });
  context.drawImage(source, ...cornerOf(frame, region), region.width, region.height, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Where a part in the middle of a frame begins. */
function cornerOf(frame: Size, region: Size): [number, number] {
  return [Math.floor((frame.width - region.width) / 2), Math.floor((frame.height - region.height) / 2)];
}

function sizeOf(source: Source): Size | null {
  const width = "videoWidth" in source ? source.videoWidth : source.width;
  const height = "videoHeight" in source ? source.videoHeight : source.height;
  return width && height ? { width, height } : null;
}
