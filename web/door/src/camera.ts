/** One camera stream for the whole shift, and the codes seen in it. */

import { adjust, cameraIds, chooseCamera, chosenCamera, hasTorch, openStream, troubleOf, type Trouble } from "./cameras.ts";
import { CodesInView } from "./in_view.ts";
import { ReadAttempts } from "./read_attempts.ts";
import { readFrame } from "./reader.ts";

const INTERVAL = 50;
/** While nothing new is taken, it is enough to know what stays in view. */
const RESTING_INTERVAL = 250;
const RETRY_AFTER = 3_000;

const allCameras = new Set<Camera>();

/** Whether any camera of this page runs. */
export function isCameraOn(): boolean {
  return [...allCameras].some((camera) => camera.isOn);
}

export interface DecodedCode {
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
  private readonly inView = new CodesInView();
  private readonly attempts = new ReadAttempts();
  private stream: MediaStream | null = null;
  private opening: Promise<void> | null = null;
  private started = false;
  private isReading = false;
  private isLit = false;

  /** `onChanged`: torch, cameras or trouble may be others than before. */
  constructor(
    private readonly onCode: (code: DecodedCode) => void,
    private readonly onChanged: () => void = () => undefined,
  ) {
    this.video.playsInline = true;
    this.video.muted = true;
  }

  get isOn(): boolean {
    return this.started && this.stream !== null;
  }

  /** Whether the torch is on; null where this camera has none. */
  get torch(): boolean | null {
    return this.track && hasTorch(this.track) ? this.isLit : null;
  }

  /** Ask for the camera and begin to read. Raises what getUserMedia raises, TypeError over plain http: troubleOf() names it. */
  async start(): Promise<void> {
    this.started = true;
    allCameras.add(this);
    document.addEventListener("visibilitychange", this.resume);
    if (!this.isLive) return this.open();
    await this.video.play().catch(() => undefined);
    void this.watch();
  }

  stop(): void {
    this.started = false;
    allCameras.delete(this);
    document.removeEventListener("visibilitychange", this.resume);
    this.close();
  }

  /** Raises OverconstrainedError where the camera refuses. */
  async setTorch(isOn: boolean): Promise<void> {
    if (!this.track || this.torch === null) return;
    await adjust(this.track, isOn);
    this.isLit = isOn;
    this.onChanged();
  }

  /** Use the phone's next camera for the rest of the shift. Where it does not open, the one before goes on and its error is raised. */
  async next(): Promise<void> {
    const ids = await cameraIds();
    const previous = this.track?.getSettings().deviceId ?? chosenCamera();
    const next = ids[(ids.indexOf(previous ?? "") + 1) % ids.length];
    if (!next || next === previous) return;
    this.isLit = false;
    chooseCamera(next);
    await this.open().catch(async (error: unknown) => {
      chooseCamera(previous);
      await this.open();
      throw error;
    });
  }

  private get track(): MediaStreamTrack | null {
    return this.stream?.getVideoTracks()[0] ?? null;
  }

  private get isLive(): boolean {
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
    const stream = await openStream();
    if (!this.started) return stopAll(stream);
    this.stream = stream;
    this.video.srcObject = stream;
    this.track?.addEventListener("ended", this.resume);
    await this.video.play().catch(() => undefined);
    void this.watch();
    await this.settle();
  }

  private async settle(): Promise<void> {
    this.trouble = null;
    if (this.track) await adjust(this.track, this.isLit).catch(() => undefined);
    this.video.dataset.facing = this.track?.getSettings().facingMode ?? "";
    this.hasSeveral = (await cameraIds().catch(() => [])).length > 1;
    this.onChanged();
  }

  private close(): void {
    this.track?.removeEventListener("ended", this.resume);
    if (this.stream) stopAll(this.stream);
    this.stream = null;
  }

  // iOS ends the stream while another app is in front; a phone call or a loose cable ends it too.
  private readonly resume = async (): Promise<void> => {
    if (document.hidden || !this.started) return;
    if (this.isLive) return this.video.play().catch(() => undefined);
    await this.open().catch((error: unknown) => this.report(troubleOf(error)));
  };

  // Asking again after a refusal would only show the browser's question again.
  private report(trouble: Trouble): void {
    this.trouble = trouble;
    if (trouble !== "refused") setTimeout(() => void this.resume(), RETRY_AFTER);
    this.onChanged();
  }

  private async watch(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    while (this.started) {
      const began = performance.now();
      await this.read(began).catch(() => undefined);
      const interval = this.isResting() ? RESTING_INTERVAL : INTERVAL;
      const pause = Math.max(0, interval - (performance.now() - began));
      await new Promise((done) => setTimeout(done, pause));
    }
    this.isReading = false;
  }

  private async read(began: number): Promise<void> {
    // A stream that ended still shows its last frame.
    if (document.hidden || !this.isLive) return;
    const attempt = this.attempts.next();
    const texts = await readFrame(this.video, attempt);
    const decodedAt = performance.now();
    this.decodeTime = decodedAt - began;
    const acceptsNew = this.attempts.record(attempt, texts) && !this.isResting();
    const text = this.inView.take(texts, decodedAt, acceptsNew);
    if (text !== null && this.started) this.onCode({ text, decodedAt });
  }

  private isResting(): boolean {
    return this.paused || performance.now() < this.restUntil;
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
