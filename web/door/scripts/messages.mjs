/** The door's share of shared/locale: the messages that t() and tn() ask for, out of messages.po. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const CALL = /\btn?\(\s*"([a-z_]+\.[a-z0-9_]+)"/g;

/** The id of every message in the sources. */
export function idsIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts"));
  return [
    ...new Set(
      files.flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(CALL)].map(([, id]) => id)),
    ),
  ];
}

/**
 * Translated messages of a .po text: msgid to its text, or to its plural forms. Fuzzy, obsolete and empty ones count as
 * missing.
 */
export function readPo(text) {
  const messages = new Map();
  for (const block of text.split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((line) => !line.startsWith("#~"));
    if (lines.some((line) => /^#,.*\bfuzzy\b/.test(line))) continue;
    const fields = readFields(lines);
    const forms = Object.keys(fields).filter((name) => name.startsWith("msgstr["));
    const translated = forms.length > 0 ? forms.map((name) => fields[name]) : fields.msgstr;
    if (fields.msgid && !fields.msgctxt && translated?.length && ![].concat(translated).includes(""))
      messages.set(fields.msgid, translated);
  }
  return messages;
}

function readFields(lines) {
  const fields = {};
  let name = "";
  for (const line of lines) {
    const [, keyword, quoted] = /^(?:(msg\S+)\s+)?(".*")\s*$/.exec(line) ?? [];
    if (!quoted) continue;
    if (keyword) {
      name = keyword;
      fields[name] = "";
    }
    fields[name] += JSON.parse(quoted);
  }
  return fields;
}

/** Placeholders that are filled in with a number. */
const NUMBERS = JSON.parse(readFileSync(join(import.meta.dirname, "../../../shared/locale/numbers.json"), "utf8")).join(
  "|",
);
const AFTER_A_NUMBER = new RegExp(`(\\d|%\\((?:${NUMBERS})\\)s) (?=\\p{L})`, "gu");

/** The twin of kept_together() in shared/i18n/messages.py, held to it by tests/shared/typography_vectors.json. */
export function keptTogether(text) {
  return text.replace(AFTER_A_NUMBER, "$1\u00a0").replace(/ (?=— )/g, "\u00a0");
}

/** The door's catalogue of one language, and which messages it lacks. */
export function catalogueOf(ids, poFile, { unbroken = false } = {}) {
  const kept = (text) => (Array.isArray(text) ? text.map(keptTogether) : keptTogether(text));
  const messages = readPo(read(poFile));
  const known = ids.filter((id) => messages.has(id)).map((id) => [id, messages.get(id)]);
  const missing = ids.filter((id) => !messages.has(id));
  return { catalogue: Object.fromEntries(known.map(([id, text]) => [id, unbroken ? kept(text) : text])), missing };
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
