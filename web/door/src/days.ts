/** Days in the volunteer's language, as the event's zone counts them. */

import { language, type Language } from "./i18n.ts";

/** As shared/i18n.py has them: browsers know no Tajik. */
const MONTHS: Record<Language, string> = {
  en: "January February March April May June July August September October November December",
  ru: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
  tg: "январ феврал март апрел май июн июл август сентябр октябр ноябр декабр",
};

/** "11 October"; null where a moment is on the same day as now. */
export function dayUnlessToday(at: number, now: number, zone: string): string | null {
  const [day, month] = dateOf(at, zone);
  if (dateOf(now, zone).join() === dateOf(at, zone).join()) return null;
  return `${day} ${MONTHS[language()].split(" ")[(month ?? 1) - 1]}`;
}

function dateOf(at: number, zone: string): number[] {
  const written = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "numeric", year: "numeric", timeZone: zone }).format(at);
  return written.split("/").map(Number);
}
