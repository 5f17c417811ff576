/** One camera stream for the whole shift, and the codes seen in it. */

import { readFrame } from "./reader.ts";

const PIXELS = 400_000;
const PACE = 50;
/** A code counts as shown again only after it was out of sight this long: a shaking hand is not a second ticket. */
const AWAY = 3_000;

export interface Seen {
  text: string;
  /** performance.now() when the frame had been decoded. */
  decodedAt: number;
}

export class Camera {
  readonly video = document.createElement("video");
  /** Milliseconds the last frame took to draw and decode. */
  decodeTime = 0;
  /** While a sheet covers the camera nothing is read. */
  paused = false;
  /** Until then (performance.now()) nothing is read, so that a warning is not wiped away by the next code. */
  restUntil = 0;
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d", { willReadFrequently: true });
  private readonly lastSeen = new Map<string, number>();
  private stream: MediaStream | null = null;
  private running = false;

  constructor(private readonly onSeen: (seen: Seen) => void) {
    this.video.playsInline = true;
    this.video.muted = true;
    document.addEventListener("visibilitychange", () => void this.resume());
  }

  get on(): boolean {
    return this.running;
  }

  /** Ask for the camera and begin to read. Raises what getUserMedia raises; TypeError over plain http. */
  async start(): Promise<void> {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    this.video.srcObject = this.stream;
    await this.video.play();
    if (this.running) return;
    this.running = true;
    void this.watch();
  }

  stop(): void {
    this.running = false;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  // iOS ends the stream while another app is in front.
  private async resume(): Promise<void> {
    if (document.hidden || !this.running) return;
    const alive = this.stream?.getVideoTracks().some((track) => track.readyState === "live" && !track.muted);
    if (alive) return this.video.play().catch(() => undefined);
    await this.start().catch(() => undefined);
  }

  private async watch(): Promise<void> {
    while (this.running) {
      const began = performance.now();
      await this.look().catch(() => undefined);
      const rest = Math.max(0, PACE - (performance.now() - began));
      await new Promise((done) => setTimeout(done, rest));
    }
  }

  private async look(): Promise<void> {
    const began = performance.now();
    const frame = document.hidden || this.paused || began < this.restUntil ? null : this.frame();
    if (!frame) return;
    const text = await readFrame(frame);
    const decodedAt = performance.now();
    this.decodeTime = decodedAt - began;
    if (text !== null && this.isNew(text, decodedAt)) this.onSeen({ text, decodedAt });
  }

  private frame(): ImageData | null {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !videoHeight || !this.context) return null;
    const scale = Math.min(1, Math.sqrt(PIXELS / (videoWidth * videoHeight)));
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.context.drawImage(this.video, 0, 0, width, height);
    return this.context.getImageData(0, 0, width, height);
  }

  private isNew(text: string, now: number): boolean {
    const before = this.lastSeen.get(text) ?? -Infinity;
    this.lastSeen.set(text, now);
    return now - before > AWAY;
  }
}
