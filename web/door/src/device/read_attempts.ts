/** Plans how frames are read: the middle and the whole in turn, thoroughly at times. */

/** One attempt to read a frame. */
export interface ReadAttempt {
  region: "middle" | "whole";
  /** Also reads light codes on a dark ground, which a quick attempt misses. */
  isThorough: boolean;
}

/** An odd number, so that thorough attempts alternate between the middle and the whole. */
const THOROUGH_AFTER = 5;

export class ReadAttempts {
  private turn = 0;
  private misses = 0;
  private hasMiddle = false;

  next(): ReadAttempt {
    return {
      region: this.turn++ % 2 === 0 ? "middle" : "whole",
      isThorough: this.misses % THOROUGH_AFTER === THOROUGH_AFTER - 1,
    };
  }

  /**
   * Record an attempt. Returns whether a new code may be judged: none at the edge while another one is in the middle.
   */
  record({ region }: ReadAttempt, texts: string[]): boolean {
    this.misses = texts.length > 0 ? 0 : this.misses + 1;
    if (region === "whole") return !this.hasMiddle;
    this.hasMiddle = texts.length > 0;
    return true;
  }
}
