/** Pauses between requests. Milliseconds. */

export const POLL = 3_000;
export const POLL_HIDDEN = 10_000;
const MAX_PAUSE = 60_000;
/** A longer Retry-After than this is cut. */
const MAX_RETRY_AFTER = 300_000;

/**
 * The pause after a number of failures: full jitter below a ceiling that doubles, so that a hall of phones does not
 * return at once.
 */
export function pauseAfter(failures: number, random: () => number = Math.random): number {
  return Math.round(random() * ceilingOf(failures));
}

/** The longest pause after a number of failures. */
export function ceilingOf(failures: number): number {
  return Math.min(MAX_PAUSE, POLL * 2 ** failures);
}

/** The pause of a Retry-After header, in seconds or as a date; 0 without one. */
export function retryAfter(header: string | null, now: number): number {
  if (!header) return 0;
  const pause = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(pause) ? Math.min(Math.max(pause, 0), MAX_RETRY_AFTER) : 0;
}
