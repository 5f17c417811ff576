/** Captures a camera frame, or the middle of it, for the reader. */

import { middleOf, readableSize, type Size } from "./decoding.ts";
import type { ReadAttempt } from "./read_attempts.ts";

export type Source = HTMLVideoElement | HTMLCanvasElement;

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/** A region of a frame as a bitmap, without reading pixels back; null before the first frame. */
export async function bitmapOf(source: Source, region: ReadAttempt["region"]): Promise<ImageBitmap | null> {
  const frame = sizeOf(source);
  if (!frame) return null;
  if (region === "whole") return createImageBitmap(source);
  const middle = middleOf(frame);
  return createImageBitmap(source, ...cornerOf(frame, middle), middle.width, middle.height);
}

/** The pixels of a region of a frame; null before the first frame. */
export function pixelsOf(source: Source, region: ReadAttempt["region"]): ImageData | null {
  const frame = sizeOf(source);
  return frame && drawRegion(source, frame, region === "middle" ? middleOf(frame) : frame);
}

/** The pixels of a photograph; null for an empty one. */
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

/** The top left corner of a region in the middle of a frame. */
function cornerOf(frame: Size, region: Size): [number, number] {
  return [Math.floor((frame.width - region.width) / 2), Math.floor((frame.height - region.height) / 2)];
}

function sizeOf(source: Source): Size | null {
  const width = "videoWidth" in source ? source.videoWidth : source.width;
  const height = "videoHeight" in source ? source.videoHeight : source.height;
  return width && height ? { width, height } : null;
}
