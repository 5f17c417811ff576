/** Plans how frames are read, the middle and the whole in turn and thoroughly at times, and which code in them is new. */

/** One attempt to read a frame. */
export interface ReadAttempt {
  region: "middle" | "whole";
  /** Also reads light codes on a dark ground, which a quick attempt misses. */
  isThorough: boolean;
}

/** An odd number, so that thorough attempts alternate between the middle and the whole. */
const THOROUGH_AFTER = 5;

export class ReadAttempts {
  #turn = 0;
  #misses = 0;
  #hasMiddle = false;

  next(): ReadAttempt {
    return {
      region: this.#turn++ % 2 === 0 ? "middle" : "whole",
      isThorough: this.#misses % THOROUGH_AFTER === THOROUGH_AFTER - 1,
    };
  }

  /**
   * Record an attempt. Returns whether a new code may be judged: none at the edge while another one is in the middle.
   */
  record({ region }: ReadAttempt, texts: string[]): boolean {
    this.#misses = texts.length > 0 ? 0 : this.#misses + 1;
    if (region === "whole") return !this.#hasMiddle;
    this.#hasMiddle = texts.length > 0;
    return true;
  }
}

/** The time out of view after which a code counts as shown again; a shaking hand is shorter. Milliseconds. */
const GONE_AFTER = 3_000;

export class CodesInView {
  readonly #lastSeen = new Map<string, number>();

  /**
   * The new code nearest the middle of a frame, to be judged; null where there is none. Without `acceptsNew` no code
   * becomes known.
   */
  take(texts: string[], now: number, acceptsNew = true): string | null {
    for (const [text, at] of this.#lastSeen) if (now - at > GONE_AFTER) this.#lastSeen.delete(text);
    for (const text of texts) if (this.#lastSeen.has(text)) this.#lastSeen.set(text, now);
    const [nearest] = texts;
    if (nearest === undefined || !acceptsNew || this.#lastSeen.has(nearest)) return null;
    this.#lastSeen.set(nearest, now);
    return nearest;
  }
}
