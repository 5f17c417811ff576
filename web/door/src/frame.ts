/** One frame of the camera, as the reader takes it. */

import { readableSize } from "./reading.ts";

export type Source = HTMLVideoElement | HTMLCanvasElement;

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/** The frame as a bitmap, which is neither read back nor copied here; null before the first one. */
export async function bitmapOf(source: Source): Promise<ImageBitmap | null> {
  return sizeOf(source) && (await createImageBitmap(source));
}

/** The frame's pixels; null before the first one. */
export function pixelsOf(source: Source | ImageBitmap): ImageData | null {
  const size = sizeOf(source);
  if (!size || !context) return null;
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  context.drawImage(source, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}

function sizeOf(source: Source | ImageBitmap): { width: number; height: number } | null {
  const width = "videoWidth" in source ? source.videoWidth : source.width;
  const height = "videoHeight" in source ? source.videoHeight : source.height;
  return width && height ? readableSize(width, height) : null;
}
