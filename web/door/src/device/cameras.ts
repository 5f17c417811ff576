/** The phone's cameras: choice, features and errors. */

import { hasCamera } from "./browser_support.ts";

/**
 * The reason for having no camera: permission refused, no camera, camera used by another app, plain http, or a browser
 * without camera support.
 */
export type Trouble = "refused" | "missing" | "busy" | "insecure" | "unsupported";

interface Capabilities extends MediaTrackCapabilities {
  focusMode?: string[];
  torch?: boolean;
}

const STORAGE_KEY = "door.camera";
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };
const TROUBLES: Record<string, Trouble> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotReadableError: "busy",
  AbortError: "busy",
};

let chosenId: string | null = null;

/** The trouble behind an error of Camera.start() or Camera.next(). */
export function troubleOf(error: unknown): Trouble {
  if (!hasCamera()) return window.isSecureContext ? "unsupported" : "insecure";
  return TROUBLES[(error as Partial<DOMException> | null)?.name ?? ""] ?? "missing";
}

/**
 * Open the camera chosen in this shift, else the back camera. Throws the errors of getUserMedia; TypeError over plain
 * http.
 */
export async function openStream(): Promise<MediaStream> {
  const chosen = chosenCamera();
  try {
    return await open(chosen ? { deviceId: { exact: chosen } } : { facingMode: "environment" });
  } catch (error) {
    if (!chosen || troubleOf(error) === "refused") throw error;
    chooseCamera(null);
    return open({ facingMode: "environment" });
  }
}

function open(constraints: MediaTrackConstraints): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { ...constraints, ...SIZE }, audio: false });
}

/** The ids of the phone's cameras; browsers give them once a camera was allowed. */
export async function cameraIds(): Promise<string[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
}

/** Use a camera until the tab is closed; null for the back camera. */
export function chooseCamera(id: string | null): void {
  chosenId = id;
  try {
    if (id) sessionStorage.setItem(STORAGE_KEY, id);
    else sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Some in-app browsers throw on storage; then a reload forgets the choice.
  }
}

export function chosenCamera(): string | null {
  try {
    return chosenId ?? sessionStorage.getItem(STORAGE_KEY);
  } catch {
    return chosenId;
  }
}

export function hasTorch(track: MediaStreamTrack): boolean {
  return capabilitiesOf(track).torch === true;
}

/**
 * Set continuous focus where the camera supports it, and the torch. One call for both, since each call replaces the
 * constraints of the previous one.
 */
export async function adjust(track: MediaStreamTrack, torch: boolean): Promise<void> {
  const capabilities = capabilitiesOf(track);
  const advanced: object[] = [];
  if (capabilities.focusMode?.includes("continuous")) advanced.push({ focusMode: "continuous" });
  if (capabilities.torch) advanced.push({ torch });
  if (advanced.length > 0) await track.applyConstraints({ ...SIZE, advanced });
}

// Firefox before 132 has no getCapabilities.
function capabilitiesOf(track: MediaStreamTrack): Capabilities {
  return (track.getCapabilities?.() as Capabilities | undefined) ?? {};
}
