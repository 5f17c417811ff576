/** One camera stream for the whole shift, and the codes seen in it. */

import { InView } from "./in_view.ts";
import { adjust, chooseLens, chosenLens, hasTorch, lenses, openLens, troubleOf, type Trouble } from "./cameras.ts";
import { Looks } from "./read_attempts.ts";
import { readFrame } from "./reader.ts";

const PACE = 50;
/** While nothing new is taken, it is enough to know what stays in view. */
const PACE_RESTING = 250;
const TRY_AGAIN = 3_000;

const cameras = new Set<Camera>();

/** Whether any camera of this page runs. */
export function isCameraOn(): boolean {
  return [...cameras].some((camera) => camera.on);
}

export interface Seen {
  text: string;
  /** performance.now() when the frame had been decoded. */
  decodedAt: number;
}

export class Camera {
  readonly video = document.createElement("video");
  /** Milliseconds the last frame took to be taken over and decoded. */
  decodeTime = 0;
  /** While a sheet covers the camera no new code is taken. */
  paused = false;
  /** Until then (performance.now()) no new code is taken, so that a warning is not wiped away by the next one. */
  restUntil = 0;
  /** Whether next() leads to another camera. */
  hasSeveral = false;
  /** Why a camera that ran does not come back; null while it runs. */
  trouble: Trouble | null = null;
  private readonly inView = new InView();
  private readonly looks = new Looks();
  private stream: MediaStream | null = null;
  private opening: Promise<void> | null = null;
  private wanted = false;
  private watching = false;
  private lit = false;

  /** `onChanged`: torch, cameras or trouble may be others than before. */
  constructor(
    private readonly onSeen: (seen: Seen) => void,
    private readonly onChanged: () => void = () => undefined,
  ) {
    this.video.playsInline = true;
    this.video.muted = true;
  }

  get on(): boolean {
    return this.wanted && this.stream !== null;
  }

  /** Whether the torch is on; null where this camera has none. */
  get torch(): boolean | null {
    return this.track && hasTorch(this.track) ? this.lit : null;
  }

  /** Ask for the camera and begin to read. Raises what getUserMedia raises, TypeError over plain http: troubleOf() names it. */
  async start(): Promise<void> {
    this.wanted = true;
    cameras.add(this);
    document.addEventListener("visibilitychange", this.resume);
    if (!this.alive) return this.open();
    await this.video.play().catch(() => undefined);
    void this.watch();
  }

  stop(): void {
    this.wanted = false;
    cameras.delete(this);
    document.removeEventListener("visibilitychange", this.resume);
    this.close();
  }

  /** Raises OverconstrainedError where the camera refuses. */
  async setTorch(on: boolean): Promise<void> {
    if (!this.track || this.torch === null) return;
    await adjust(this.track, on);
    this.lit = on;
    this.onChanged();
  }

  /** Use the phone's next camera for the rest of the shift. Where it does not open, the one before goes on and its error is raised. */
  async next(): Promise<void> {
    const ids = await lenses();
    const before = this.track?.getSettings().deviceId ?? chosenLens();
    const next = ids[(ids.indexOf(before ?? "") + 1) % ids.length];
    if (!next || next === before) return;
    this.lit = false;
    chooseLens(next);
    await this.open().catch(async (error: unknown) => {
      chooseLens(before);
      await this.open();
      throw error;
    });
  }

  private get track(): MediaStreamTrack | null {
    return this.stream?.getVideoTracks()[0] ?? null;
  }

  private get alive(): boolean {
    return this.track?.readyState === "live" && !this.track.muted;
  }

  private open(): Promise<void> {
    this.opening ??= this.openNow().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async openNow(): Promise<void> {
    // Most phones open no second camera beside the first.
    this.close();
    const stream = await openLens();
    if (!this.wanted) return stopAll(stream);
    this.stream = stream;
    this.video.srcObject = stream;
    this.track?.addEventListener("ended", this.resume);
    await this.video.play().catch(() => undefined);
    void this.watch();
    await this.settle();
  }

  private async settle(): Promise<void> {
    this.trouble = null;
    if (this.track) await adjust(this.track, this.lit).catch(() => undefined);
    this.video.dataset.facing = this.track?.getSettings().facingMode ?? "";
    this.hasSeveral = (await lenses().catch(() => [])).length > 1;
    this.onChanged();
  }

  private close(): void {
    this.track?.removeEventListener("ended", this.resume);
    if (this.stream) stopAll(this.stream);
    this.stream = null;
  }

  // iOS ends the stream while another app is in front; a phone call or a loose cable ends it too.
  private readonly resume = async (): Promise<void> => {
    if (document.hidden || !this.wanted) return;
    if (this.alive) return this.video.play().catch(() => undefined);
    await this.open().catch((error: unknown) => this.report(troubleOf(error)));
  };

  // Asking again after a refusal would only show the browser's question again.
  private report(trouble: Trouble): void {
    this.trouble = trouble;
    if (trouble !== "refused") setTimeout(() => void this.resume(), TRY_AGAIN);
    this.onChanged();
  }

  private async watch(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    while (this.wanted) {
      const began = performance.now();
      await this.look(began).catch(() => undefined);
      const pace = this.isResting() ? PACE_RESTING : PACE;
      const rest = Math.max(0, pace - (performance.now() - began));
      await new Promise((done) => setTimeout(done, rest));
    }
    this.watching = false;
  }

  private async look(began: number): Promise<void> {
    // A stream that ended still shows its last frame.
    if (document.hidden || !this.alive) return;
    const look = this.looks.next();
    const texts = await readFrame(this.video, look);
    const decodedAt = performance.now();
    this.decodeTime = decodedAt - began;
    const taking = this.looks.found(look, texts) && !this.isResting();
    const text = this.inView.take(texts, decodedAt, taking);
    if (text !== null && this.wanted) this.onSeen({ text, decodedAt });
  }

  private isResting(): boolean {
    return this.paused || performance.now() < this.restUntil;
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
