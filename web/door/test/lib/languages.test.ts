import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { languagesIn, moduleOf, readTables } from "../../scripts/languages.mjs";
import { keptTogether } from "../../scripts/messages.mjs";
import { TABLES } from "../../src/lib/languages.ts";
import { vectors } from "../support/vectors.ts";

const SHARED = join(import.meta.dirname, "../../../../shared");
const WHOLE = {
  name: "Long",
  direction: "rtl",
  plural: "nplurals=3; plural=(n==0 ? 0 : n==1 ? 1 : 2);",
  unbroken: true,
  dates: { months: Array.from({ length: 12 }, (_, month) => `month ${month}`) },
};

test("the languages are those of the settings, in their order", () => {
  const languages = languagesIn(join(SHARED, "config.py"), join(SHARED, "locale"));
  assert.deepEqual(Object.keys(languages), ["en", "ru", "tg"]);
  assert.deepEqual(Object.keys(TABLES), Object.keys(languages));
});

test("a table is read line by line, and what is no line of ours is an error", () => {
  assert.deepEqual(readTables('# a\nname = "Тоҷикӣ"\n\n[dates]\nmonths = ["январ"]\n'), {
    name: "Тоҷикӣ",
    dates: { months: ["январ"] },
  });
  assert.throws(() => readTables("name = '''x"), SyntaxError);
  assert.throws(() => readTables("[[dates]]"), /cannot read/);
});

test("the module counts by the language's own rule", () => {
  const [, rule = ""] = /plural: \(n: number\) => (.*) \},/.exec(moduleOf({ xx: WHOLE })) ?? [];
  assert.equal(rule, "Number(n==0 ? 0 : n==1 ? 1 : 2)");
  assert.deepEqual([1, 2, 5, 11, 21, 112].map(TABLES.ru.plural), [0, 1, 2, 2, 0, 2]);
});

test("a language that lacks a table is not built", () => {
  assert.throws(() => moduleOf({ xx: { ...WHOLE, dates: { months: [] } } }), /xx: language.toml is not whole/);
  assert.throws(() => moduleOf({ xx: { ...WHOLE, plural: "nplurals=1; plural=(alert(1));" } }), /xx/);
});

for (const { about, text, kept } of vectors<{ about: string; text: string; kept: string }>("typography_vectors.json"))
  test(`spaces that do not break: ${about}`, () => {
    assert.equal(keptTogether(text), kept);
  });
