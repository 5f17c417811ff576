/** Days in the volunteer's language, as the event's zone counts them. */

import { language } from "./i18n.ts";
import { TABLES } from "./languages.ts";

/** "11 October"; null where a moment is on the same day as now. */
export function dayUnlessToday(at: number, now: number, zone: string): string | null {
  const [day, month] = dateOf(at, zone);
  if (dateOf(now, zone).join() === dateOf(at, zone).join()) return null;
  return `${day} ${TABLES[language()].months.split("|")[(month ?? 1) - 1]}`;
}

function dateOf(at: number, zone: string): number[] {
  const written = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "numeric",
    year: "numeric",
    timeZone: zone,
  }).format(at);
  return written.split("/").map(Number);
}
