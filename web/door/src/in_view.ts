/** A code that stays before the camera is one scan, however often it is read. */

/** A code counts as shown again only after it was out of sight this long: a shaking hand is not a second ticket. */
const GONE_AFTER = 3_000;

export class CodesInView {
  private readonly lastSeen = new Map<string, number>();

  /** The code to be judged among those in a frame (nearest the middle first); null where it is none or an old one. Unless `taking`, old ones stay old and new ones stay new. */
  take(texts: string[], now: number, acceptsNew = true): string | null {
    for (const [text, at] of this.lastSeen) if (now - at > GONE_AFTER) this.lastSeen.delete(text);
    for (const text of texts) if (this.lastSeen.has(text)) this.lastSeen.set(text, now);
    const [nearest] = texts;
    if (nearest === undefined || !acceptsNew || this.lastSeen.has(nearest)) return null;
    this.lastSeen.set(nearest, now);
    return nearest;
  }
}
