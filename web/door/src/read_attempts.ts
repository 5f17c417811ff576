/** Which part of the next frame is looked at, and how closely: the middle and the whole in turn. */

/** One look at a frame. */
export interface ReadAttempt {
  region: "middle" | "whole";
  /** Also what a quick look cannot read: a light code on a dark ground. */
  isThorough: boolean;
}

/** An odd number, so that a thorough look falls on the middle and on the whole in turn. */
const THOROUGH_AFTER = 5;

export class ReadAttempts {
  private turn = 0;
  private misses = 0;
  private hasMiddle = false;

  next(): ReadAttempt {
    return { region: this.turn++ % 2 === 0 ? "middle" : "whole", isThorough: this.misses % THOROUGH_AFTER === THOROUGH_AFTER - 1 };
  }

  /** Take in what a look found. Returns whether a new code of it may be judged: none at the edge while another is held in the middle. */
  record({ region }: ReadAttempt, texts: string[]): boolean {
    this.misses = texts.length > 0 ? 0 : this.misses + 1;
    if (region === "whole") return !this.hasMiddle;
    this.hasMiddle = texts.length > 0;
    return true;
  }
}
