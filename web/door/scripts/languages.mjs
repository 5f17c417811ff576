/** The languages: which there are says shared/config.py, what each is like its language.toml. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const PLURAL = /^nplurals=[1-6]; plural=\(([n0-9%=!<>&|?: ()]+)\);$/;

/** The tables of each language, in the order of LANGUAGES. */
export function languagesIn(config, locale) {
  const [, listed] = /^LANGUAGES = \(([^)]*)\)/m.exec(readFileSync(config, "utf8")) ?? [];
  if (!listed) throw new Error(`${config}: no LANGUAGES`);
  const codes = listed.match(/\w+/g);
  return Object.fromEntries(
    codes.map((code) => [code, readTables(readFileSync(join(locale, code, "language.toml"), "utf8"))]),
  );
}

/** TOML as language.toml has it: a section, or a key and its value as in JSON, a line each. */
export function readTables(text) {
  const tables = {};
  let table = tables;
  for (const line of text.split("\n").filter((line) => line.trim() && !line.startsWith("#"))) {
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (section) {
      table = tables[section] = {};
      continue;
    }
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (!key) throw new Error(`language.toml: cannot read ${line}`);
    table[key] = JSON.parse(value);
  }
  return tables;
}

/** The scanner's module: a plural rule is an expression of C, which is one of JavaScript. */
export function moduleOf(languages) {
  const lines = Object.entries(languages).map(([code, { name, direction, plural, dates }]) => {
    const [, rule] = PLURAL.exec(plural) ?? [];
    if (!rule || !name || !direction || dates?.months?.length !== 12)
      throw new Error(`${code}: language.toml is not whole`);
    const known = [
      `name: ${JSON.stringify(name)}`,
      `direction: ${JSON.stringify(direction)}`,
      `months: ${JSON.stringify(dates.months.join("|"))}`,
    ];
    return `  ${code}: { ${known.join(", ")}, plural: (n: number) => Number(${rule}) },`;
  });
  const head = [
    "/** Written by scripts/build.mjs from shared/locale; not to be edited. */",
    "// @ts-nocheck: a language with one form does not ask for n.",
  ];
  return [...head, "", "export const TABLES = {", ...lines, "} as const;", ""].join("\n");
}
