/** The phone's cameras: which one is open, what it can do, and why none is. */

import { hasCamera } from "./browser_support.ts";

/** Why there is no camera: the page may not use it; there is none; another app has it; the page came over plain http; this browser gives none. */
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

/** What stands behind an error of Camera.start() or Camera.next(). */
export function troubleOf(error: unknown): Trouble {
  if (!hasCamera()) return window.isSecureContext ? "unsupported" : "insecure";
  return TROUBLES[(error as Partial<DOMException> | null)?.name ?? ""] ?? "missing";
}

/** A stream of the camera that was chosen in this shift, else of the one on the back. Raises what getUserMedia raises; TypeError over plain http. */
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

/** The ids of the phone's cameras; they are known once one was allowed. */
export async function cameraIds(): Promise<string[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
}

/** Use this camera until the page's tab is closed; null for the one on the back. */
export function chooseCamera(id: string | null): void {
  chosenId = id;
  try {
    if (id) sessionStorage.setItem(STORAGE_KEY, id);
    else sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Some in-app browsers refuse storage by throwing; then a reload forgets it.
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

/** Focus all the time where the camera can, and light the torch or put it out. One call for both: each replaces what was asked before. */
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
