/** Written by scripts/build.mjs from shared/locale; not to be edited. */
// @ts-nocheck: a language with one form does not ask for n.

export const TABLES = {
  en: { name: "English", direction: "ltr", months: "January|February|March|April|May|June|July|August|September|October|November|December", plural: (n: number) => Number(n != 1) },
  ru: { name: "Русский", direction: "ltr", months: "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря", plural: (n: number) => Number(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2) },
  tg: { name: "Тоҷикӣ", direction: "ltr", months: "январ|феврал|март|апрел|май|июн|июл|август|сентябр|октябр|ноябр|декабр", plural: (n: number) => Number(n != 1) },
} as const;
