/** Counts a code that stays in view as one scan. */

/** The time out of view after which a code counts as shown again; a shaking hand is shorter. Milliseconds. */
const GONE_AFTER = 3_000;

export class CodesInView {
  private readonly lastSeen = new Map<string, number>();

  /**
   * The new code nearest the middle of a frame, to be judged; null where there is none. Without `acceptsNew` no code
   * becomes known.
   */
  take(texts: string[], now: number, acceptsNew = true): string | null {
    for (const [text, at] of this.lastSeen) if (now - at > GONE_AFTER) this.lastSeen.delete(text);
    for (const text of texts) if (this.lastSeen.has(text)) this.lastSeen.set(text, now);
    const [nearest] = texts;
    if (nearest === undefined || !acceptsNew || this.lastSeen.has(nearest)) return null;
    this.lastSeen.set(nearest, now);
    return nearest;
  }
}
