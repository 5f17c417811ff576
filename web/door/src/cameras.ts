/** The phone's cameras: which one is open, what it can do, and why none is. */

import { hasCamera } from "./browser_support.ts";

/** Why there is no camera: the page may not use it; there is none; another app has it; the page came over plain http; this browser gives none. */
export type Trouble = "refused" | "missing" | "busy" | "insecure" | "unsupported";

interface Abilities extends MediaTrackCapabilities {
  focusMode?: string[];
  torch?: boolean;
}

const CHOSEN = "door.camera";
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };
const TROUBLES: Record<string, Trouble> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotReadableError: "busy",
  AbortError: "busy",
};

let chosenHere: string | null = null;

/** What stands behind an error of Camera.start() or Camera.next(). */
export function troubleOf(error: unknown): Trouble {
  if (!hasCamera()) return window.isSecureContext ? "unsupported" : "insecure";
  return TROUBLES[(error as Partial<DOMException> | null)?.name ?? ""] ?? "missing";
}

/** A stream of the camera that was chosen in this shift, else of the one on the back. Raises what getUserMedia raises; TypeError over plain http. */
export async function openLens(): Promise<MediaStream> {
  const chosen = chosenLens();
  try {
    return await open(chosen ? { deviceId: { exact: chosen } } : { facingMode: "environment" });
  } catch (error) {
    if (!chosen || troubleOf(error) === "refused") throw error;
    chooseLens(null);
    return open({ facingMode: "environment" });
  }
}

function open(lens: MediaTrackConstraints): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { ...lens, ...SIZE }, audio: false });
}

/** The ids of the phone's cameras; they are known once one was allowed. */
export async function lenses(): Promise<string[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
}

/** Use this camera until the page's tab is closed; null for the one on the back. */
export function chooseLens(id: string | null): void {
  chosenHere = id;
  try {
    if (id) sessionStorage.setItem(CHOSEN, id);
    else sessionStorage.removeItem(CHOSEN);
  } catch {
    // Some in-app browsers refuse storage by throwing; then a reload forgets it.
  }
}

export function chosenLens(): string | null {
  try {
    return chosenHere ?? sessionStorage.getItem(CHOSEN);
  } catch {
    return chosenHere;
  }
}

export function hasTorch(track: MediaStreamTrack): boolean {
  return abilitiesOf(track).torch === true;
}

/** Focus all the time where the camera can, and light the torch or put it out. One call for both: each replaces what was asked before. */
export async function adjust(track: MediaStreamTrack, torch: boolean): Promise<void> {
  const abilities = abilitiesOf(track);
  const advanced: object[] = [];
  if (abilities.focusMode?.includes("continuous")) advanced.push({ focusMode: "continuous" });
  if (abilities.torch) advanced.push({ torch });
  if (advanced.length > 0) await track.applyConstraints({ ...SIZE, advanced });
}

// Firefox before 132 has no getCapabilities.
function abilitiesOf(track: MediaStreamTrack): Abilities {
  return (track.getCapabilities?.() as Abilities | undefined) ?? {};
}
