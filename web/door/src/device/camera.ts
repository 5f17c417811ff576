/** One camera stream for the whole shift, and the codes read from it. */

import {
  adjust,
  cameraIds,
  chooseCamera,
  chosenCamera,
  hasTorch,
  openStream,
  type Trouble,
  troubleOf,
} from "./cameras.ts";
import { CodesInView, ReadAttempts } from "./read_attempts.ts";
import { readFrame } from "./reader.ts";

const INTERVAL = 50;
/** While no new code is accepted, frames are read only to follow the codes in view. */
const RESTING_INTERVAL = 250;
const RETRY_AFTER = 3_000;

const allCameras = new Set<Camera>();

/** True while a camera of this page is on. */
export function isCameraOn(): boolean {
  return [...allCameras].some((camera) => camera.isOn);
}

export interface DecodedCode {
  text: string;
  /** performance.now() at the end of decoding. */
  decodedAt: number;
}

export class Camera {
  readonly video = document.createElement("video");
  /** Time to capture and decode the latest frame. Milliseconds. */
  decodeTime = 0;
  /** True where next() leads to another camera. */
  hasSeveral = false;
  /** The reason that a started camera does not resume; null while it runs. */
  trouble: Trouble | null = null;
  readonly #onCode: (code: DecodedCode) => void;
  readonly #onChanged: () => void;
  readonly #inView = new CodesInView();
  readonly #attempts = new ReadAttempts();
  #stream: MediaStream | null = null;
  #opening: Promise<void> | null = null;
  #started = false;
  #isReading = false;
  #isLit = false;
  #paused = false;
  #restUntil = 0;

  /** `onChanged`: the torch, the cameras or the trouble may have changed. */
  constructor(onCode: (code: DecodedCode) => void, onChanged: () => void = () => undefined) {
    this.#onCode = onCode;
    this.#onChanged = onChanged;
    this.video.playsInline = true;
    this.video.muted = true;
  }

  get isOn(): boolean {
    return this.#started && this.#stream !== null;
  }

  /** The state of the torch; null where this camera has none. */
  get torch(): boolean | null {
    return this.#track && hasTorch(this.#track) ? this.#isLit : null;
  }

  /**
   * Open the camera and begin to read. Throws the errors of getUserMedia, and TypeError over plain http; troubleOf()
   * names them.
   */
  async start(): Promise<void> {
    this.#started = true;
    allCameras.add(this);
    document.addEventListener("visibilitychange", this.#resume);
    if (!this.#isLive) return this.#open();
    await this.video.play().catch(() => undefined);
    void this.#watch();
  }

  stop(): void {
    this.#started = false;
    allCameras.delete(this);
    document.removeEventListener("visibilitychange", this.#resume);
    this.#close();
  }

  /** Accept no new code while paused: a sheet covers the camera. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
  }

  /** Accept no new code for some milliseconds, so that the next code does not replace an alarm. */
  restFor(pause: number): void {
    this.#restUntil = performance.now() + pause;
  }

  /** The milliseconds until a new code is accepted again; 0 while one is. */
  get resting(): number {
    return Math.max(0, this.#restUntil - performance.now());
  }

  /** Turn the torch on or off. Throws OverconstrainedError where the camera refuses. */
  async setTorch(isOn: boolean): Promise<void> {
    if (!this.#track || this.torch === null) return;
    await adjust(this.#track, isOn);
    this.#isLit = isOn;
    this.#onChanged();
  }

  /**
   * Use the phone's next camera for the rest of the shift. Where it does not open, the previous one resumes and the
   * error is thrown.
   */
  async next(): Promise<void> {
    const ids = await cameraIds();
    const previous = this.#track?.getSettings().deviceId ?? chosenCamera();
    const next = ids[(ids.indexOf(previous ?? "") + 1) % ids.length];
    if (!next || next === previous) return;
    this.#isLit = false;
    chooseCamera(next);
    await this.#open().catch(async (error: unknown) => {
      chooseCamera(previous);
      await this.#open();
      throw error;
    });
  }

  get #track(): MediaStreamTrack | null {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  get #isLive(): boolean {
    return this.#track?.readyState === "live" && !this.#track.muted;
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    // Most phones cannot open a second camera beside the first.
    this.#close();
    const stream = await openStream();
    if (!this.#started) return stopAll(stream);
    this.#stream = stream;
    this.video.srcObject = stream;
    this.#track?.addEventListener("ended", this.#resume);
    await this.video.play().catch(() => undefined);
    void this.#watch();
    await this.#settle();
  }

  async #settle(): Promise<void> {
    this.trouble = null;
    if (this.#track) await adjust(this.#track, this.#isLit).catch(() => undefined);
    this.video.dataset.facing = this.#track?.getSettings().facingMode ?? "";
    this.hasSeveral = (await cameraIds().catch(() => [])).length > 1;
    this.#onChanged();
  }

  #close(): void {
    this.#track?.removeEventListener("ended", this.#resume);
    if (this.#stream) stopAll(this.#stream);
    this.#stream = null;
  }

  // iOS ends the stream while another app is in front; so does a phone call or a loose cable.
  readonly #resume = async (): Promise<void> => {
    if (document.hidden || !this.#started) return;
    if (this.#isLive) return this.video.play().catch(() => undefined);
    await this.#open().catch((error: unknown) => this.#report(troubleOf(error)));
  };

  // After a refusal another attempt would only repeat the browser's question.
  #report(trouble: Trouble): void {
    this.trouble = trouble;
    if (trouble !== "refused") setTimeout(() => void this.#resume(), RETRY_AFTER);
    this.#onChanged();
  }

  async #watch(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#started) {
      const began = performance.now();
      await this.#read(began).catch(() => undefined);
      const interval = this.#isResting() ? RESTING_INTERVAL : INTERVAL;
      const pause = Math.max(0, interval - (performance.now() - began));
      await new Promise((done) => setTimeout(done, pause));
    }
    this.#isReading = false;
  }

  async #read(began: number): Promise<void> {
    // An ended stream still shows its last frame.
    if (document.hidden || !this.#isLive) return;
    const attempt = this.#attempts.next();
    const texts = await readFrame(this.video, attempt);
    const decodedAt = performance.now();
    this.decodeTime = decodedAt - began;
    const acceptsNew = this.#attempts.record(attempt, texts) && !this.#isResting();
    const text = this.#inView.take(texts, decodedAt, acceptsNew);
    if (text !== null && this.#started) this.#onCode({ text, decodedAt });
  }

  #isResting(): boolean {
    return this.#paused || this.resting > 0;
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
